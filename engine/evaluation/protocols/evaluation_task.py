"""Evaluation task: what every method knows, and what it must predict, once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from engine.data.splits import Split

Draw = Callable[[str], np.random.Generator]
"""Name of a draw, ``split`` or ``valid``, to a generator that is seeded alike every time."""


@dataclass(frozen=True, eq=False)
class EvaluationTask:
    """One task of a protocol; methods are compared on all of them together.

    Attributes:
        parts: Every event that a method may learn from and that its user is known by; and the
            events that are to be predicted, a user's relevant items.
        validate: Cuts the first part again, in the same way, for whatever is chosen.
        cut: Everything in the first part is older, epoch milliseconds; None where each user has
            a cut of its own, or the parts are not cut by time.
    """

    parts: Split
    validate: Callable[[], Split]
    cut: int | None = None

    @cached_property
    def had(self) -> sparse.csr_array:
        """What each user had in the first part: ``(n_users, n_items) float32``, 1 where it had."""
        return self.parts.earlier.csr(binary=True)

    @cached_property
    def validation(self) -> Split:
        """The first part without a validation part, and that part.

        Raises:
            DataError: One of them would be empty.
        """
        return self.validate()
