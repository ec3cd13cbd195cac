"""Texts of the options that shape a list become what it is asked, or say how they should look."""

from pathlib import Path
from typing import Any

import pytest

from engine.api.list_options import question_of
from engine.cli.list_options import read
from engine.data.conditions import Condition
from engine.errors import UsageError
from engine.graph.lists.question import Arrangement, Boost, Question

NOTHING: dict[str, Any] = {
    "exclude_seen": True,
    "seen_days": None,
    "not_shown_within": None,
    "mmr": None,
    "at_most": None,
    "damping": 0.0,
    "explore": 0.0,
    **dict.fromkeys(
        (
            *("where", "seen_event", "fact", "allow", "block", "candidate", "pin", "boost"),
            "attributes",
        ),
        (),
    ),
}


def test_nothing_given_is_the_plain_question() -> None:
    assert question_of(10, read(**NOTHING)) == Question(k=10)
    assert question_of(10, read(**NOTHING | {"explore": 0.2})) == Question(k=10, explore=0.2)


def test_every_option_has_its_place(tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("i1\n\n  i2  \n", encoding="utf-8")
    given = NOTHING | {
        "where": ("kind=tea", "kind=a=b", "size=XL", "price<=20"),
        "fact": ("Brand=1",),
        "allow": (f"@{ids}", "i3"),
        "block": ("i4",),
        "pin": ("i5",),
        "boost": ("i6=2", "kind:tea=0.5"),
        "at_most": "kind=3",
        "attributes": ("price", "image"),
    }
    assert question_of(5, read(**given)) == Question(
        k=5,
        filters={"kind": ("tea", "a=b"), "size": ("XL",)},
        conditions=(Condition("price", "<=", 20.0),),
        facts={"Brand": ("1",)},
        allow=("i1", "i2", "i3"),
        block=("i4",),
        arrangement=Arrangement(
            pins=("i5",), boosts=(Boost(2.0, "i6"), Boost(0.5, "tea", "kind")), at_most=("kind", 3)
        ),
        attributes=("price", "image"),
    )


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("where", ("kind",), "is no condition"),
        ("where", ("=tea",), "is no condition"),
        ("where", ("price<cheap",), "'cheap' is no number"),
        ("fact", ("Brand=",), "NAME=VALUE"),
        ("boost", ("2",), "has no factor"),
        ("boost", ("i1=twice",), "'twice' is not a number"),
        ("at_most", "kind=many", "'many' is not a whole number"),
        ("at_most", "kind=1.5", "'1.5' is not a whole number"),
        ("allow", ("@no-such-file",), "no-such-file"),
    ],
)
def test_what_is_not_of_its_form_is_told(option: str, text: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        read(**(NOTHING | {option: text}))
    flag = "--" + option.replace("_", "-")
    assert flag in refused.value.message
    assert flag in (refused.value.hint or "") or option == "allow"
