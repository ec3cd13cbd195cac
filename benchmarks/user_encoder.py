"""What a user's vector costs at request time, in NumPy: processor milliseconds, and what is stored.

python -m benchmarks.user_encoder

`sasrec` with the sizes of its defaults and drawn weights, users with as many events as it looks at.
"""

import time

import numpy as np

from engine.data.interactions import Interactions
from engine.data.sequence_encoder import SequenceEncoder, read
from engine.data.sequences import Sequences
from engine.data.vocabulary import Vocabulary
from engine.models.sasrec import SASRec, SASRecConfig
from engine.models.tensors import array

TIMES = 50


def main() -> None:
    """Print what it costs."""
    one = Vocabulary(["one"])
    config = SASRecConfig(start="normal")
    model = SASRec(Interactions.of(one, one, [0], [0], at=1), config, np.random.default_rng(0))
    weights = {name: array(value) for name, value in model.state().items() if name != "vectors"}
    encoder = SequenceEncoder(weights, config.heads, config.layers, unit=True)
    began = time.process_time()
    read(encoder.text, encoder.digest)
    spent = 1_000 * (time.process_time() - began)
    print(f"{len(encoder.text) / 1_000:.0f} kB of text, read in {spent:.1f} ms")
    draw = np.random.default_rng(1)
    for users in (1, 25):
        shape = (users, config.length)
        counts = np.full(users, config.length)
        given = Sequences(
            np.arange(users * config.length).reshape(shape), np.ones(shape, int), counts
        )
        vectors = draw.standard_normal((users * config.length, config.dimension), dtype=np.float32)
        encoder.served(given, vectors)
        began = time.process_time()
        for _ in range(TIMES):
            encoder.served(given, vectors)
        spent = 1_000 * (time.process_time() - began) / TIMES
        print(f"{users} users of {config.length} events: {spent:.2f} ms")


if __name__ == "__main__":
    main()
