"""Load and export events with Spark, and the file by which a cluster does it.

``load_with_spark`` and ``export_with_spark`` are the rooms' own functions: they open the stores
themselves.
"""

import json
from collections.abc import Sequence

from engine.answering.spark_export import SparkExport, export_with_spark
from engine.loading.spark_load import SparkLoadRequest, load_with_spark
from engine.store.spark_cluster import SparkSettings
from engine.store.spark_table import CONNECTOR

__all__ = [
    "SparkExport",
    "SparkLoadRequest",
    "SparkSettings",
    "export_with_spark",
    "job_file",
    "load_with_spark",
]
_JOB = '''r"""A job of a cluster where every machine has engine-recsys.

spark-submit \\
    --packages {connector} \\
    {name}

ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD of the driver say which graph; executors reach it too.
"""

import sys

from engine.cli import main

sys.argv = [
{words}
]
main()
'''


def job_file(arguments: Sequence[str], name: str) -> str:
    """Return the program that ``spark-submit`` takes to run a command on a cluster.

    Args:
        arguments: Of ``engine``.
        name: Of the file, for the line to type.
    """
    words = "\n".join(f"    {_literal(word)}," for word in ("engine", *arguments))
    return _JOB.format(connector=CONNECTOR, name=name, words=words)


def _literal(word: str) -> str:
    """Return a word as Python writes it; what JSON makes of an emoji is another text there."""
    return json.dumps(word) if word.isascii() else ascii(word)
