"""Options of the commands that measure: where the events come from and how they are cut."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.read_options import read_options
from engine.data.splits import SPLITS

if TYPE_CHECKING:
    from engine.api import JudgingOptions

_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A file of events or a folder of part files, read as engine ingest reads it, without a "
    "database. [default: the graph]",
)
relevance_option = click.option(
    "--relevant-from",
    type=float,
    metavar="WEIGHT",
    help="Least weight of a held-out event that is to be found: 4 of five stars. It is no part of "
    "what is learned: --set confidence=threshold. [default: every event is]",
)
PROTOCOLS = ("split", "window", "next-basket", "next-item")
_PROTOCOL = (
    click.option(
        "--protocol",
        type=click.Choice(PROTOCOLS),
        default="split",
        show_default=True,
        help="How methods are judged. split: one cut, see --split. window: the days after each of "
        "several cuts. next-basket: the last basket that each user began in those days. "
        "next-item: each user's last event, from those before it. docs/protocols.md",
    ),
    click.option(
        "--window-days",
        type=click.IntRange(min=1),
        metavar="DAYS",
        help="Length of a window, of the protocols window and next-basket. [default: 7]",
    ),
    click.option(
        "--cuts",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many cuts, a week or more apart, of these two. [default: 4; of evaluate 1]",
    ),
)
_CUT = (
    click.option(
        "--split",
        type=click.Choice(SPLITS),
        default="auto",
        show_default=True,
        help="How the test part of --protocol split is cut. auto: by time, or at random where most "
        "events have none. given: events of the kind test.",
    ),
    click.option(
        "--seed",
        default=0,
        show_default=True,
        type=click.IntRange(min=0),
        metavar="N",
        help="Of all random draws.",
    ),
)


def protocol_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``, how it is read, ``--protocol``, ``--seed`` and ``--relevant-from``."""
    return _DATA(read_options(cut_options(relevance_option(command))))


def cut_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--protocol`` with its options, ``--split`` and ``--seed``."""
    for add in reversed((*_PROTOCOL, *_CUT)):
        command = add(command)
    return command


def metrics_shown(protocol: str, k: int) -> list[str]:
    """Return the metrics of a table: of baskets and of single items what papers on them give.

    Args:
        protocol: As ``--protocol`` has it.
        k: Length of the longest list that is judged.
    """
    shown = {
        "next-basket": [
            *(f"{metric}@{at}" for metric in ("ndcg", "recall", "phr") for at in {k: 0, 10: 0}),
            *(f"{part}-recall@{k}" for part in ("repeat", "explore")),
        ],
        "next-item": [f"ndcg@{k}", f"hit@{k}"],
    }
    return shown.get(protocol, [f"ndcg@{k}", f"recall@{k}"])


def judging(given: Mapping[str, Any]) -> "JudgingOptions":
    """Return what these options say of how methods are judged."""
    return {
        "protocol": given["protocol"],
        "window_days": given["window_days"],
        "cuts": given["cuts"],
        "split": given["split"],
        "seed": given["seed"],
        "relevant_from": given["relevant_from"],
    }
