"""Names that people can read, from what completejourney says of its products.

The data knows products by type and package (``EGGS - X-LARGE``, ``1 DZ``), in capitals, cut after
thirty characters and full of abbreviations. Several products share both; the one that is bought
most keeps the plain name, the others are numbered: ``White Milk, 1 ga #2``.
"""

import re

import polars as pl

_LONGEST = 30
"""The data cuts a type here, in the middle of a word or not."""

_UNKNOWN = "Product Without a Label"
"""Seventeen products that are bought have no attribute at all."""

# Types that say nothing without their category: "Beef: Lean".
_VAGUE = frozenset(
    {
        "ANGUS",
        "BLENDS",
        "BUTTS",
        "COCKTAILS",
        "CONES",
        "DECOR",
        "DRY",
        "ECONOMY",
        "ENHANCED",
        "ENTREES",
        "FRESH",
        "INTERNAL",
        "KIDS",
        "KITS",
        "LEAN",
        "LOAVE",
        "MAINSTREAM",
        "MICROWAVE",
        "MISC",
        "MISCELLANEOUS",
        "OTHER",
        "OVEN",
        "PAILS",
        "PANTRY",
        "PATTIES",
        "PLUSH",
        "POULTRY",
        "PREMIUM",
        "PRIMAL",
        "QUARTS",
        "RED",
        "REGULAR GARDEN",
        "SEASONAL",
        "SEASONAL MISCELLANEOUS",
        "SMOKED/COOKED",
        "STICKS/ENROBED",
        "TRADITIONAL",
        "TREATS",
        "VALUE",
    }
)
_WHOLE_TYPES = {
    "BEERALEMALT LIQUORS": "BEER/ALE/MALT LIQUOR",
    "FLUID MILK WHITE ONLY": "WHITE MILK",
    "GASOLINE-REG UNLEADED": "GASOLINE REGULAR UNLEADED",
    "NON-CRBNTD DRNKING/MNERAL WATE": "STILL DRINKING/MINERAL WATER",
    "SFT DRNK 2 LITER BTL CARB INCL": "SOFT DRINK 2 LITER BOTTLE",
    "SFT DRNK MLT-PK BTL CARB (EXCP": "SOFT DRINK BOTTLES MULTI-PACK",
    "SFT DRNK SNGL SRV BTL CARB (EX": "SOFT DRINK SINGLE BOTTLE",
    "SGL SV/VEND MACH SNACKS CHIP/P": "SNACKS SINGLE SERVE",
    "SOFT DRINKS 12/18&15PK CAN CAR": "SOFT DRINK CANS 12/15/18 PACK",
    "SOFT DRINKS 20PK&24PK CAN CARB": "SOFT DRINK CANS 20/24 PACK",
    "SOFT DRINKS 6PK/4PK CAN CARB (": "SOFT DRINK CANS 4/6 PACK",
}
_WORDS = {
    "BRKFST": "BREAKFAST",
    "CATFD": "CAT FOOD",
    "CHOCOCLATE": "CHOCOLATE",
    "CLEANG": "CLEANING",
    "CNDY": "CANDY",
    "DNRS": "DINNERS",
    "DOGFD": "DOG FOOD",
    "DRNK": "DRINK",
    "DRNKS": "DRINKS",
    "DRSNG": "DRESSING",
    "FRZN": "FROZEN",
    "GDS": "GOODS",
    "MLK": "MILK",
    "PCKGD": "PACKAGED",
    "PKGD": "PACKAGED",
    "PNCH": "PUNCH",
    "PNT BTR": "PEANUT BUTTER",
    "REFRGRATD": "REFRIGERATED",
    "SALD": "SALAD",
    "SGL": "SINGLE",
    "SHERBTS": "SHERBETS",
    "SPECILATY": "SPECIALTY",
    "SS": "SINGLE SERVE",
    "SUPPPLIES": "SUPPLIES",
    "SW": "SWEET",
    "SWEETNERS": "SWEETENERS",
    "WTR": "WATER",
}
_SPELLED = re.compile(rf"\b({'|'.join(sorted(_WORDS, key=len, reverse=True))})\b")
# What stands before the number is the packer's code; "972372 PK" and "48-54 CT" are no sizes.
_SIZE = re.compile(
    r"^(?:[A-Z ]+ )?(\d{1,3}(?:\.\d+)?|\.\d+) *"
    r"(CT|DZ|FL OZ|FT|GA|GAL|GM|IN|L|LB|LOADS?|LTR|ML|OZ|PC|PK|PT|QT|SQ FT|STEMS)$"
)


def named(products: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    """Return products with a column ``name``, each name once.

    Args:
        products: ``item_id, department, brand, product_category, product_type, package_size``.
        bought: ``item_id`` of every purchase.
    """
    columns = ("department", "brand", "product_category", "product_type", "package_size")
    plain = [name_of(**row) for row in products.select(columns).iter_rows(named=True)]
    counts = bought.group_by("item_id").agg(pl.len().alias("_bought"))
    table = products.with_columns(pl.Series("name", plain, dtype=pl.String))
    table = table.join(counts, on="item_id", how="left", maintain_order="left")
    ranked = table.with_row_index("_row").sort(
        pl.col("_bought").fill_null(0), "item_id", descending=[True, False]
    )
    number = pl.int_range(pl.len()).over("name") + 1
    numbered = pl.format("{} #{}", "name", number)
    unique = ranked.with_columns(
        pl.when(number == 1).then("name").otherwise(numbered).alias("name")
    )
    return unique.sort("_row").drop("_row", "_bought")


def name_of(
    *,
    department: str | None,
    brand: str | None,
    product_category: str | None,
    product_type: str | None,
    package_size: str | None,
) -> str:
    """Return the name of one product, which others may share."""
    kind, category = _spelled(product_type), _spelled(product_category)
    if (product_type or "").strip() in _VAGUE and category:
        kind = f"{category}: {kind}"
    if not kind:
        words = [category or _spelled(department), brand and f"{brand} Brand"]
        kind = ", ".join(word for word in words if word) or _UNKNOWN
    # A crate's size, not that of what is bought.
    size = None if department == "PRODUCE" else _SIZE.match((package_size or "").strip())
    return f"{kind}, {size[1]} {size[2].lower()}" if size else kind


def _spelled(text: str | None) -> str:
    """Return a type or category in words: whole ones, spelled out, each with one capital."""
    whole = (text or "").strip()
    if whole in _WHOLE_TYPES:
        whole = _WHOLE_TYPES[whole]
    else:
        if len(whole) >= _LONGEST and not whole.endswith(")"):
            whole = whole.rpartition(" ")[0] or whole
        if whole.count("(") > whole.count(")"):
            whole = whole[: whole.rindex("(")]
        whole = _SPELLED.sub(lambda found: _WORDS[found[0]], whole)
    whole = re.sub(r"([:,;&])(?=\w)", r"\1 ", whole.rstrip(" -/&:,(")).replace("& ", " & ")
    words = " ".join(whole.split())
    return re.sub(r"[A-Za-z0-9][\w'%]*", lambda found: found[0].capitalize(), words)
