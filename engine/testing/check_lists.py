"""The lists of checks: of models, plain methods and losses."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

from engine.data.model_options import configure
from engine.models.encoder import Loss
from engine.models.registry_entries import ModelEntry, PlainMethod
from engine.testing import loss_checks, plain_checks, trained_checks
from engine.testing.expectation import expect
from engine.testing.trained_checks import ModelSettings
from engine.training.losses import LOSSES


@dataclass(frozen=True)
class ContractCheck:
    """One check of one thing; calling it raises ``AssertionError`` where it does not hold."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        """Run it."""
        self.run()

    def __str__(self) -> str:
        return self.name


def checks_of(
    entry: ModelEntry | PlainMethod, settings: ModelSettings | None = None
) -> list[ContractCheck]:
    """Return the checks of a model.

    Args:
        entry: What the entry point holds.
        settings: Of the model, as texts, as ``--set`` takes them: small ones, or a variant. The
            shop of the checks has 41 users, 31 items and 400 events.

    Returns:
        For a ``ModelEntry``: it learns a known answer, one seed gives one result, every tensor of
        its state is trained, the state is all of it, vectors have their shape, every loss trains
        it. For a ``PlainMethod``: it scores every item, gives scores away, one seed gives one
        result, it has the vectors and edges that it says. For both: settings survive text and JSON.
    """
    given = dict(settings or {})
    found = [
        ContractCheck("settings_survive_text_and_json", partial(_settings_survive, entry.config))
    ]
    if isinstance(entry, PlainMethod):
        found += [
            ContractCheck(run.__name__, partial(run, entry, given))
            for run in (
                plain_checks.scores_every_item,
                plain_checks.gives_scores_away,
                plain_checks.same_seed_same_scores,
                plain_checks.has_what_it_says,
            )
        ]
        return found
    found += [
        ContractCheck(run.__name__, partial(run, entry, given))
        for run in (
            trained_checks.learns_a_known_answer,
            trained_checks.same_seed_same_bits,
            trained_checks.trains_every_tensor,
            trained_checks.state_is_all_of_it,
            trained_checks.vectors_have_their_shape,
        )
    ]
    found += [
        ContractCheck(
            f"trains_with_{loss}", partial(trained_checks.trains_with_loss, entry, given, loss)
        )
        for loss in LOSSES
    ]
    return found


def checks_of_loss(make: Callable[[float], Loss], temperature: float = 1.0) -> list[ContractCheck]:
    """Return the checks of a loss.

    It is one number, pulls positives up and negatives down, has finite gradients, counts weights.

    Args:
        make: What the entry point holds: a temperature to a loss.
        temperature: The one to check it at.
    """
    return [
        ContractCheck(run.__name__, partial(run, make(temperature)))
        for run in (
            loss_checks.is_one_number,
            loss_checks.pulls_positives_up,
            loss_checks.has_finite_gradients,
            loss_checks.counts_weights,
        )
    ]


def _settings_survive(config: type[Any]) -> None:
    untold = [one.name for one in fields(config) if not one.metadata]
    expect(not untold, f"{', '.join(untold)} is not made by option(...)")
    values = asdict(config())
    texts = {name: str(value) for name, value in values.items()}
    expect(configure(config, texts) == config(), "settings written as texts are other settings")
    kept = config(**json.loads(json.dumps(values)))
    expect(kept == config(), "settings written as JSON are other settings")
