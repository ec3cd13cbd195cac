from engine.models import MODELS, PLAIN
from engine.usecases.modelling import list_models


def test_every_model_has_a_row_that_says_what_it_is() -> None:
    rows = {row["name"]: row for row in list_models()}
    assert list(rows) == [*MODELS, *PLAIN]
    assert all(
        row["summary"] and row["kind"] in ("plain", "shallow", "sequence", "gnn")
        for row in list_models()
    )
    assert rows["graphsage"]["takes"] == ["features"]
    assert rows["graphsage"]["unseen"] == ["users", "items"]
    assert rows["item-lightgcn"]["unseen"] == ["users"]
    assert rows["recent-popular"]["needs"] == ["timestamps"]
    assert not rows["ease"]["trained"]
