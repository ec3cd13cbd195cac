import pytest

from engine.errors import UnknownModel
from engine.models import MODELS, PLAIN, plain, trainable


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(UnknownModel) as caught:
        trainable("oracle")
    assert all(name in caught.value.hint for name in MODELS)
    with pytest.raises(UnknownModel) as caught:
        plain("oracle")
    assert all(name in caught.value.hint for name in PLAIN)


def test_only_what_makes_vectors_is_trained() -> None:
    with pytest.raises(UnknownModel, match="no vectors"):
        trainable("popular")
    assert trainable("als") is PLAIN["als"]


def test_no_name_stands_in_both_tables() -> None:
    assert not MODELS.keys() & PLAIN.keys()
