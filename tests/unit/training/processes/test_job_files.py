from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.knowledge import Knowledge
from engine.data.negative_feedback import NegativeFeedback
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.models.transe import TransEConfig
from engine.training.processes.job_files import JobFiles, TrainingJob
from engine.training.training_config import TrainingConfig
from tests.unit.three_users import DATA


def test_what_is_written_is_what_is_read_but_for_the_ids(tmp_path: Path) -> None:
    columns = (np.array([3, 4]), np.array([0, 0]), np.array([6, 6]))
    facts = Knowledge.of((3, 3), Vocabulary(["Brand:1"]), ("MADE_BY",), columns)
    job = TrainingJob("transe", TransEConfig(norm="l1"), TrainingConfig(margin=0.5), 7, state="a")
    files = JobFiles(tmp_path / "files")
    weighed = replace(DATA, kind_weights=(2.0,) * len(DATA.events))
    dislikes = NegativeFeedback.of([0, 2], [1, 2], [1.0, 0.5], [4, 0])
    told = TrainingData(weighed, facts, unwanted=dislikes)
    files.write(job, told, {"0.weight": np.ones((2, 3), dtype=np.float32)})
    found, material = files.read()
    assert found == job
    assert (material.events.n_users, material.events.n_items) == (3, 3)
    assert material.events.users.ids == ()
    assert material.events.kind_weights == weighed.kind_weights
    assert material.unwanted is not None
    assert material.unwanted.digest() == dislikes.digest()
    np.testing.assert_array_equal(material.events.csr().toarray(), DATA.csr().toarray())
    np.testing.assert_array_equal(material.events.at, DATA.at)
    assert material.knowledge is not None
    assert material.knowledge.n_nodes == facts.n_nodes
    np.testing.assert_array_equal(material.knowledge.tail, facts.tail)
    files.tensors(to_write=True)["0.weight"][1] = 5
    assert files.tensors()["0.weight"].tolist() == [[1, 1, 1], [5, 5, 5]]


def test_entities_without_facts_keep_their_rows(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    nothing = np.empty(0, dtype=np.int64)
    none = Knowledge.of((3, 3), Vocabulary(["Brand:1"]), (), (nothing, nothing, nothing))
    job = TrainingJob("transe", TransEConfig(), TrainingConfig(), 0)
    files.write(job, TrainingData(DATA, none), {})
    found = files.read()[1].knowledge
    assert found is not None
    assert (found.n_nodes, len(found)) == (7, 0)
