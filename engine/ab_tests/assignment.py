"""Assignment: which variant of which experiment a user gets, by keyed hashes alone.

BLAKE2b, keyed with the secret of a layer, puts a user into one of 10,000 buckets. Experiments of
one layer own different buckets, so no user is in two of them; layers have secrets of their own, so
who is where in one says nothing about another (Tang et al. 2010, "Overlapping Experiment
Infrastructure", KDD). A second hash, of the experiment's number too, chooses among its variants:
whoever follows in the same buckets divides them anew. Nothing is stored, and every process that
reads the same registry answers the same.
"""

from collections.abc import Iterable
from hashlib import blake2b

from engine.data.experiment_definition import BUCKETS, INTERLEAVED, Experiment, Variant

_BYTES = 8


def bucket(secret: bytes, purpose: str, user: str) -> int:
    """Return the bucket of a user, 0 to 9,999.

    Args:
        secret: Of the layer, 16 to 64 bytes.
        purpose: What the buckets are for; another one divides the users independently.
        user: Id.
    """
    text = f"{purpose}\x1f{user}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, key=secret, digest_size=_BYTES).digest(), "big") % BUCKETS


def assigned(
    experiments: Iterable[Experiment], layer: str, user: str
) -> tuple[Experiment, Variant] | None:
    """Return the experiment of a layer that a user is in and the variant; None: in none.

    Args:
        experiments: Those that run.
        layer: Name of the layer.
        user: Id.
    """
    for one in experiments:
        if one.layer != layer:
            continue
        if one.first_bucket <= bucket(one.secret, "layer", user) < one.end_bucket:
            return one, variant_of(one, user)
    return None


def variant_of(experiment: Experiment, user: str) -> Variant:
    """Return the variant of a user who is in the experiment: of both, where it interleaves."""
    if experiment.interleaved:
        return Variant(INTERLEAVED, 100.0, "interleaved")
    place = bucket(experiment.secret, f"experiment {experiment.id}", user)
    end = 0.0
    for one in experiment.variants:
        end += one.share * BUCKETS / 100.0
        if place < round(end):
            return one
    return experiment.variants[-1]
