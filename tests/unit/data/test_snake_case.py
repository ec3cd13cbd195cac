"""Names made of what people write."""

import pytest

from engine.data.snake_case import snake_case


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Product Viewed", "product_viewed"),
        ("AddToCart", "add_to_cart"),
        ("PURCHASE", "purchase"),
        ("order.completed", "order_completed"),
        ("HTMLBody", "html_body"),
        ("  Größe / Farbe ", "grosse_farbe"),
        ("Ångström", "angstrom"),
        ("購入", ""),
        ("", ""),
        ("a__b", "a__b"),
        ("_", "_"),
    ],
)
def test_words_are_joined(text: str, name: str) -> None:
    assert snake_case(text) == name


def test_a_hyphen_can_be_kept() -> None:
    assert snake_case("Add-To-Cart", kept="-") == "add-to-cart"
    assert snake_case("Add-To-Cart") == "add_to_cart"
