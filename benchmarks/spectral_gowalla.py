"""The spectral filter on Gowalla: how long it takes to fit, and what its vectors lose.

python -m benchmarks.spectral_gowalla gowalla/ [FACTORS ...]

Nothing is chosen: a row per number of factors, recall@20 / ndcg@20 over all users of the test part,
of the filter itself and of the vectors that stand for it in an index, twice as wide as the factors.
"""

import sys
import time
from pathlib import Path

from engine.data.reading.adjacency_lists import read_split
from engine.evaluation import ranking
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.models.spectral_filter import SpectralFilter, SpectralFilterConfig
from engine.training import seed

_FACTORS = (128, 256, 512, 1024)


def told(question: RankingTask, score: UserScorer) -> str:
    """Return the two figures as the papers print them."""
    means = ranking.evaluate(question, score, (20,)).means
    return f"{means['recall@20']:.4f} / {means['ndcg@20']:.4f}"


def main(folder: Path, counts: list[int]) -> None:
    """Print a row per number of factors."""
    parts = read_split(folder)
    question = ranking.task(parts.earlier, parts.later, include_seen=False)
    for factors in counts or _FACTORS:
        began = time.perf_counter()
        config = SpectralFilterConfig(factors=factors)
        model = SpectralFilter(parts.earlier, config, seed.generator(0, "start"))
        fitted = time.perf_counter() - began
        of_vectors = told(question, model.embeddings().score)
        exact = told(question, model.score)
        print(f"{factors}: {fitted:.1f} s, itself {exact}, vectors {of_vectors}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(text) for text in sys.argv[2:]])
