"""Settings of training that hold for every model.

What is 0 or ``auto`` is left to the data: ``data_sized.py``.
"""

from dataclasses import dataclass

from engine.data.model_options import Span, option
from engine.errors import UsageError
from engine.models.registry_entries import ModelEntry
from engine.plugins import ExtensibleNames

SPARSE_ADAM = "sparse-adam"
_LOSSES = ("softmax", "bpr", "max-margin", "skip-gram", "self-adversarial")


@dataclass(frozen=True)
class TrainingConfig:
    """How long and by what rule a model is trained."""

    loss: str = option(
        "softmax",
        "what is minimised",
        choices=ExtensibleNames("engine.losses", _LOSSES, callable),
    )
    temperature: float = option(
        0.1,
        "divisor of the scores in the loss",
        low=0.001,
        high=100,
        tune=Span(0.03, 1.0, log=True),
    )
    margin: float = option(
        0.1,
        "margin of max-margin between positive and negative; what self-adversarial adds to scores",
        low=0,
        high=100,
    )
    negatives: str = option(
        "uniform",
        "where negatives come from; in-batch is by degree",
        choices=("uniform", "in-batch", "both"),
    )
    negative_count: int = option(
        0,
        "uniform negatives per batch, in items; of triples also those by degree; "
        "0: by the number of items",
        low=0,
        tune=Span(64, 16384, log=True),
    )
    shown_negatives: float = option(
        0.0,
        "weight of what a user was shown and never took, as a negative of that user beside what is "
        "disliked, which weighs 1; less where positions are hardly looked at; 0: not learned from",
        low=0,
        high=1,
    )
    recency: float = option(
        -1.0,
        "half-life in days of a pair's weight in the loss; 0: all pairs weigh the same; "
        "-1: the one whose recent popularity predicts the validation part best",
        low=-1,
    )
    batch_size: int = option(
        0,
        "pairs or triples per step; 0: by the number of pairs",
        low=0,
        tune=(1024, 2048, 4096, 8192, 16384, 32768, 65536),
    )
    shuffle: str = option(
        "auto",
        "what an epoch shuffles; users keep their pairs together, which lets one row of scores "
        "serve all of them; auto: users where the loss is softmax over pairs",
        choices=("auto", "pairs", "users"),
    )
    learning_rate: float = option(
        0.0,
        "step size of Adam; 0: by the size of a batch",
        low=0,
        high=10,
        tune=Span(1e-3, 0.1, log=True),
    )
    optimiser: str = option(
        "auto",
        "what a step moves: adam every row of a table, sparse-adam those of its batch, for models "
        "that look up no others; auto: these where a batch looks up few of very many rows",
        choices=("auto", "adam", SPARSE_ADAM),
    )
    decay: str = option(
        "none",
        "how the step size falls from the first step to the last of all epochs",
        choices=("none", "linear"),
    )
    epochs: int = option(40, "most passes over the pairs or triples", low=1)
    patience: int = option(6, "epochs without improvement before stopping", low=1)
    most_dimensions: int = option(
        256,
        "vectors of more numbers are reduced before they are published, to as few as keep 98 % of "
        "the ranking on validation; 0: never",
        low=0,
    )
    precision: str = option(
        "float32",
        "of softmax's table of scores against shared negatives; sums, weights and whatever is "
        "published stay float32",
        choices=("float32", "bfloat16"),
    )

    def check_model(self, model: ModelEntry) -> None:
        """Refuse what a model would not look at.

        Raises:
            UsageError: What was shown is to be learned from, and no user has negatives; or rows
                that a batch does not name are to stay, and the model does more with them.
        """
        if self.optimiser == SPARSE_ADAM and not model.sparse_gradients:
            raise UsageError(
                f"optimiser={SPARSE_ADAM} is for models that look up the rows of a batch and no "
                "others: bpr-mf, transe, twhin",
                hint="leave it out; of several models name one: --set bpr-mf.optimiser=sparse-adam",
            )
        if self.shown_negatives and model.batches not in ("pairs", "sequences"):
            raise UsageError(
                "shown_negatives is for models that draw negatives of a user: of "
                f"{model.batches} none are",
                hint="leave it out; of several models name one: --set lightgcn.shown_negatives=0.3",
            )
