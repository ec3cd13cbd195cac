"""Ages in the unit people would use."""

import pytest

from engine.cli.status import describe_age


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7_200, "2 hours"),
        (86_400 * 2, "2 days"),
        (-1, "in the future"),
    ],
)
def test_an_age_is_readable(seconds: float, said: str) -> None:
    assert describe_age(seconds) == said
