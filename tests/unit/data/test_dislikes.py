"""What a text names as disliked, and which items memory leaves out by it."""

import pytest

from engine.data.dislikes import DislikedTarget, HeldDislikes
from engine.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind", "key", "label"),
    [
        ("green-tea", "Item", "green-tea", "Item"),
        ("Brand=x", "Brand", "Brand:x", "Entity"),
        ("Brand=a=b", "Brand", "Brand:a=b", "Entity"),
        ("brand=x", "Item", "brand=x", "Item"),
        ("Item=Brand=x", "Item", "Brand=x", "Item"),
    ],
)
def test_a_text_names_an_item_or_a_fact(text: str, kind: str, key: str, label: str) -> None:
    found = DislikedTarget.of(text)
    assert (found.kind, found.key, found.node.label) == (kind, key, label)


@pytest.mark.parametrize("text", ["", " ", "User=alice", "Brand=null", "a\nb", "x" * 257])
def test_what_cannot_be_disliked_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be disliked|is no id"):
        DislikedTarget.of(text)


def test_memory_leaves_out_items_and_all_of_a_fact() -> None:
    held = HeldDislikes(frozenset({"a"}), frozenset({"Brand:x"}))
    assert held.name("a", frozenset())
    assert held.name("b", frozenset({"Brand:x", "Brand:y"}))
    assert not held.name("b", frozenset({"Brand:y"}))
    assert held.name("b", None), "of an item whose facts are not held nobody knows"
    assert not HeldDislikes(frozenset({"a"})).name("b", None)
