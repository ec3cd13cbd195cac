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


def test_numbers_that_64_bits_can_hardly_hold_leave_finite_columns() -> None:
    plain = [{"price": float(n)} for n in range(30)]
    columns = NumberColumns.fitted(plain)
    later = columns.encode([{"price": "1e308"}, {"price": "-1e308"}, {"price": 3.0}])
    assert np.isfinite(later).all(), "what arrives later may be a slip of any size"
    assert later[0, 0] > 1_000 > later[2, 0] > -1_000 > later[1, 0]
    with_slips = [*plain, {"price": 1.7e308}, {"price": 1.6e308}, {"price": -1.7e308}]
    found = NumberColumns.fitted(with_slips).encode(with_slips)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:, 0].mean(), 0.0, atol=1e-6)
    np.testing.assert_allclose(found[:, 0].std(), 1.0, rtol=1e-6)
