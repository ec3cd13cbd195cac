import pytest

from engine.errors import UnknownModel
from engine.models import MODELS, entry


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(UnknownModel) as caught:
        entry("oracle")
    assert all(name in caught.value.hint for name in MODELS)
