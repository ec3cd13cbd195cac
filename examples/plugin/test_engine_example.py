"""The checks that the engine's own models pass: python -m pytest examples/plugin."""

import pytest
from engine_example.model import PURE_SVD, hinge

from engine.testing import checks_of, checks_of_loss


@pytest.mark.parametrize("check", checks_of(PURE_SVD, {"factors": "4"}), ids=str)
def test_pure_svd(check):
    """The model is held to what the engine's own are held to."""
    check()


@pytest.mark.parametrize("check", checks_of_loss(hinge), ids=str)
def test_hinge(check):
    """So is the loss."""
    check()
