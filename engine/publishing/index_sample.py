"""Decide the settings of the item index on a sample of the items, before it is built whole.

Building an index costs a time that grows with the items, with the numbers of a vector and with the
settings. A sample costs a part of it. What a setting serves of a sample is more than what it serves
of all: so it decides where to begin, and the whole index is compared with the model all the same.
"""

import math
from dataclasses import replace

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.graph import vector_index
from engine.graph.vector_index import IndexSettings
from engine.publishing import index_tuning
from engine.publishing.index_tuning import CHEAP, ENOUGH, OVER_FETCHES, ModelVectors, RecallTrial
from engine.store.graph_client import GraphClient

ITEMS = 4_096
"""Items of a sample. In fewer than a few thousand every search compares nearly all of them."""
USERS = 300
"""Users whose lists are compared, twenty items of each: a share of 98 % is known to 1 %."""
MOST_FETCHED = 2_000
"""What the widest search asks the index for."""
_SEED = 21
FETCHES = tuple(one for one in OVER_FETCHES if one <= CHEAP)


def sample(items: Float32Array) -> Int64Array | None:
    """Return the rows of a sample, ascending; None where the whole index is built as soon.

    Args:
        items: ``(n_items, d) float32``; rows of zeros are in no index.
    """
    there = np.flatnonzero(np.any(items != 0, axis=1))
    if len(there) <= 2 * ITEMS:
        return None
    drawn: Int64Array = np.random.default_rng(_SEED).choice(there, ITEMS, replace=False)
    return np.sort(drawn)


def of_rows(vectors: Float32Array, rows: Int64Array) -> Float32Array:
    """Return the vectors with zeros in all other rows, of the same shape."""
    found = np.zeros_like(vectors)
    found[rows] = vectors[rows]
    return found


def is_searched_whole(items: int) -> bool:
    """Tell whether the widest search of a graph of so many items compares all of them.

    Lucene does so where the comparisons that it expects, k · ln n, are no fewer
    (``Lucene99HnswVectorsReader``): no settings serve more then, or less.
    """
    return MOST_FETCHED * math.log(max(items, 2)) >= items


def decide(
    client: GraphClient,
    number: int,
    vetted: ModelVectors,
    rows: Int64Array,
    report: StageProgress = no_stage,
) -> IndexSettings:
    """Return the cheapest settings that serve enough of a sample by few fetched items.

    Where none do: the cheapest of a catalogue that is searched whole, else the dearest. The indexes
    of the sample are dropped, so that writing the other items is as fast as without any.

    Args:
        client: The graph, in which the items of the sample have vectors, and no others.
        number: Of the generation.
        vetted: All its vectors.
        rows: Of the sample.
        report: Called with a stage, how much of it is done, and how much there is.
    """
    some = replace(vetted, item_vectors=of_rows(vetted.item_vectors, rows), popularity_weight=0.0)
    trial = RecallTrial(client, number, some, USERS)
    try:
        for step, settings in enumerate(ladder := index_tuning.LADDER):
            report(f"trying settings of the index on {len(rows)} of the items", step, len(ladder))
            vector_index.build(client, "Item", number, some.item_vectors.shape[1], settings)
            if any(trial.measure(fetch).overlap >= ENOUGH for fetch in FETCHES):
                return settings
    finally:
        vector_index.drop(client, number)
    whole = int(np.any(vetted.item_vectors != 0, axis=1).sum())
    return ladder[0] if is_searched_whole(whole) else ladder[-1]
