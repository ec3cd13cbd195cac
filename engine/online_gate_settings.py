"""Settings of ``engine retrain --online-gate``; ``engine/config.py`` reads them with the others."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class OnlineGateSettings(BaseSettings):
    """Who gets a night's candidate first, and what it must show before it serves everybody."""

    online_gate_share: float = Field(
        default=10.0,
        ge=1.0,
        le=50.0,
        description="per cent of the users who get a candidate that is on trial; 5 to 10 is usual",
    )
    online_gate_users: int = Field(
        default=1_000,
        ge=50,
        description="users of the candidate, and of what serves, before it may be promoted",
    )
    online_gate_margin: float = Field(
        default=0.05,
        gt=0.0,
        le=0.5,
        description="how much worse than what serves a candidate may be, as a share of its rate",
    )
    online_gate_metric: Literal["conversion", "value", "conversions-per-user", "value-per-user"] = (
        Field(default="conversions-per-user", description="the rate that must not fall")
    )
    online_gate_days: float = Field(
        default=14.0,
        ge=1.0,
        le=365.0,
        description="a trial that showed nothing by then ends, and what served serves on",
    )
    online_gate_event: str | None = Field(
        default=None,
        description="the kind of event that is a conversion; none: the only one that names lists",
    )
