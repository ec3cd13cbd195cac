"""Protocols: what is known, what must be predicted, and how often, the same for every method.

A protocol is one value object in a module of its own. It returns evaluation tasks, on all of which
every method is judged: with seen items allowed, and of new items only.
"""

from typing import Any, ClassVar, Protocol

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.splits import SplitKind
from engine.data.whole_numbers import check_whole
from engine.errors import UsageError
from engine.evaluation.protocols.evaluation_task import Draw, EvaluationTask
from engine.evaluation.protocols.next_basket import NextBasket
from engine.evaluation.protocols.next_item import NextItemProtocol
from engine.evaluation.protocols.single_split import SingleSplit
from engine.evaluation.protocols.window import Window

__all__ = [
    "PROTOCOLS",
    "Draw",
    "EvaluationProtocol",
    "EvaluationTask",
    "NextBasket",
    "NextItemProtocol",
    "SingleSplit",
    "Window",
    "protocol_named",
]

PROTOCOLS = ("split", "window", "next-basket", "next-item")
MOST_DAYS, MOST_CUTS = 3_650, 520
"""Ten years, and as many weeks."""


class EvaluationProtocol(Protocol):
    """A way to judge methods.

    Attributes:
        name: As ``--protocol`` has it.
        cutoffs: Lengths of list that are judged; ndcg at the longest decides who wins.
        by_basket: Whether it asks which basket an event is of.
    """

    name: ClassVar[str]
    cutoffs: ClassVar[tuple[int, ...]]
    by_basket: ClassVar[bool]

    def settings(self) -> dict[str, Any]:
        """Return what it is called with, as plain values."""

    def tasks(
        self, events: Interactions, draw: Draw, baskets: Int64Array | None = None
    ) -> list[EvaluationTask]:
        """Return the tasks, oldest first, one at least.

        Args:
            events: All of them.
            draw: Returns the generator of a draw by its name.
            baskets: ``(n,)``, the number of the basket that each event names, -1 for none, where
                ``by_basket`` asks for it.

        Raises:
            DataError: The events lack what the protocol goes by, or are too few.
        """

    def notes(self, events: Interactions, baskets: Int64Array | None = None) -> list[str]:
        """Return what a reader has to know of its tasks on some events.

        Raises:
            DataError: As ``tasks``.
        """


def protocol_named(
    name: str,
    *,
    split: SplitKind = "auto",
    window_days: int | None = None,
    cuts: int | None = None,
) -> EvaluationProtocol | None:
    """Return a protocol by its name; None for ``split``, which each request holds itself.

    Args:
        name: One of ``PROTOCOLS``.
        split: How a single split is cut; another protocol takes none.
        window_days: Length of a window, 1 to ``MOST_DAYS``; None: 7.
        cuts: How many cuts, 1 to ``MOST_CUTS``; None: 4.

    Raises:
        UsageError: There is no such protocol, it does not take what is given, or a number is none
            of these.
    """
    if name not in PROTOCOLS:
        raise UsageError(f"there is no protocol {name}", hint=f"use one of {', '.join(PROTOCOLS)}")
    if name != "split" and split != "auto":
        raise UsageError(
            f"--split {split} is for --protocol split, not for {name}", hint="leave --split out"
        )
    given = {"days": window_days, "cuts": cuts}
    chosen = {field: value for field, value in given.items() if value is not None}
    if name in ("split", "next-item"):
        if chosen:
            raise UsageError(
                f"--protocol {name} has no windows and no cuts",
                hint="leave out --window-days and --cuts, or give --protocol window",
            )
        return NextItemProtocol() if name == "next-item" else None
    for flag, value, most in (
        ("--window-days", window_days, MOST_DAYS),
        ("--cuts", cuts, MOST_CUTS),
    ):
        if value is not None:
            check_whole(flag, value, 1, most, f"leave {flag} out for its default")
    return Window(**chosen) if name == "window" else NextBasket(**chosen)
