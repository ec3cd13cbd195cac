"""Tune the ranker of a finished run: its rows are gathered once, then settings are tried on them.

Trials learn from all windows but the last and are judged on that; the model's test part is never
looked at. The first trial is the defaults.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import engine
from engine import private_files
from engine.config import Settings
from engine.data.hashing import hash64_all
from engine.data.model_options import Hint, search_space
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import UsageError
from engine.experiments.ranker_training import GatheredWindows
from engine.experiments.tune import TuneReport
from engine.experiments.tune_study import Study, Trial, texts
from engine.interrupt import interruptible
from engine.ranking.ranker import RankerSettings
