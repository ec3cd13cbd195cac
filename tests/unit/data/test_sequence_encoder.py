"""The text of a user encoder: what was written is read, and nothing else. Its pass: test_sasrec."""

import json
from hashlib import sha256

import numpy as np
import pytest

from engine.data import sequence_encoder
from engine.data.sequence_encoder import SequenceEncoder
from engine.data.sequences import Sequences
from engine.errors import CheckpointInvalid

SHAPES = {
    "positions": (5, 4),
    "norm.weight": (4,),
    "norm.bias": (4,),
    "0.attention.weight": (12, 4),
    "0.attention.bias": (12,),
    "0.out.weight": (4, 4),
    "0.out.bias": (4,),
    "0.norm1.weight": (4,),
    "0.norm1.bias": (4,),
    "0.inner.weight": (6, 4),
    "0.inner.bias": (6,),
    "0.outer.weight": (4, 6),
    "0.outer.bias": (4,),
    "0.norm2.weight": (4,),
    "0.norm2.bias": (4,),
}


def encoder() -> SequenceEncoder:
    generator = np.random.default_rng(2)
    weights = {
        name: generator.standard_normal(shape).astype(np.float32) for name, shape in SHAPES.items()
    }
    return SequenceEncoder(weights, heads=2, layers=1, unit=True)


def test_a_text_is_read_to_the_bit() -> None:
    made = encoder()
    read = sequence_encoder.read(made.text, made.digest)
    assert (read.heads, read.layers, read.unit, read.length, read.dimension) == (2, 1, True, 5, 4)
    assert read.weights.keys() == made.weights.keys()
    for name, one in made.weights.items():
        np.testing.assert_array_equal(read.weights[name], one)
    assert read.text == made.text


def test_the_pass_depends_on_order() -> None:
    vectors = np.eye(4, dtype=np.float32)
    at = np.array([[1, 2, 3]])
    one, other = (
        encoder().encode(Sequences(np.array([items]), at, np.array([3])), vectors)
        for items in ([0, 1, 2], [1, 0, 2])
    )
    assert np.abs(one - other).max() > 0.01
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-6)


def test_another_text_is_refused() -> None:
    made = encoder()
    with pytest.raises(CheckpointInvalid, match="SHA-256"):
        sequence_encoder.read(made.text + " ", made.digest)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "another version"),
        ({"heads": None, "weights": {"positions": {"shape": [2], "float32": "!"}}}, "Error"),
        ({"weights": {}}, "it lacks 0.attention.bias"),
        ({"weights": []}, "AttributeError"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused(change: dict[str, object], message: str) -> None:
    text = json.dumps(json.loads(encoder().text) | change)
    with pytest.raises(CheckpointInvalid, match=message):
        sequence_encoder.read(text, sha256(text.encode()).hexdigest())


def test_gaps_double_from_bucket_to_bucket() -> None:
    seconds = np.array([0, 1, 2, 3, 4, 7, 8, 3_600, 86_400, 2**40])
    at = np.stack([np.zeros_like(seconds), seconds], axis=1) * 1_000
    found = sequence_encoder.buckets(at)[:, 1, 0].tolist()
    assert found == [0, 1, 2, 2, 3, 3, 4, 12, 17, sequence_encoder.GAP_BUCKETS - 1]


def test_the_newest_event_has_the_last_place() -> None:
    assert sequence_encoder.positions(np.array([3, 1, 5]), 5, 5).tolist() == [
        [2, 3, 4, 4, 4],
        [4, 4, 4, 4, 4],
        [0, 1, 2, 3, 4],
    ]
