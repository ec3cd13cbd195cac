import numpy as np

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation.published_figures import DATA_SETS, recognise


def of_shape(users: int, items: int, pairs: int) -> Split:
    part = Interactions.of(
        Vocabulary([str(n) for n in range(users)]),
        Vocabulary([str(n) for n in range(items)]),
        np.zeros(pairs),
        np.zeros(pairs),
        events=("e",),
    )
    return Split(part, part)


def test_a_data_set_is_known_by_its_shape() -> None:
    gowalla = recognise(of_shape(29_858, 40_981, 810_128))
    assert gowalla.name == "Gowalla"
    assert gowalla.figures["lightgcn", 4] == (0.1830, 0.1550)
    assert gowalla.figures["ngcf", 1] == (0.1556, 0.1315)
    assert recognise(of_shape(10, 10, 10)).figures == {}


def test_every_table_has_both_models_with_one_to_four_layers() -> None:
    for known in DATA_SETS:
        assert set(known.figures) == {
            (model, layers) for model in ("lightgcn", "ngcf") for layers in (1, 2, 3, 4)
        }


def test_a_shape_may_differ_by_one_in_a_hundred_pairs_and_by_no_user() -> None:
    assert recognise(of_shape(29_858, 40_981, 803_000)).name == "Gowalla"
    assert recognise(of_shape(29_858, 40_981, 801_000)).name == "your data"
    other = recognise(of_shape(29_859, 40_981, 810_128))
    assert (other.name, other.shape) == ("your data", (29_859, 40_981, 810_128))
