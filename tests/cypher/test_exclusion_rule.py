"""Every list of items holds the same exclusion rule, word for word."""

import re

import pytest

from engine.store.statements import Statement, catalogue

_RULE = re.compile(r"NOT coalesce\(item\.hidden.*?false\) END\)", re.DOTALL)
_SEEN = "AND NOT ($exclude_seen AND EXISTS { (u)-[event:INTERACTED]->(item) WHERE " + (
    "coalesce(event.at >= $seen_since, true) AND coalesce(event.event IN $seen_events, true) })"
)
_OTHERWISE = {"recommend/for_users": "($exclude_seen AND seen)", "recommend/again": "last >="}
"""Files that tell what was seen in another way, and how."""
_NO_LISTS = ("recommend/users_after", "recommend/evidence")
LISTS = [
    one
    for one in sorted(catalogue().values(), key=lambda one: one.name)
    if one.folder in ("recommend", "similar") and one.name not in _NO_LISTS
]


def _words(text: str) -> str:
    return " ".join(text.split())


def test_there_are_lists() -> None:
    assert len(LISTS) >= 14


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_the_rule_is_that_of_the_others(one: Statement) -> None:
    reference = _words(_RULE.findall(catalogue()["recommend/popular"].text)[0])
    rules = [_words(rule) for rule in _RULE.findall(one.text)]
    assert rules
    assert set(rules) == {reference}
    # No other place filters items: what mentions a property of the rule is a part of it.
    assert one.text.count("item.hidden") == len(rules)
    if (told := _OTHERWISE.get(one.name)) is None:
        assert _words(one.text).count(_SEEN) == len(rules)
    else:
        assert told in one.text
