"""Variants as they are written."""

import pytest

from engine.answering.experiment_variants import parse_variant
from engine.data.experiment_definition import Variant
from engine.errors import UsageError


def test_what_is_written_is_what_users_get() -> None:
    texts = {
        "generation:13": Variant("b", 50.0, "generation", 13),
        "generation:13:mmr=0.7:at_most=category=2": Variant(
            "b", 50.0, "generation", 13, options={"mmr": 0.7, "at_most": {"category": 2}}
        ),
        "serving:fallback=trending,popular:exclude_seen=false": Variant(
            "b",
            50.0,
            "serving",
            options={"fallback": ["trending", "popular"], "exclude_seen": False},
        ),
        "serving:where=price<=20,category!=tea": Variant(
            "b", 50.0, "serving", options={"where": ["price<=20", "category!=tea"]}
        ),
        "list:cart": Variant("b", 50.0, "list", list="cart"),
        "holdout": Variant("b", 50.0, "holdout"),
    }
    for text, variant in texts.items():
        assert parse_variant("b", text, 50.0) == variant
    assert str(texts["generation:13"]) == "b=generation:13"
    assert str(parse_variant("b", "serving:mmr=0.7", 50.0)) == "b=serving:mmr=0.7"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("generation:new", "'new' is no number of a generation", "engine generations"),
        ("generation:13:mmx=1", "it has no option mmx", "it has allow, at_most"),
        ("serving:k=5", "it has no option k", "engine lists set"),
        ("serving:mmr=much", "mmr='much' cannot be read", "generation:13:mmr=0.7"),
        ("serving:mmr=7", "mmr", ""),
        ("list:", "'list:' says neither", "list:cart"),
        ("thirteen", "'thirteen' says neither a generation nor a list", "holdout"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse_variant("b", text, 50.0)
    assert hint in caught.value.hint
