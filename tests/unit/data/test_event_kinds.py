"""Kinds of event: folded where that is safe, mapped where somebody says so."""

import polars as pl
import pytest

from engine.data.event_kinds import check_kinds, event_kind, fold_kinds
from engine.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("view", "view"),
        ("add-to-cart", "add-to-cart"),
        ("Product Viewed", "product_viewed"),
        ("PURCHASE", "purchase"),
        ("order.completed", "order_completed"),
        ("1", "1"),
        ("4.0", "4"),
        ("購入", None),
        ("購入 1", None),
        ("Покупка_item", None),
        ("Straße €", "strasse"),
        ("!", None),
        ("x" * 64, None),
    ],
)
def test_a_text_is_a_kind(text: str, kind: str | None) -> None:
    assert event_kind(text, {}) == kind


def test_a_mapping_is_of_the_text_or_of_what_it_folds_to() -> None:
    assert event_kind(" Product Viewed ", {"Product Viewed": "view"}) == "view"
    assert event_kind("PRODUCT VIEWED", {"product_viewed": "view"}) == "view"
    assert event_kind("購入", {"購入": "purchase"}) == "purchase"


def test_only_what_changes_is_named() -> None:
    texts = pl.Series(["view", "View", None, "1", "view"])
    assert fold_kinds(texts, {}) == {"View": "view"}
    assert fold_kinds(texts, {"1": "click"}) == {"View": "view", "1": "click"}


def test_a_kind_that_cannot_be_one_is_refused() -> None:
    check_kinds({"--event": "buy"})
    with pytest.raises(UsageError, match="'Buy It'") as refused:
        check_kinds({"--event": "Buy It"})
    assert "buy_it" in refused.value.hint
