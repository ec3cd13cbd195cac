"""A Cypher file's header is a contract, and identifiers cannot smuggle Cypher."""

import pytest

from engine.errors import StoreError
from engine.store.statements import catalogue, parse, statement

HEADER = """// purpose: Count things
//   of one label.
// mode: read
// params: at: INTEGER, names: LIST<STRING>, pair: MAP<STRING, FLOAT>
// columns: n: INTEGER
// idents: label
"""


def test_a_header_is_read_whole() -> None:
    one = parse("x/y", HEADER + "MATCH (n:`$label`) RETURN count(n) AS n")

    assert one.purpose == "Count things of one label."
    assert {name: parameter.kind for name, parameter in one.params.items()} == {
        "at": "INTEGER",
        "names": "LIST<STRING>",
        "pair": "MAP<STRING, FLOAT>",
    }
    assert (one.mode, one.columns, one.idents) == ("read", {"n": "INTEGER"}, ("label",))


@pytest.mark.parametrize(
    "text",
    [
        "RETURN 1",
        "// purpose: x\n// mode: read\n// params: none\nRETURN 1",
        "// purpose: x\n// mode: anything\n// params: none\n// columns: none\nRETURN 1",
        "// purpose: x\n// moed: read\nRETURN 1",
    ],
)
def test_an_incomplete_header_is_refused(text: str) -> None:
    with pytest.raises(StoreError):
        parse("x/y", text)


@pytest.mark.parametrize(
    "value", ["", "A B", "x`) DETACH DELETE n //", "\u0430", "1a", "a" * 64, "`", "_x", "a-b"]
)
def test_a_slot_takes_plain_identifiers_only(value: str) -> None:
    one = parse("x/y", HEADER + "MATCH (n:`$label`) RETURN count(n) AS n")
    with pytest.raises(StoreError, match="cannot be"):
        one.query({"label": value})


def test_slots_are_filled_where_they_stand() -> None:
    one = parse("x/y", HEADER + "MATCH (n:`$label`) RETURN count(n) AS n")
    assert one.query({"label": "Category"}).text.endswith(
        "MATCH (n:`Category`) RETURN count(n) AS n"
    )


def test_a_missing_slot_is_a_mistake_of_ours() -> None:
    one = parse("x/y", HEADER + "MATCH (n:`$label`) RETURN count(n) AS n")
    with pytest.raises(StoreError, match="slots"):
        one.query({})


def test_a_slot_may_have_a_kind_and_a_default() -> None:
    text = HEADER.replace("label\n", "label: label = Item, relation, weight: property = weight\n")
    one = parse("x/y", text + "MATCH (n:`$label`)-[r:`$relation`]-() RETURN sum(r.`$weight`) AS n")
    assert [one.slots[name].kind for name in one.idents] == ["label", "relation", "property"]
    filled = one.filled({"relation": "FRIEND"})
    assert filled.endswith("MATCH (n:`Item`)-[r:`FRIEND`]-() RETURN sum(r.`weight`) AS n")
    with pytest.raises(StoreError, match="slots"):
        one.filled()


@pytest.mark.parametrize("line", ["// idents: label: city", "// idents: a b", "// needs: apoc"])
def test_a_header_of_another_kind_is_refused(line: str) -> None:
    header = HEADER.replace("// idents: label", line)
    with pytest.raises(StoreError):
        parse("x/y", header + "RETURN 1 AS n")


def test_the_dialect_is_chosen_by_the_server() -> None:
    for name in catalogue():
        plain = name.split("__cypher25")[0]
        assert statement(plain, cypher25=False).name == plain
    with pytest.raises(StoreError, match="no Cypher statement"):
        statement("no/such", cypher25=True)


def test_every_parameter_can_be_read_from_one_map() -> None:
    text = HEADER + "MATCH (n:`$label`) WHERE n.at > $at AND n.id IN $names RETURN count(n) AS n"
    query = parse("x/y", text).one_parameter_query({"label": "Item"})
    said = query.text.partition("MATCH")[2]
    assert (
        said == " (n:`Item`) WHERE n.at > $params.at AND n.id IN $params.names RETURN count(n) AS n"
    )
    for one in catalogue().values():
        rest = one.one_parameter_query(dict.fromkeys(one.idents, "sample")).text
        assert rest.count("$") == rest.count("$params."), one.name
