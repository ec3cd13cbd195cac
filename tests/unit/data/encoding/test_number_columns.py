"""Numbers as columns: scaled by what was there at first, marked where there is none."""

import numpy as np

from engine.data.encoding.number_columns import NumberColumns, number_of


def test_a_later_node_is_scaled_as_the_first_were() -> None:
    prices = [float(n * n) for n in range(30)]
    known = [{"price": str(price), "grade": n % 3} for n, price in enumerate(prices)]
    columns = NumberColumns.fitted(known)
    assert columns.names == ("price",), "a few different numbers are words"
    later = columns.encode([{"price": "100"}, {}, {"price": "cheap"}])
    expected = (100 - np.mean(prices)) / np.std(prices)
    np.testing.assert_allclose(later, [[expected, 0], [0, 1], [0, 1]], rtol=1e-6)
    assert NumberColumns.restored(columns.state()).encode(known).tolist() == (
        columns.encode(known).tolist()
    )


def test_an_attribute_that_is_once_no_number_is_none() -> None:
    known = [{"price": n} for n in range(30)] + [{"price": "free"}]
    assert NumberColumns.fitted(known).names == ()
    assert NumberColumns.fitted(known).encode(known).shape == (31, 0)


def test_what_is_a_number() -> None:
    said = [number_of(one) for one in ("1.5", 2, True, "nan", "1e999", ["1"], None, "x")]
    assert said == [1.5, 2.0, None, None, None, None, None, None]
