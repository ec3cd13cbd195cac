"""What an experiment is asked to be, and whether it can be that."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.ab_tests.ratio_metric import METRICS
from engine.answering.experiment_variants import parse_variant
from engine.data.experiment_definition import BUCKETS, DEFAULT_LAYER, Variant
from engine.data.online_trial import TRIAL_PREFIX
from engine.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_MOST_VARIANTS = 10
_MOST_DAYS = 365


@dataclass(frozen=True)
class ExperimentRequest:
    """What an experiment is to be.

    Attributes:
        variants: Name to text, the control first: ``generation:13:mmr=0.7``.
        shares: Of the variants, in per cent; empty: equal ones.
        metric: By what it is judged.
        layer: Whose users it divides.
        traffic: Share of these users, in per cent.
        days: Horizon that is fixed now; None: always-valid intervals.
        interleave: Every user gets both variants, as one list.
    """

    name: str
    variants: Mapping[str, str]
    shares: Sequence[float] = ()
    metric: str = "conversion"
    layer: str = DEFAULT_LAYER
    traffic: float = 100.0
    days: int | None = None
    interleave: bool = False


def variants_of(request: ExperimentRequest) -> tuple[Variant, ...]:
    """Return the variants of a request that is allowed.

    Raises:
        UsageError: Something is not allowed; the message names it.
    """
    for what, name in (
        ("an experiment", request.name),
        ("a layer", request.layer),
        *(("a variant", name) for name in request.variants),
    ):
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{what} cannot be named {name!r}",
                hint="a name is lower-case letters, digits and hyphens, and begins with a letter",
            )
    if request.name.startswith(TRIAL_PREFIX):
        raise UsageError(
            f"an experiment cannot be named {request.name}: names that begin with {TRIAL_PREFIX} "
            "are those of engine retrain --online-gate",
            hint="choose another name",
        )
    if request.metric not in METRICS:
        raise UsageError(f"metric must be one of {', '.join(METRICS)}, not {request.metric!r}")
    if not 100.0 / BUCKETS <= request.traffic <= 100.0:
        raise UsageError(
            f"traffic must be a percentage from 0.01 to 100, not {request.traffic:g}",
            hint="--traffic 20 takes a fifth of the layer's users",
        )
    if request.days is not None and not 1 <= request.days <= _MOST_DAYS:
        raise UsageError(
            f"days must be a whole number from 1 to {_MOST_DAYS}, not {request.days}",
            hint="leave it out to look at any time",
        )
    if request.interleave:
        _check_interleaved(request)
    shares = _shares(request)
    return tuple(
        parse_variant(name, text, share)
        for (name, text), share in zip(request.variants.items(), shares, strict=True)
    )


def _check_interleaved(request: ExperimentRequest) -> None:
    if len(request.variants) != 2:
        raise UsageError(
            f"two variants are interleaved, not {len(request.variants)}",
            hint="--variant a=serving --variant b=generation:13 --interleave",
        )
    if request.shares:
        raise UsageError(
            "an interleaved experiment has no shares: every user gets both variants",
            hint="leave out --share; for a part of the users: --traffic 20",
        )
    if request.metric != ExperimentRequest.metric:
        raise UsageError(
            f"an interleaved experiment counts items that were chosen, not {request.metric}",
            hint="leave out --metric",
        )


def _shares(request: ExperimentRequest) -> Sequence[float]:
    count = len(request.variants)
    if not 2 <= count <= _MOST_VARIANTS:
        raise UsageError(
            f"an experiment has 2 to {_MOST_VARIANTS} variants, not {count}",
            hint="--variant a=serving --variant b=generation:13",
        )
    shares = request.shares or [100.0 / count] * count
    said = " / ".join(f"{share:g}" for share in shares)
    if len(shares) != count:
        raise UsageError(
            f"there are {count} variants and {len(shares)} shares ({said})",
            hint="one share for each variant, in their order: --share 50/50",
        )
    # A NaN is above nothing, and adds up to nothing.
    if not (all(share > 0.0 for share in shares) and abs(sum(shares) - 100.0) <= 1e-6):
        raise UsageError(
            f"shares must be above 0 and add up to 100, not {sum(shares):g} ({said})",
            hint="--share 50/50; a part of the users: --traffic 20",
        )
    return shares
