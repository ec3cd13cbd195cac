r"""A job of a cluster where every machine has engine-recsys.

spark-submit \
    --packages org.neo4j:neo4j-connector-apache-spark_2.13:5.3.10_for_spark_3 \
    load_events.py

ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD of the driver say which graph; executors reach it too.
"""

import sys

from engine.cli import main

sys.argv = [
    "engine",
    "spark",
    "load",
    "--events",
    "s3a://shop/events/",
    "--writers",
    "8",
]
main()
