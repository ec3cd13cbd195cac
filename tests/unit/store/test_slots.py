import pytest

from engine.errors import StoreError
from engine.store.slots import Slot, declared


def test_a_header_declares_name_kind_and_default() -> None:
    found = declared("walk/next", "label, edge: relation = INTERACTED, columns: properties")
    assert found == {
        "label": Slot("label", "label"),
        "edge": Slot("edge", "relation", "INTERACTED"),
        "columns": Slot("columns", "properties"),
    }
    assert declared("walk/next", "none") == {}
    assert found["edge"].as_text() == "edge: relation = INTERACTED"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("relation", "relation"), ("to_relation", "relation"), ("index", "index"), ("head", "label")],
)
def test_a_name_says_its_kind_where_none_is_declared(name: str, kind: str) -> None:
    assert declared("x/y", name)[name].kind == kind


@pytest.mark.parametrize("field", ["a b", "label: colour", "Label", "label = ", ""])
def test_an_entry_that_is_not_understood_is_refused(field: str) -> None:
    with pytest.raises(StoreError, match="not understood"):
        declared("x/y", field)


@pytest.mark.parametrize(
    "value", ["", "1a", "a-b", "a`) DETACH DELETE (n", "a.b", "ä", "x" * 64, "a,b", "a b", "a\n"]
)
def test_what_could_be_more_than_a_name_is_refused(value: str) -> None:
    with pytest.raises(StoreError, match="cannot be the label"):
        Slot("label", "label").check("x/y", value)


def test_an_identifier_of_63_characters_fills_a_slot() -> None:
    assert Slot("label", "label").check("x/y", "x" * 63) == "x" * 63
    assert Slot("label", "label").fill("MATCH (n:`$label`)", "Item") == "MATCH (n:`Item`)"


def test_several_properties_of_one_node_fill_one_slot() -> None:
    slot = Slot("names", "properties")
    assert slot.check("x/y", "colour,size") == "colour,size"
    assert slot.fill("[node.`$names`]", "colour,size") == "[node.`colour`, node.`size`]"
    with pytest.raises(StoreError):
        slot.check("x/y", "colour,")
