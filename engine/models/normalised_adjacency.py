"""The normalised adjacency of the graph of users and items, as a sparse matrix."""

import numpy as np
from scipy import sparse

from engine.data.interactions import Interactions
from engine.models.confidence import BINARY, ConfidenceConfig, confidences


def normalised(train: Interactions, confidence: ConfidenceConfig = BINARY) -> sparse.csr_array:
    """Return the user x item matrix with 1/sqrt(|N_u| |N_i|) in place of each pair.

    With a confidence that counts weights: c/sqrt(d_u d_i), d the sums of the confidences.
    """
    matrix = confidences(train, confidence)
    row = np.repeat(np.arange(train.n_users), np.diff(matrix.indptr))
    values = matrix.data.astype(np.float64)
    of_user = np.bincount(row, values, minlength=train.n_users)
    of_item = np.bincount(matrix.indices, values, minlength=train.n_items)
    matrix.data = (values / np.sqrt(of_user[row] * of_item[matrix.indices])).astype(np.float32)
    return matrix
