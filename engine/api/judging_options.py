"""How methods are judged, by name: the same for every call that measures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from engine.data.option_names import check_names
from engine.data.whole_numbers import LARGEST, check_whole

if TYPE_CHECKING:
    from engine.usecases.comparing import CompareRequest, EvaluationProtocol, SplitKind

Protocol = Literal["split", "window", "next-basket", "next-item"]


class JudgingOptions(TypedDict, total=False):
    """How events are cut into what is learned and what is to be found; ``docs/protocols.md``.

    Attributes:
        protocol: ``split``: one cut, see below. ``window``: the days after each of several cuts.
            ``next-basket``: the last basket that each user began in those days. ``next-item``: each
            user's last event.
        window_days: Length of a window, of ``window`` and ``next-basket``; 7 where it is None.
        cuts: How many cuts, a week or more apart, of these two; 4 where it is None.
        split: How the test part of ``split`` is cut: ``auto``, ``time``, ``random``, ...
        seed: Of all random draws.
        relevant_from: Least weight of a held-out event that is to be found; None: every event is.
    """

    protocol: Protocol
    window_days: int | None
    cuts: int | None
    split: "SplitKind"
    seed: int
    relevant_from: float | None


def protocol_of(options: JudgingOptions) -> "EvaluationProtocol | None":
    """Return what ``protocol`` and its options name; None: a split, which a request holds itself.

    Raises:
        UsageError: The protocol does not take an option that is given, or there is no such option.
    """
    from engine.usecases.comparing import protocol_named

    check_names(options, JudgingOptions, "there is no option", "judging takes")
    return protocol_named(
        options.get("protocol", "split"),
        split=options.get("split", "auto"),
        window_days=options.get("window_days"),
        cuts=options.get("cuts"),
    )


def request_of(
    options: JudgingOptions, models: tuple[str, ...] = (), **more: Any
) -> "CompareRequest":
    """Return the request of a comparison, an evaluation or a search.

    Raises:
        UsageError: As ``protocol_of`` and ``checked_seed``.
    """
    from engine.usecases.comparing import CompareRequest

    return CompareRequest(
        models,
        split=options.get("split", "auto"),
        seed=checked_seed(options.get("seed", 0)),
        relevant_from=options.get("relevant_from"),
        protocol=protocol_of(options),
        **more,
    )


def checked_seed(seed: int) -> int:
    """Return the seed of all random draws.

    Raises:
        UsageError: It is no whole number, below 0 or more than a registry holds.
    """
    check_whole("seed", seed, 0, LARGEST, "leave it out for 0")
    return seed


def settings_text(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings of models as the texts that ``--set`` takes.

    >>> settings_text({"epochs": 20, "shuffle": "users", "texts": ["title", "brand"], "cold": True})
    {'epochs': '20', 'shuffle': 'users', 'texts': 'title,brand', 'cold': 'true'}
    """
    return {name: _text(value) for name, value in settings.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(_text(one) for one in value)
    return str(value)
