import warnings

import numpy as np
import pytest

from engine.evaluation import metrics

K = 10


def test_metrics_equal_those_of_ranx() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ranx

    generator = np.random.default_rng(3)
    n_users, n_items = 60, 40
    relevant = generator.random((n_users, n_items)) < 0.15
    relevant[:, 0] |= ~relevant.any(axis=1)
    scores = generator.random((n_users, n_items))
    lists = np.argsort(-scores, axis=1)[:, :K]
    hits = np.take_along_axis(relevant, lists, axis=1)
    counts = relevant.sum(axis=1)
    truth = {f"u{u}": {f"i{i}": 1 for i in np.flatnonzero(relevant[u])} for u in range(n_users)}
    run = {f"u{u}": {f"i{i}": float(scores[u, i]) for i in range(n_items)} for u in range(n_users)}
    names = {"recall": "recall", "ndcg": "ndcg", "hit": "hit_rate", "mrr": "mrr", "map": "map"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ranx.evaluate(
            ranx.Qrels(truth), ranx.Run(run), [f"{name}@{K}" for name in names.values()]
        )
    for ours, name in names.items():
        value = metrics.METRICS[ours](hits, counts).mean()
        assert value == pytest.approx(theirs[f"{name}@{K}"], abs=1e-9), ours


def test_metrics_by_hand() -> None:
    hits = np.array([[False, True, True]])
    relevant = np.array([4])
    assert metrics.recall(hits, relevant) == pytest.approx([0.5])
    assert metrics.hit_rate(hits, relevant) == pytest.approx([1.0])
    assert metrics.reciprocal_rank(hits, relevant) == pytest.approx([0.5])
    assert metrics.average_precision(hits, relevant) == pytest.approx([(1 / 2 + 2 / 3) / 4])
    gain, ideal = 1 / np.log2(3) + 1 / 2, 1 + 1 / np.log2(3) + 1 / 2
    assert metrics.ndcg(hits, relevant) == pytest.approx([gain / ideal])


def test_coverage_counts_each_item_once_and_no_empty_place() -> None:
    assert metrics.coverage(np.array([[0, 1], [1, -1]]), 8) == pytest.approx(0.25)
