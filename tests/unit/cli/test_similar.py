"""``engine similar``: several items are a basket."""

from .refusal import refused


def test_only_a_basket_has_several_items() -> None:
    error = refused("similar", "tea", "cup", "--by", "next")
    assert error.message == "--by next takes one ITEM, not 2"
    assert "bought-together" in (error.hint or "")
