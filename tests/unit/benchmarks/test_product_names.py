"""Names of products from their types, packages, categories and departments."""

import polars as pl
import pytest

from benchmarks.product_names import name_of, named

_COLUMNS = ("department", "brand", "product_category", "product_type", "package_size")


@pytest.mark.parametrize(
    ("product", "name"),
    [
        (("GROCERY", "Private", "EGGS", "EGGS - X-LARGE", "12 CT"), "Eggs - X-Large, 12 ct"),
        (("GROCERY", "Private", "EGGS", "EGGS - X-LARGE", "A D   1 DZ"), "Eggs - X-Large, 1 dz"),
        # Cut after thirty characters: what is left of the last word says nothing.
        (
            ("GROCERY", "National", "CRACKERS", "CHEESE CRACKERS (CHEEZ-ITS/GOL", "7 OZ"),
            "Cheese Crackers, 7 oz",
        ),
        (
            ("GROCERY", "National", "BREAD", "MAINSTREAM WHEAT/MULTIGRAIN BR", None),
            "Mainstream Wheat/Multigrain",
        ),
        (("MEAT", "National", "BEEF", "LEAN", None), "Beef: Lean"),
        (("PRODUCE", "National", "TROPICAL FRUIT", "BANANAS", "40 LB"), "Bananas"),
        (("DELI", "Private", "SWEET GOODS", "SW GDS:DONUTS", "972372 PK"), "Sweet Goods: Donuts"),
        (("DRUG GM", "National", "HOSIERY/SOCKS", None, None), "Hosiery/Socks, National Brand"),
        (("MISCELLANEOUS", "Private", None, None, "3 CT"), "Miscellaneous, Private Brand, 3 ct"),
        ((None, None, None, None, None), "Product Without a Label"),
    ],
)
def test_a_name_is_made_of_what_is_known(product: tuple[str | None, ...], name: str) -> None:
    assert name_of(**dict(zip(_COLUMNS, product, strict=True))) == name


def test_products_of_one_name_are_numbered_by_how_much_they_are_bought() -> None:
    kinds = ["BANANAS", "BANANAS", "LEMONS", "BANANAS"]
    unknown = {name: pl.lit(None, pl.String) for name in _COLUMNS if name != "product_type"}
    products = pl.DataFrame({"item_id": [7, 8, 9, 10], "product_type": kinds}).with_columns(
        **unknown
    )
    bought = pl.DataFrame({"item_id": [8, 8, 9, 10]})
    found = named(products, bought)
    assert found["item_id"].to_list() == [7, 8, 9, 10]
    assert found["name"].to_list() == ["Bananas #3", "Bananas", "Lemons", "Bananas #2"]
