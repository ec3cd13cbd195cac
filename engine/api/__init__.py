"""The library: ``engine.connect()`` gives an ``Engine``; the command line is its first client.

Names that are exported here, their parameters and the columns of their frames keep their meaning
within a major version: what is to go is deprecated for one minor version first, by a
``DeprecationWarning`` that names what takes its place.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from engine.api.administration import Administration
from engine.api.demonstration import Demonstration
from engine.api.describing import Describing
from engine.api.exchanging import Exchanging
from engine.api.experimenting import Experimenting
from engine.api.feedback import Feedback
from engine.api.forgetting import Forgetting
from engine.api.frames import Source
from engine.api.generations import Generations
from engine.api.graph_methods import GraphMethods
from engine.api.judging import Judging
from engine.api.judging_options import JudgingOptions
from engine.api.list_naming import ListNaming
from engine.api.list_options import ListOptions
from engine.api.list_requests import ListRequests
from engine.api.loading import Loading
from engine.api.nights import NightOptions, Nights
from engine.api.outcomes import Outcomes
from engine.api.spark_calls import SparkCalls
from engine.api.trained_run import TrainedRun
from engine.api.training import Training
from engine.api.tuning import Tuning
from engine.api.undoing import Undoing
from engine.api.upkeep import Upkeep
from engine.config import Settings, load
from engine.data.reading.read_options import ReadOptions
from engine.data.sql_query import SqlQuery
from engine.errors import ConfigError

if TYPE_CHECKING:
    from engine.usecases.comparing import CompareReport, EvaluateReport

__all__ = [
    "Engine",
    "JudgingOptions",
    "ListOptions",
    "NightOptions",
    "ReadOptions",
    "Settings",
    "SqlQuery",
    "TrainedRun",
    "compare",
    "connect",
    "evaluate",
]


class Engine(
    Loading,
    SparkCalls,
    Describing,
    Training,
    Tuning,
    Judging,
    Generations,
    Nights,
    ListRequests,
    ListNaming,
    Outcomes,
    Experimenting,
    GraphMethods,
    Exchanging,
    Feedback,
    Forgetting,
    Undoing,
    Administration,
    Upkeep,
    Demonstration,
):
    """Everything that can be done with a graph; ``connect`` makes one."""


def connect(
    uri: str | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
    home: str | Path | None = None,
    progress: bool = True,
    **settings: Any,
) -> Engine:
    """Return the engine on a graph; nothing is opened, or started, before it is needed.

    What is not given comes from ``ENGINE_…`` variables, then from ``engine.toml`` of the working
    folder, then from the defaults, as everywhere: ``engine config show`` lists them.

    >>> with engine.connect() as e:
    ...     found = e.recommend("alice", k=3)

    Args:
        uri: Of a Neo4j server; None: the engine's own, which is started when it is needed.
        user: Of that server.
        password: Of that server.
        database: Of that server.
        home: Folder of everything the engine keeps on disk.
        progress: Show how far long work is.
        settings: Other settings by name, such as ``device="cpu"``.

    Raises:
        ConfigError: A setting is unknown, malformed or contradicts another.
    """
    given = {
        "neo4j_uri": uri,
        "neo4j_user": user,
        "neo4j_password": password,
        "neo4j_database": database,
        "home": home,
        **settings,
    }
    if unknown := sorted(set(settings) - set(Settings.model_fields)):
        raise ConfigError(f"there is no setting {unknown[0]}", hint="engine config show lists them")
    return Engine(load(**given), progress=progress)


def compare(
    models: Sequence[str], events: Source, **more: Unpack[JudgingOptions]
) -> "CompareReport":
    """Compare models on a file or a frame of events; needs no database.

    >>> found = engine.compare(["item-knn"], events_df)

    Finished models are kept under ``home`` and not trained again. ``Engine.compare`` takes settings
    of models, and writes the HTML report.
    """
    with connect() as here:
        return here.compare(models, events, **more)


def evaluate(lists: Source, events: Source, **more: Unpack[JudgingOptions]) -> "EvaluateReport":
    """Judge lists made elsewhere on a file or a frame of events; needs no database.

    Args:
        lists: user_id, item_id, and rank or score.
        events: What happened.
        more: See ``JudgingOptions``.
    """
    with connect() as here:
        return here.evaluate(lists, events, **more)
