from pathlib import Path

import pytest

from engine.errors import NotFound
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine


def test_texts_are_replaced_and_no_file_holds_the_old_ones(home: Path) -> None:
    url = f"sqlite:///{home / 'registry.sqlite'}"
    with registry_engine(url) as engine:
        registry = Registry(engine)
        registry.start_ingest("/exports/zoe-zoe.csv", "", "events")
        night = registry.nights.begin("asked")
        held = {"files": [{"message": "user zoe-zoe twice", "read": 3}], "causes": ["zoe-zoe"]}
        registry.nights.record_step(night.id, "load", held, 0.0)
        changed = registry.removals.replace_texts(lambda text: text.replace("zoe-zoe", "X"))
        assert changed == 2
        registry.removals.compact()
        assert registry.removals.replace_texts(lambda text: text) == 0
        [step] = registry.nights.nights()[0].steps
        assert step.result == {
            "files": [{"message": "user X twice", "read": 3}], "causes": ["X"],
        }  # fmt: skip
        assert registry.ingests()[0].source == "/exports/X.csv"
        for path in home.glob("registry.sqlite*"):
            assert b"zoe-zoe" not in path.read_bytes()


def test_a_digest_is_replaced(home: Path) -> None:
    with registry_engine(f"sqlite:///{home / 'registry.sqlite'}") as engine:
        registry = Registry(engine)
        run = registry.start_run("lightgcn", {}, None, 0, "code")
        registry.finish_run(run, "finished", {}, 1.0, "model.pt", "before")
        registry.removals.replace_digest(run, "after")
        assert registry.run(run).embeddings_digest == "after"
        with pytest.raises(NotFound, match="there is no run 99"):
            registry.removals.replace_digest(99, "after")
