"""Load and export events with Spark.

``load_with_spark`` is the loading room's own function: it opens the stores itself.
"""

from engine.loading.spark_load import SparkLoadRequest, load_with_spark

__all__ = ["SparkLoadRequest", "load_with_spark"]
