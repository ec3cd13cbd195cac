"""The trial of a night's candidate on a part of the users, before it serves everybody."""

from dataclasses import dataclass

TRIAL_PREFIX = "online-gate-"
"""Begins the names of experiments that nights start; a generation's number ends them."""
IN_SERVICE, CANDIDATE = "serving", "candidate"
"""The variants of such an experiment."""


@dataclass(frozen=True)
class OnlineGateLimits:
    """What the online gate asks.

    Attributes:
        share: Of the layer's users who get the candidate, in per cent.
        users: Of each variant, before the candidate may be promoted.
        margin: How much worse the candidate's rate may be, as a share of that of what serves.
        metric: The rate: one of ``engine.ab_tests.ratio_metric.METRICS``.
        days: After which a trial that showed nothing ends.
        event: The kind of event that is a conversion; None: the only one that names a list.
    """

    share: float = 10.0
    users: int = 1_000
    margin: float = 0.05
    metric: str = "conversions-per-user"
    days: float = 14.0
    event: str | None = None


@dataclass(frozen=True)
class OnlineTrial:
    """What an experiment that a night started is judged by.

    Attributes:
        night: Its number.
        candidate: The generation that is on trial.
        in_service: The one that it is compared with.
    """

    night: int
    candidate: int
    in_service: int
    limits: OnlineGateLimits
