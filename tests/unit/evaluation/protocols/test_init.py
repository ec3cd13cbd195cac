import pytest

from engine.errors import UsageError
from engine.evaluation.protocols import (
    PROTOCOLS,
    NextBasket,
    NextItemProtocol,
    Window,
    protocol_named,
)


def test_every_name_is_a_protocol_with_the_options_it_takes() -> None:
    assert [protocol_named(name) for name in PROTOCOLS] == [
        None,
        Window(),
        NextBasket(),
        NextItemProtocol(),
    ]
    assert protocol_named("window", window_days=14, cuts=2) == Window(14, 2)
    assert protocol_named("next-basket", cuts=1) == NextBasket(7, 1)
    assert protocol_named("split", split="random") is None


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("lunar", {}, "there is no protocol lunar"),
        ("window", {"split": "random"}, "--split random is for --protocol split"),
        ("next-item", {"cuts": 2}, "next-item has no windows"),
        ("split", {"window_days": 7}, "split has no windows"),
        (
            "window",
            {"window_days": 0},
            "--window-days must be a whole number from 1 to 3650",
        ),
        ("window", {"window_days": 10**20}, "from 1 to 3650, not 1000"),
        ("window", {"window_days": 1.5}, "not 1.5"),
        ("window", {"window_days": "7"}, "not '7'"),
        ("next-basket", {"cuts": True}, "--cuts must be a whole number from 1 to 520, not True"),
        ("next-basket", {"cuts": 10**9}, "not 1000000000"),
    ],
)
def test_what_a_protocol_does_not_take_is_refused(
    name: str, options: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        protocol_named(name, **options)  # type: ignore[arg-type]
