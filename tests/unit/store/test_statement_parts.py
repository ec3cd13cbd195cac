import pytest

from engine.errors import StoreError
from engine.store.statement_parts import StatementPart, compose, dialects

PLAIN = StatementPart({"purpose": "look up"}, "CALL a()\n\nYIELD node\n")
NEWER = StatementPart({"purpose": "look up"}, "SEARCH node\n")
OUTER = StatementPart({"purpose": "all"}, "// part: part/look_up\nRETURN node\n")
PARTS = {"part/look_up": PLAIN, "part/look_up__cypher25": NEWER, "part/outer": OUTER}


def test_a_part_stands_where_it_is_named_and_as_far_in() -> None:
    found = compose("x/y", "MATCH (a)\n  // part: part/look_up\nRETURN a\n", PARTS)
    assert found.text == "MATCH (a)\n  CALL a()\n\n  YIELD node\nRETURN a\n"
    assert found.parts == (PLAIN,)


def test_a_part_may_hold_parts_and_has_siblings_for_dialects() -> None:
    text = "// part: part/outer"
    assert compose("x/y", text, PARTS).text == "CALL a()\n\nYIELD node\nRETURN node"
    assert compose("x/y", text, PARTS, "cypher25").text == "SEARCH node\nRETURN node"
    assert dialects(text, PARTS) == ["cypher25"]
    assert dialects("RETURN 1", PARTS) == []


def test_a_text_without_parts_stays_as_it_is() -> None:
    found = compose("x/y", "RETURN 1 // part: no line of its own\n", PARTS)
    assert (found.text, found.parts) == ("RETURN 1 // part: no line of its own\n", ())


def test_a_part_that_is_not_there_is_refused() -> None:
    with pytest.raises(StoreError, match="x/y: there is no part part/nothing"):
        compose("x/y", "// part: part/nothing", PARTS)


def test_parts_that_hold_each_other_are_refused() -> None:
    circle = {
        "part/a": StatementPart({}, "// part: part/b"),
        "part/b": StatementPart({}, "// part: part/a"),
    }
    with pytest.raises(StoreError, match="include each other"):
        compose("x/y", "// part: part/a", circle)
