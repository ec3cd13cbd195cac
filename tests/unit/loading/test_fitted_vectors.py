import numpy as np
import pytest

from engine.errors import FileRefused
from engine.loading.fitted_vectors import fitted


def test_what_is_no_vector_in_the_graph_stays_as_it_is() -> None:
    row = {"id": "a", "attributes": {"kind": "x"}, "vectors": {"look": np.ones(2, np.float32)}}
    widths = {"other": 3}
    assert fitted(row, widths, "items.csv") == row
    assert widths == {"other": 3, "look": 2}, "what one row says holds for those that follow"


@pytest.mark.parametrize("value", [["0.5", "-3"], "[0.5, -3]"])
def test_numbers_that_were_taken_for_text_are_the_vector_that_they_are(value: object) -> None:
    row = {"id": "a", "attributes": {"look": value, "kind": "x"}, "vectors": {}}
    found = fitted(row, {"look": 2}, "items.csv")
    assert found["attributes"] == {"kind": "x"}
    assert found["vectors"]["look"].tolist() == [0.5, -3.0]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("hello", "vector-type"),
        (["a", "b"], "vector-number"),
        ("[0.5, NaN]", "vector-number"),
        (["0.5", "nan"], "vector-number"),
        (["0.5", "1", "2"], "vector-length"),
        (True, "vector-type"),
    ],
)
def test_what_is_none_refuses_the_file(value: object, code: str) -> None:
    row = {"id": "a", "attributes": {"look": value}, "vectors": {}}
    with pytest.raises(FileRefused, match=r"items.csv: look of a is .* of 2 numbers") as refused:
        fitted(row, {"look": 2}, "items.csv")
    assert refused.value.code == code
    assert str(refused.value.hint).endswith("--map look_2=look")


def test_a_long_text_is_shown_by_its_beginning() -> None:
    row = {"id": "a", "attributes": {"look": "x" * 1_000}, "vectors": {}}
    with pytest.raises(FileRefused) as refused:
        fitted(row, {"look": 2}, "items.csv")
    assert len(refused.value.message) < 150


def test_another_length_refuses_the_file() -> None:
    row = {"id": "a", "attributes": {}, "vectors": {"look": np.ones(3, np.float32)}}
    with pytest.raises(FileRefused, match="a vector of 3 numbers, and of 2") as refused:
        fitted(row, {"look": 2}, "items.csv")
    assert refused.value.code == "vector-length"
