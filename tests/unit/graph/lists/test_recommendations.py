"""Values of the recommendation verbs that need no database."""

from dataclasses import replace

import pytest

from engine.errors import UsageError
from engine.graph.lists.recommendations import Basis, Question, RecommendationList, Recommended


@pytest.mark.parametrize("k", [0, -1, 1_001, 2**31, 2**63, 10.5, "10", None, True])
def test_k_out_of_bounds_is_refused(k: object) -> None:
    with pytest.raises(UsageError, match="k must be"):
        Question(k=k)  # type: ignore[arg-type]


@pytest.mark.parametrize("attribute", ["", "embedding_g3"])
def test_no_filter_on_what_is_no_attribute(attribute: str) -> None:
    with pytest.raises(UsageError, match="cannot be filtered"):
        Question(filters={attribute: ["x"]})


def test_a_list_says_what_a_reader_must_know() -> None:
    item = Recommended("i1", "Tea", 0.5, "embedding")
    full = RecommendationList("u", 1, Basis("for-you", "embedding"), (item,), 1)
    assert (full.note(), full.short, full.fallback) == (None, False, False)
    short = RecommendationList("u", 1, Basis("for-you", "unknown-user"), (item,), 3)
    assert short.short
    assert short.fallback
    assert "Unknown user u" in (short.note() or "")
    assert "Only 1 of 3" in (short.note() or "")
    assert "beyond at_most" in (short.note() or ""), "which alone may be why"
    assert short.as_dict()["items"][0]["name"] == "Tea"
    assert short.as_dict()["basis"] == {"asked": "for-you", "served": "unknown-user"}


def test_attributes_are_columns_of_a_table_and_a_part_of_each_item_in_json() -> None:
    items = (Recommended("i1", "Tea", 0.5, "embedding"), Recommended("i2", None, 0.4, "embedding"))
    plain = RecommendationList("u", 1, Basis("for-you", "embedding"), items, 2)
    told = replace(plain, attributes={"i1": {"price": 3.5, "source": "Assam"}, "i2": {}})
    first, second = told.to_dicts()
    assert first == plain.to_dicts()[0] | {"price": 3.5}
    assert second == plain.to_dicts()[1] | {"price": None}
    assert told.as_dict()["items"][0]["attributes"] == {"price": 3.5, "source": "Assam"}
    assert told.as_dict()["items"][1]["attributes"] == {}
    assert "attributes" not in plain.as_dict()["items"][0]
    assert "attributes" not in told.as_dict()


def test_popularity_is_said_to_be_in_service_only_where_it_is() -> None:
    item = Recommended("i1", "Tea", 0.5, "popular")
    served = RecommendationList("u", 1, Basis("for-you", "popular"), (item,), 1)
    said = "Popularity is in service: no model predicts better, outside the noise."
    assert served.note() == said
    asked = RecommendationList("u", None, Basis("popular", "popular"), (item,), 1)
    assert asked.note() is None


def test_nobody_is_newer_than_a_model_that_there_is_not() -> None:
    item = Recommended("i1", "Tea", 0.5, "people")
    for asked, served in (("people", "shared-items"), ("for-you", "provisional")):
        found = RecommendationList("u", None, Basis(asked, served), (item,), 1)
        assert "newer than the model" not in (found.note() or "")
        assert found.note()
