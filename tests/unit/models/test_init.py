import pytest

from engine.errors import UnknownModel
from engine.models import MODELS, PLAIN, entry, plain


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(UnknownModel) as caught:
        entry("oracle")
    assert all(name in caught.value.hint for name in MODELS)
    with pytest.raises(UnknownModel) as caught:
        plain("oracle")
    assert all(name in caught.value.hint for name in PLAIN)


def test_a_plain_method_is_not_trained() -> None:
    with pytest.raises(UnknownModel, match="nothing to train"):
        entry("popular")


def test_no_name_stands_in_both_tables() -> None:
    assert not MODELS.keys() & PLAIN.keys()
