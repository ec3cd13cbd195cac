"""``engine graph``: what cannot be built is refused before a database is started."""

import pytest

from .refusal import refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["co-occurrence", "--weight", "buy"], "--weight 'buy' has no factor"),
        (["co-occurrence", "--weight", "buy=much"], "'much' is not a number"),
        (["co-occurrence", "--top", "0"], "top must be"),
        (["co-occurrence", "--session-gap", "0"], "session_gap"),
        (["sequential", "--window", "101"], "window must be"),
    ],
)
def test_what_cannot_be_built_is_refused(arguments: list[str], says: str) -> None:
    assert says in refused("graph", "build", *arguments).message
