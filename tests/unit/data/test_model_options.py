from dataclasses import dataclass

import pytest

from engine.data.model_options import configure, describe, option
from engine.errors import UsageError


@dataclass(frozen=True)
class Config:
    depth: int = option(3, "hops", low=0, high=9)
    rate: float = option(0.5, "step size", low=0)
    kind: str = option("a", "which", choices=("a", "b"))
    least: float = option(3.0, "least weight")
    most: int = option(10, "most rows", low=1)
    deep: bool = option(False, "whether")


def test_text_becomes_values() -> None:
    found = configure(Config, {"depth": "2", "rate": "1e-3", "kind": "b"})
    assert found == Config(2, 0.001, "b")
    assert configure(Config, {"least": "-2", "deep": "yes"}) == Config(least=-2.0, deep=True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("depth", "10"), ("depth", "2.5"), ("rate", "nan"), ("rate", "-1"), ("kind", "c")),
        *(("rate", "1e999"), ("least", "nan"), ("least", "-inf"), ("most", "9" * 20)),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_range(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"{name}={text}") as caught:
        configure(Config, {name: text})
    assert "--set" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "hint"), [("least", "a number"), ("most", "at least 1"), ("deep", "true or false")]
)
def test_the_hint_says_what_a_setting_takes(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        configure(Config, {name: "x"})
    assert caught.value.hint == f"--set {name}=VALUE with VALUE {hint}"


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UsageError) as caught:
        configure(Config, {"width": "1"})
    assert "deep, depth, kind, least, most, rate" in caught.value.hint


def test_describe_shows_range_and_choices() -> None:
    shown = [one.allowed for one in describe(Config, ("depth", "rate", "kind"))]
    assert shown == ["from 0 to 9", "at least 0", "one of a, b"]
