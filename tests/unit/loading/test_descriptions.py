import json
from typing import Any

from engine.data.description import Description
from engine.data.entity_kinds import OwnFact
from engine.data.reading.line_formats import decode
from engine.data.tombstone import ForgettableKind
from engine.loading.descriptions import JudgedDescriptions, attribute_names, judge


def judged(
    *documents: dict[str, Any], kind: ForgettableKind = "item", **widths: int
) -> JudgedDescriptions:
    return judge(kind, [decode(json.dumps(one)) for one in documents], widths)


def only(*documents: dict[str, Any], **widths: int) -> Description:
    found = judged(*documents, **widths)
    assert found.bad == ()
    (one,) = found.descriptions
    return one


def faults(found: JudgedDescriptions) -> list[tuple[int, tuple[str | int, ...], str]]:
    return [(one.row, one.where, one.code) for one in found.bad]


def test_a_value_is_what_a_file_would_make_of_it() -> None:
    given = {"title": "Tea", "Unit Price": 3, "new": True, "tags": ["a", 1], "none": "", "x": {}}
    one = only({"id": "t", "attributes": given, "hidden": False, "expires_at": 1_893_456_000})
    assert one.attributes == {
        "name": "Tea", "unit_price": "3", "new": "true", "tags": ["a", "1"], "hidden": False,
        "expires_at": 1_893_456_000_000,
    }  # fmt: skip
    text = decode('{"id": "t", "attributes": {"price": 3.50}}')
    assert judge("item", [text], {}).descriptions[0].attributes == {"price": "3.50"}


def test_null_removes_by_the_name_that_is_stored() -> None:
    one = only({"id": "t", "attributes": {"Title": None, "a": "b"}, "hidden": None})
    assert (one.attributes, one.removed) == ({"a": "b"}, {"name", "hidden"})


def test_rows_are_judged_by_what_stands_in_each() -> None:
    """A name of one row does not turn the same name of another row into something else."""
    found = judged(
        {"id": "1", "attributes": {"title": "One"}},
        {"id": "2", "attributes": {"name": "Two", "title": "II"}},
        {"id": "3", "attributes": {"Price": 1}},
        {"id": "4", "attributes": {"price": 2}},
    )
    assert [one.attributes for one in found.descriptions] == [
        {"name": "One"}, {"name": "Two", "title": "II"}, {"price": "1"}, {"price": "2"},
    ]  # fmt: skip


def test_what_is_a_vector_in_the_graph_is_one_and_as_long() -> None:
    whole = {"id": "v", "attributes": {"look": [1, 2]}}
    assert only(whole).attributes == {"look": ["1", "2"]}
    assert only(whole, look=2).vectors["look"].tolist() == [1.0, 2.0]
    assert faults(judged(whole, look=3)) == [(0, ("attributes", "look"), "vector-length")]
    by_itself = {"id": "w", "attributes": {"look": [0.5, 2], "more": "x"}}
    longer = {"id": "x", "attributes": {"look": [0.5, 2, 1]}}
    assert faults(judged(by_itself, longer)) == [(1, ("attributes", "look"), "vector-length")]
    text = {"id": "y", "attributes": {"look": "red"}}
    assert only(text).attributes == {"look": "red"}
    assert faults(judged(text, look=2)) == [(0, ("attributes", "look"), "vector-type")]
    quoted = {"id": "z", "attributes": {"look": ["0.5", "red"]}}
    assert faults(judged(quoted, look=2)) == [(0, ("attributes", "look"), "vector-number")]
    assert faults(judged(text, by_itself)) == [(0, ("attributes", "look"), "vector-type")]


def test_what_may_be_a_vector_is_every_attribute_that_gets_a_value() -> None:
    given = {"Look": "red", "sizes": [1, 2], "gone": None}
    assert attribute_names([{"id": "a", "attributes": given}, {"id": "b"}]) == {"look", "sizes"}


def test_facts_have_the_types_and_keys_of_files() -> None:
    one = only(
        {
            "id": "t",
            "facts": [
                {"relation": "in category", "tail": "tea", "tail_type": "category"},
                {"relation": "NEAR", "tail": "7"},
            ],
        }
    )
    assert set(one.facts or {}) == {
        OwnFact("IN_CATEGORY", "Category", "tea"),
        OwnFact("NEAR", "Thing", "7"),
    }
    assert only({"id": "t"}).facts is None
    assert only({"id": "t", "facts": []}).facts == {}
    bad = {"id": "t", "facts": [{"relation": "OK", "tail": "x"}, {"relation": "OK", "tail": "nan"}]}
    assert faults(judged(bad)) == [(0, ("facts", 1, "tail"), "required-value")]


def test_each_fault_is_named_where_it_stands_in_the_order_of_the_rows() -> None:
    found = judged(
        {"id": "n/a"},
        {"id": "a", "attributes": {"batch": 1, "_x": 1, "Hidden": True, "P": 1, "p": 2}},
        {"id": "b", "hidden": False, "expires_at": "later"},
        {"id": "b", "hidden": True},
        {"id": "c", "attributes": {"a": 1}},
        {"id": "c", "attributes": {"a": 1}},
    )
    assert faults(found) == [
        (0, ("id",), "required-value"),
        (1, ("attributes", "Hidden"), "attribute-name"),
        (1, ("attributes", "P"), "attribute-name"),
        (1, ("attributes", "_x"), "attribute-name"),
        (1, ("attributes", "batch"), "attribute-name"),
        (2, ("expires_at",), "type-error"),
        (3, ("id",), "conflict"),
    ]
    assert "stands beside attributes" in found.bad[1].reason
    assert found.bad[5].reason.startswith("expires_at 'later': a cell is not of its field's type;")
    assert found.duplicate == 1


def test_what_is_a_flag_of_an_item_is_an_attribute_of_a_user() -> None:
    found = judged({"id": "u", "attributes": {"hidden": True}}, kind="user")
    assert found.descriptions[0].attributes == {"hidden": True}


def test_a_document_has_no_header() -> None:
    facts = [{"relation": "R", "tail": "tail", "tail_type": "Thing"}]
    for id_ in ("_id", "id", "item_id", "head"):
        one = only({"id": id_, "attributes": {"name": "name"}, "facts": facts})
        assert (one.id, one.attributes, len(one.facts or {})) == (id_, {"name": "name"}, 1)
