"""What names add to facts and categories, on items that were never trained on: recall@20.

python -m benchmarks.item_texts completejourney
python -m benchmarks.item_texts ml-100k FOLDER --models
python -m benchmarks.item_texts ml-100k FOLDER --valid

FOLDER holds RecBole's files of MovieLens 100k. A fifth of the items leaves the training data, as in
``benchmarks.unseen_items``. Features are learned of the items that stay and made of those that
left, with the names as texts and without. ``attributes`` is the cosine of an item's features and
the mean of the user's; with ``--models`` GraphSAGE and PinSage too, without events of the held
items (cold) and with half of them (edges). Each line gives the difference that names make, with the
95 % interval of a paired bootstrap over users and all seeds.

``--valid`` holds out a fifth of the items that would stay, in their place: the test's are not
looked at. There the weight of the names and the kinds of token can be chosen.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import offline
from benchmarks import unseen_items as held_items
from engine.data.encoding.text_tokens import tokens
from engine.data.encoding.weighed_words import WeighedWords
from engine.data.feature_encoding import MOST_TOKENS, TEXT_WEIGHT, Described, FeatureEncoder
from engine.data.interactions import Interactions
from engine.evaluation import ranking, unseen_items
from engine.evaluation.significance import paired_bootstrap
from engine.evaluation.unseen_items import UnseenItems
from engine.training import seed as seeds

K = 20
KINDS = {"both": ("w:", "c:"), "words": ("w:",), "pieces": ("c:",)}
Score = Callable[[np.ndarray], np.ndarray]


def held_out(events: Interactions, seed: int, *, valid: bool) -> tuple[UnseenItems, np.ndarray]:
    """Return data without some items, and the former rows of its known and held items."""
    data = unseen_items.hold_out(events, 0.2, 0.5, seeds.generator(seed, "held"))
    if not valid:
        return data, np.arange(events.n_items)
    inner = unseen_items.hold_out(data.known, 0.2, 0.5, seeds.generator(seed, "valid"))
    return inner, data.kept


def chosen(known: Described, rows: np.ndarray) -> Described:
    """Return what is known of some items."""
    facts = known.facts or [[]] * len(known.attributes)
    return Described([known.attributes[row] for row in rows], [facts[row] for row in rows])


def features(known: Described, kept: np.ndarray) -> np.ndarray:
    """Return features without names, learned of the items that stay."""
    bare = [{k: v for k, v in one.items() if k != "name"} for one in known.attributes]
    known = Described(bare, known.facts)
    return FeatureEncoder.fitted(chosen(known, kept)).encode(known)


def names(known: Described, kept: np.ndarray, kind: str) -> np.ndarray:
    """Return features of names alone, as ``--text name`` adds them."""
    rows = [
        [token for token in tokens(str(one.get("name") or "")) if token.startswith(KINDS[kind])]
        for one in known.attributes
    ]
    found = WeighedWords.fitted([rows[row] for row in kept], MOST_TOKENS)
    assert found is not None
    return found.encode(rows)


def scores(
    data: UnseenItems, table: np.ndarray, seed: int, models: tuple[str, ...], more: dict[str, str]
) -> dict[str, Score]:
    """Return the methods by name."""
    users, items = unseen_items.by_attributes(data, table)
    found: dict[str, Score] = {"attributes": lambda rows: users[rows] @ items.T}
    none = np.empty(0, dtype=np.int64)
    for name in models:
        own = {key: text for key, text in more.items() if name == "pinsage" or key != "pairs"}
        of_users, embed = held_items.trained(name, data, table, own, seed)
        for how, edges in (("cold", (none, none)), ("edges", data.shown)):
            made = embed(edges)
            found[f"{name} {how}"] = lambda rows, u=of_users, i=made: u[rows] @ i.T
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", choices=held_items.PAIRS)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--valid", action="store_true")
    parser.add_argument("--models", action="store_true")
    parser.add_argument("--packaged", action="store_true", help="completejourney's 300 households")
    parser.add_argument("--kinds", default="both", help="of token, commas between: both,words")
    parser.add_argument("--weights", default=f"{TEXT_WEIGHT:g}", help="of names: 0.25,0.5,1")
    given = parser.parse_args()
    if given.folder:
        catalogue = offline.ml_100k_catalogue(given.folder)
    else:
        catalogue = offline.completejourney_catalogue(packaged=given.packaged)
    models = tuple(held_items.SETTINGS) if given.models else ()
    more = {"pairs": held_items.PAIRS[given.data]}
    recalls: dict[str, list[np.ndarray]] = {}
    for seed in range(given.seeds):
        began = time.monotonic()
        data, rows = held_out(catalogue.events, seed, valid=given.valid)
        known = chosen(catalogue.described, rows)
        plain = features(known, data.kept)
        tables = {"": plain}
        for kind in given.kinds.split(","):
            text = names(known, data.kept, kind)
            for weight in map(float, given.weights.split(",")):
                tables[f" + names ({kind}, {weight:g})"] = np.hstack((plain, weight * text))
        for label, table in tables.items():
            for name, score in scores(data, table.astype(np.float32), seed, models, more).items():
                quality = ranking.evaluate(data.question, score, (K,))
                recalls.setdefault(name + label, []).append(quality.per_user[f"recall@{K}"])
        print(
            f"  seed {seed}: {len(data.held)} items held, {len(data.question.users)} users asked, "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
    of_all = {name: np.concatenate(found) for name, found in recalls.items()}
    for name, values in of_all.items():
        line = f"{given.data}: {name:40} recall@{K} {values.mean():.4f}"
        rival = name.partition(" + names")[0]
        if rival != name:
            gap = paired_bootstrap(values, of_all[rival], np.random.default_rng(0))
            line += f"  - without {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
        print(line, flush=True)


if __name__ == "__main__":
    main()
