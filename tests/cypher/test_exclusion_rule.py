"""Which items may be shown is said in one file, and every list holds it."""

import pytest

from engine.resources import cypher_dir
from engine.store.statements import Statement, catalogue

_RULE = "part/may_be_shown"
_NO_LISTS = ("recommend/evidence",)
LISTS = [
    one
    for one in sorted(catalogue().values(), key=lambda one: one.name)
    if one.folder in ("recommend", "similar") and one.name not in _NO_LISTS
]


def test_there_are_lists() -> None:
    assert len(LISTS) >= 14


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_every_list_holds_the_rule_once(one: Statement) -> None:
    assert one.text.count("coalesce(item.hidden, false)") == 1
    assert {"exclude_seen", "filters", "facts", "block", "only", "now"} <= set(one.params)


def test_no_other_file_says_what_may_be_shown() -> None:
    root = cypher_dir()
    texts = {
        path.relative_to(root).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*.cypher")
    }
    held = {name for name, text in texts.items() if "item.hidden" in text}
    # What is read into memory is items that are not hidden: engine/data/rules.py decides the rest.
    assert held == {_RULE, "generation/popular"}
