"""What can be told about a query without a server."""

import pytest

from engine.answering import named_query
from engine.errors import NotFound, UsageError
from engine.store.graph_client import ServerInfo


def test_a_name_may_be_short_where_it_is_clear() -> None:
    assert named_query.find("jaccard").name == "similarity/jaccard"
    assert named_query.find("similarity/jaccard").name == "similarity/jaccard"
    with pytest.raises(NotFound, match="no query 'jacard'") as refused:
        named_query.find("jacard")
    assert "engine query list" in refused.value.hint
    with pytest.raises(NotFound) as refused:
        named_query.find("similarity/jacard")
    assert "did you mean similarity/jaccard" in refused.value.hint


def test_what_needs_gds_is_refused_without_it() -> None:
    one = named_query.find("rank/pagerank_in_gds")
    with pytest.raises(UsageError, match="needs the Graph Data Science plugin"):
        named_query.check_needs(one, ServerInfo("2026.08.1", "community", None, True))
    named_query.check_needs(one, ServerInfo("2026.08.1", "community", "2.99", True))
    named_query.check_needs(
        named_query.find("rank/pagerank"), ServerInfo("5.26.0", "community", None, False)
    )


def test_values_of_programs_and_texts_of_people_are_both_checked() -> None:
    one = named_query.find("rank/pagerank")
    for given in ({"n": "3", "restart": "a,b"}, {"n": 3, "restart": ["a", "b"]}):
        filled = named_query.fill(one, given)
        assert (filled.values["n"], filled.values["restart"]) == (3, ["a", "b"])
        assert filled.slots == {"head": "User", "relation": "INTERACTED", "tail": "Item"}
    for bad in ("0", 0, 2.5, "many", None):
        with pytest.raises(UsageError, match="parameter n must be"):
            named_query.fill(one, {"n": bad})


def test_values_are_shown_as_cypher_writes_them() -> None:
    one = named_query.find("recommend/similar_items")
    given = {"filters": '{"it`s": ["tea", 2, true, null]}', "item": 'a"b\\c'}
    text = named_query.for_browser(one, given)
    assert ':param filters => {`it``s`: ["tea", 2, true, null]}' in text
    assert ':param item => "a\\"b\\\\c"' in text
    assert ":param k => 10" in text
