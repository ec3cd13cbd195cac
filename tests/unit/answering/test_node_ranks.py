import pytest

from engine.answering.node_ranks import parse
from engine.errors import UsageError
from engine.graph.pulling.edge_pages import Triple


def test_edges_are_named_by_label_relation_label() -> None:
    assert parse("User-INTERACTED-Item") == Triple("User", "INTERACTED", "Item")


@pytest.mark.parametrize("text", ["", "User", "User-INTERACTED", "User--Item", "A-B-C-D", "-B-C"])
def test_a_text_that_names_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="parameter edges") as refused:
        parse(text)
    assert "User-INTERACTED-Item" in (refused.value.hint or "")
