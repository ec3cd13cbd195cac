"""Evaluate lists made elsewhere by the protocol of ``compare``, beside the plain methods.

A listed item that the protocol never lists - unknown, without a training event, or seen where only
new items count - is taken out and what follows moves up, as the engine's own lists do without it.
Items of one score or rank stand by their training events, then by id.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.arrays import BoolArray, Int64Array
from engine.data.interactions import Interactions
from engine.data.predictions import Predictions, read_predictions
from engine.data.tabular import Tabular
from engine.errors import UsageError
from engine.evaluation import sample_size
from engine.evaluation.baselines import ALWAYS, BASELINES
from engine.evaluation.evaluation_setup import EvaluationSetup
from engine.evaluation.protocols import EvaluationTask, NextBasket, NextItemProtocol, Window
from engine.evaluation.protocols.cuts import day
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.evaluation.standings import (
    MethodLists,
    MethodStanding,
    headline,
    standing_rows,
    standings,
)
from engine.experiments.compare import check, describe, setup_of
from engine.experiments.compare_request import ComparedData, CompareRequest
from engine.experiments.compared_methods import listed

_NAMED = 5
_LEFT_OUT = (
    "{name} cannot be judged: no list holds anything that its user has in the data, in the test "
    "part neither. Lists of engine recommend leave out what a user had, and the model behind them "
    "knew the test part. Judge the model with engine compare --models NAME, or lists that were "
    "made from the training part alone."
)


@dataclass(frozen=True)
class UnknownIds:
    """Ids of the file that the data has not: how many, and the first of them."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class EvaluateReport(Tabular):
    """What lists from elsewhere are worth.

    Attributes:
        users: Users of the file that the data has not; their lists are not judged.
        items: Items likewise; they are taken out of the lists.
        without_list: Users who are asked and have no list: they count 0, by question.
        taken_out: Places of asked users that the protocol never lists, by question.
        without_seen: Whether the lists hold nothing that their users had, the test part included:
            then they were made to leave it out, and cannot be judged by it.
    """

    lines: list[str]
    judged: str
    data: dict[str, Any]
    rows: list[MethodStanding]
    users: UnknownIds
    items: UnknownIds
    without_list: dict[str, int]
    taken_out: dict[str, int]
    without_seen: bool
    remarks: list[str]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per question and method, the best first."""
        return standing_rows(self.rows, self.judged)

    def remarks_for_reader(self) -> list[str]:
        """Return who wins, and what has to be known beside."""
        return [*self.lines, *self.remarks]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def check_cuts(name: str, request: CompareRequest) -> None:
    """Refuse a protocol of several cuts before anything is read.

    Args:
        name: Of the file of lists.
        request: Its protocol.

    Raises:
        UsageError: The protocol has several cuts.
    """
    asked = request.protocol
    if isinstance(asked, Window | NextBasket) and asked.cuts > 1:
        raise UsageError(
            f"{name} holds one list for each user, made at one moment, and {asked.cuts} cuts ask "
            "for a list at each",
            hint="give --cuts 1, and a file for each moment: --data with the events up to the end "
            "of an older window judges lists of that one",
        )


def read_lists(path: Path, request: CompareRequest) -> Predictions:
    """Return the lists of a file; no database is needed.

    Args:
        path: user_id, item_id, and rank or score.
        request: Its ``reading`` says how, for the file of events too.

    Raises:
        FileRefused: The file cannot be used: every row must be right.
    """
    return read_predictions(path, request.reading.beside("predictions"))


def evaluate(
    predictions: Predictions,
    request: CompareRequest,
    data: ComparedData,
    cutoffs: Sequence[int],
) -> EvaluateReport:
    """Judge lists made elsewhere.

    Args:
        predictions: See ``read_lists``.
        request: The split and the seed; its models do not matter.
        data: The events.
        cutoffs: Lengths of list that are judged.

    Raises:
        DataError: The events lack what the protocol goes by, or are too few.
        UsageError: The protocol has several cuts: a list belongs to one.
    """
    check_cuts(predictions.name, request)
    rows = predictions.rows
    material, remarks = data.material, data.remarks
    events = material.events
    request = request.on(events)
    setup = setup_of(request, material, tuple(sorted(set(cutoffs))))
    asked = check(setup)
    users, items = events.users.positions(rows["user"]), events.items.positions(rows["item"])
    known = users >= 0
    missing, taken, lists = {}, {}, {}
    for seen, (question,) in setup.questions.items():
        word = "seen" if seen else "unseen"
        kept = known & _allowed(question, users, items)
        own = users[kept], items[kept], rows["place"].to_numpy()[kept]
        lists[seen] = [_lists(question, own, setup.longest)]
        missing[word] = int((lists[seen][0][:, 0] < 0).sum())
        taken[word] = int((~kept & np.isin(users, question.users)).sum())
    contestants = [MethodLists(predictions.name, "lists", lists), *_always(setup)]
    judged = standings(setup, contestants)
    without_seen = _without_seen(events, users, items)
    notes = headline(judged, setup.judged, sample_size.cause(setup.tasks[0].parts))
    return EvaluateReport(
        [_LEFT_OUT.format(name=predictions.name)] if without_seen else notes,
        setup.judged,
        describe(material, request, setup) | asked,
        judged,
        _unknown(rows["user"].to_list(), users),
        _unknown(rows["item"].to_list(), items),
        missing,
        taken,
        without_seen,
        [
            *(f"{predictions.name}: {note}" for note in predictions.notes.lines()),
            *remarks,
            _made_from(request, setup.tasks[0]),
        ],
    )


def _made_from(request: CompareRequest, task: EvaluationTask) -> str:
    """Say what lists must have been made from, so that they know nothing of what they are asked."""
    name = request.cut().judged_by.name
    if task.cut is not None:
        known = f"what happened before {day(task.cut)}, 0:00 UTC, and from nothing later"
    elif name == NextItemProtocol.name:
        known = "the events without each user's last moment"
    else:
        known = f"the {len(task.parts.earlier)} events of the training part alone"
    return f"Judged by --protocol {name}: the lists must have been made from {known}."


def _allowed(question: RankingTask, users: Int64Array, items: Int64Array) -> BoolArray:
    """Return whether the protocol could list that item to that user."""
    allowed = (items >= 0) & ~question.never[items]
    if question.hidden is not None:
        pair = (users >= 0) & allowed
        hidden = np.asarray(question.hidden[users[pair], items[pair]]).ravel() > 0
        allowed[np.flatnonzero(pair)[hidden]] = False
    result: BoolArray = allowed
    return result


def _without_seen(events: Interactions, users: Int64Array, items: Int64Array) -> bool:
    """Return whether lists of known users hold none of the items that these users ever had."""
    known = (users >= 0) & (items >= 0)
    if not known.any():
        return False
    had = events.csr(binary=True)
    return not np.asarray(had[users[known], items[known]]).any()


def _lists(
    question: RankingTask, pairs: tuple[Int64Array, Int64Array, Int64Array], k: int
) -> Int64Array:
    """Return ``(n_asked, k)`` lists of (user, item, place in the file's list)."""
    users, items, places = pairs
    lists = np.full((len(question.users), k), -1, dtype=np.int64)
    order = np.lexsort((question.tie_order[items], places, users))
    users, items = users[order], items[order]
    place = np.arange(len(users)) - np.searchsorted(users, users, side="left")
    row = np.searchsorted(question.users, users)
    fits = (place < k) & np.isin(users, question.users)
    lists[row[fits], place[fits]] = items[fits]
    return lists


def _always(setup: EvaluationSetup) -> list[MethodLists]:
    return [listed(name, "plain", partial(_plain_score, name), setup) for name in ALWAYS]


def _plain_score(name: str, task: EvaluationTask) -> UserScorer:
    return BASELINES[name](task.parts.earlier)


def _unknown(ids: list[str], positions: Int64Array) -> UnknownIds:
    absent = list(dict.fromkeys(ids[row] for row in np.flatnonzero(positions < 0)))
    return UnknownIds(len(absent), tuple(absent[:_NAMED]))
