"""Classes of what the library returns, for annotations; importing them imports PyTorch."""

from engine.usecases.comparing import (
    CompareReport,
    EvaluateReport,
    MethodStanding,
    PaperTableRow,
    TuneReport,
    UnknownIds,
)
from engine.usecases.demonstration import DemoReport, Household, SharedItems
from engine.usecases.exchanging import FolderFile, ImportReport, Manifest
from engine.usecases.forgetting import ForgetCertificate, PersonArchive
from engine.usecases.generations import PointerMove, Promotion
from engine.usecases.graph_methods import (
    BuildReport,
    ContentIndex,
    QueryResult,
    Ranks,
    SampledEdge,
    Statement,
    StoredGraph,
)
from engine.usecases.ingesting import FileReport
from engine.usecases.keys import ApiKey, NewKey
from engine.usecases.migration import LockHolder, MigrationReport, MigrationStatus
from engine.usecases.modelling import Published, RankerReport, TrainReport
from engine.usecases.outcomes import EventOutcome, GroupOutcomes, OutcomeReport, WhatIfReport
from engine.usecases.recommending import (
    Explanation,
    Exported,
    RecommendationList,
    Recommended,
    SimilarUsers,
)
from engine.usecases.retraining import NightSummary
from engine.usecases.status import EngineStatus, Run
from engine.usecases.undoing import RetractReport, UndoReport, WrittenLoad
from engine.usecases.upkeep import CheckReport, Finding, Leftover, TidyReport

__all__ = [
    "ApiKey",
    "BuildReport",
    "CheckReport",
    "CompareReport",
    "ContentIndex",
    "DemoReport",
    "EngineStatus",
    "EvaluateReport",
    "EventOutcome",
    "Explanation",
    "Exported",
    "FileReport",
    "Finding",
    "FolderFile",
    "ForgetCertificate",
    "GroupOutcomes",
    "Household",
    "ImportReport",
    "Leftover",
    "LockHolder",
    "Manifest",
    "MethodStanding",
    "MigrationReport",
    "MigrationStatus",
    "NewKey",
    "NightSummary",
    "OutcomeReport",
    "PaperTableRow",
    "PersonArchive",
    "PointerMove",
    "Promotion",
    "Published",
    "QueryResult",
    "RankerReport",
    "Ranks",
    "RecommendationList",
    "Recommended",
    "RetractReport",
    "Run",
    "SampledEdge",
    "SharedItems",
    "SimilarUsers",
    "Statement",
    "StoredGraph",
    "TidyReport",
    "TrainReport",
    "TuneReport",
    "UndoReport",
    "UnknownIds",
    "WhatIfReport",
    "WrittenLoad",
]
