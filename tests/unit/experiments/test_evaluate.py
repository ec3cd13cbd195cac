"""Lists made elsewhere are judged as our own are."""

import csv
import warnings
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Settings
from engine.data.interactions import Interactions
from engine.data.reading.read_options import ReadOptions
from engine.data.splits import split
from engine.data.training_data import TrainingData
from engine.errors import UsageError
from engine.evaluation.baselines import ALWAYS
from engine.evaluation.protocols import NextBasket, NextItemProtocol, Window
from engine.evaluation.protocols.cuts import day
from engine.experiments.compare_request import CompareRequest
from engine.experiments.evaluate import EvaluateReport, check_cuts, read_lists
from engine.models import PLAIN
from engine.usecases.comparing import evaluate as judge

from .conftest import shop, write_events


def written(path: Path, rows: Iterable[tuple[str, str, float]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "score"])
        out.writerows(rows)
    return path


def evaluate(
    settings: Settings, lists: Path, request: CompareRequest, cutoffs: tuple[int, ...]
) -> EvaluateReport:
    return judge(settings, read_lists(lists, request), request, cutoffs)


def parts():  # type: ignore[no-untyped-def]
    return split(shop(), "time", np.random.default_rng(0), 0.2)


def whole_lists(path: Path) -> Path:
    """Scores of item k-NN for every user and item."""
    train = parts().earlier
    kind = PLAIN["item-knn"]
    method = kind.build(train, kind.config(), np.random.default_rng(0))
    scores = method.score(np.arange(train.n_users))
    return written(
        path,
        (
            (train.users.ids[user], train.items.ids[item], float(scores[user, item]))
            for user in range(train.n_users)
            for item in range(train.n_items)
        ),
    )


@pytest.mark.parametrize("seen", [False, True])
def test_metrics_equal_those_of_ranx_on_the_same_lists(
    settings: Settings, events_file: Path, tmp_path: Path, seen: bool
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ranx
    predictions = whole_lists(tmp_path / "lists.csv")
    found = evaluate(settings, predictions, CompareRequest((), data=events_file), (5, 10))
    (ours,) = [one for one in found.rows if one.kind == "lists" and one.seen is seen]

    both = parts()
    train, test = both.earlier, both.later
    had = {(int(u), int(i)) for u, i in zip(train.user, train.item, strict=True)}
    users, items = set(train.user.tolist()), set(train.item.tolist())
    truth: dict[str, dict[str, int]] = {}
    for user, item in zip(test.user.tolist(), test.item.tolist(), strict=True):
        if user in users and item in items and (seen or (user, item) not in had):
            truth.setdefault(f"u{user}", {})[f"i{item}"] = 1
    run: dict[str, dict[str, float]] = {}
    ties = sorted(range(train.n_items), key=lambda i: (-train.item_counts()[i], f"i{i}"))
    with predictions.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            user, item = int(row["user_id"][1:]), int(row["item_id"][1:])
            if item in items and (seen or (user, item) not in had) and f"u{user}" in truth:
                # ranx orders equal scores as it likes; ours go by training events, then by id.
                score = float(row["score"]) - 1e-9 * ties.index(item)
                run.setdefault(f"u{user}", {})[f"i{item}"] = score
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = ["recall@5", "ndcg@10", "mrr@10", "hit_rate@5"]
        theirs = ranx.evaluate(ranx.Qrels(truth), ranx.Run(run), names)
    for name, value in theirs.items():
        assert ours.means[name.replace("hit_rate", "hit")] == pytest.approx(value, abs=1e-9), name


def test_the_order_of_lines_does_not_decide_between_equal_scores(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    target, asked = shop(), CompareRequest((), data=events_file)
    rows = [
        (user, item, float(item < "i2")) for user in target.users.ids for item in target.items.ids
    ]
    found = []
    for number in range(3):
        np.random.default_rng(number).shuffle(rows)
        lists = evaluate(settings, written(tmp_path / f"{number}.csv", rows), asked, (5,))
        found.append([one.means for one in lists.rows if one.kind == "lists"])
    assert found[0] == found[1] == found[2]


def test_lists_that_leave_out_the_test_part_too_are_not_judged(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    """As those of ``engine recommend --all``: nothing in them was ever had."""
    target = shop()
    had = set(zip(target.user.tolist(), target.item.tolist(), strict=True))
    rows = [
        (target.users.ids[user], target.items.ids[item], -float(item))
        for user in range(target.n_users)
        for item in range(target.n_items)
        if (user, item) not in had
    ]
    asked = CompareRequest((), data=events_file)
    found = evaluate(settings, written(tmp_path / "lists.csv", rows), asked, (20,))
    assert found.without_seen
    (line,) = found.lines
    assert "lists.csv cannot be judged" in line
    assert "wins" not in line
    user, item = min(had)
    known = [(target.users.ids[user], target.items.ids[item], 9.0), *rows]
    other = evaluate(settings, written(tmp_path / "other.csv", known), asked, (20,))
    assert not other.without_seen
    assert "lists.csv cannot be judged" not in other.lines[0]


def test_popular_and_buy_again_stand_beside_the_lists(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    found = evaluate(
        settings,
        whole_lists(tmp_path / "lists.csv"),
        CompareRequest((), data=events_file),
        (20,),
    )
    assert {one.name for one in found.rows} == {"lists.csv", *ALWAYS}
    assert found.judged == "ndcg@20"
    assert found.users.count == 0
    assert found.items.count == 40 - len(set(shop().item.tolist()))
    assert set(found.without_list.values()) == {0}


def test_what_is_unknown_is_counted_named_and_taken_out(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    both = parts()
    test = both.later
    target = shop()
    wanted = next(
        (int(u), int(i))
        for u, i in zip(test.user, test.item, strict=True)
        if i in both.earlier.item and u in both.earlier.user
    )
    user, item = target.users.ids[wanted[0]], target.items.ids[wanted[1]]
    rows = [(user, "nothing", 3.0), (user, "nowhere", 2.0), (user, item, 1.0), ("who", item, 1.0)]
    found = evaluate(
        settings,
        written(tmp_path / "lists.csv", rows),
        CompareRequest((), data=events_file),
        (1,),
    )
    assert (found.users.count, found.users.first) == (1, ("who",))
    assert (found.items.count, found.items.first) == (2, ("nothing", "nowhere"))
    (ours,) = [one for one in found.rows if one.kind == "lists" and one.seen]
    asked = found.data["users_asked_seen"]
    # The two unknown items leave their places: what was third is a hit at rank 1, for one user.
    assert ours.means["hit@1"] == pytest.approx(1 / asked)
    assert found.without_list["seen"] == asked - 1
    assert found.taken_out["seen"] == 2


def test_how_the_lists_were_read_is_said(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    lists = tmp_path / "lists.csv"
    lists.write_text("customer;product;score;why\nu1;i1;1,5;x\nu1;i2;1,25;x\n", encoding="utf-8")
    asked = CompareRequest((), data=events_file, reading=ReadOptions(skip=("why",)))
    said = [one for one in evaluate(settings, lists, asked, (5,)).remarks if "lists.csv: " in one]
    assert any("';'" in one for one in said), said
    assert "lists.csv: read as user_id = 'customer', item_id = 'product'" in said
    assert not any("not used" in one for one in said)


def test_what_weighs_too_little_need_not_be_listed(settings: Settings, tmp_path: Path) -> None:
    """Whoever lists what was liked is right; every training, and its validation, is cut so too."""
    rows = ["user_id,item_id,rating,timestamp"]
    for user in range(60):
        rows += [f"u{user},i{(user + n) % 20},5,{1_700_000_000 + n}" for n in range(8)]
        rows += [f"u{user},i{(user + n) % 20},{n % 2 * 4 + 1},{1_750_000_000 + n}" for n in (9, 10)]
    events = tmp_path / "events.csv"
    events.write_text("\n".join(rows), encoding="utf-8")
    lists = written(tmp_path / "lists.csv", ((f"u{n}", f"i{(n + 9) % 20}", 1.0) for n in range(60)))
    worth = {}
    for least in (None, 3.0):
        asked = CompareRequest((), data=events, relevant_from=least)
        found = evaluate(settings, lists, asked, (5,))
        (worth[least],) = [
            one.means["recall@5"] for one in found.rows if one.kind == "lists" and not one.seen
        ]
        assert ("weigh less than 3" in " ".join(found.remarks)) is (least == 3.0)
    assert worth[None] == pytest.approx(0.5)
    assert worth[3.0] == 1.0
    request = CompareRequest(("bpr-mf",), relevant_from=3.0).entrants()[0].request()
    assert request.effective()["relevant_from"] == 3.0
    (task,) = request.tasks(TrainingData(rated()))
    assert task.parts.later.weight.min() >= 3.0
    assert task.validation.later.weight.min() >= 3.0


def rated() -> Interactions:
    events = shop()
    stars = np.random.default_rng(1).integers(1, 6, len(events))
    return replace(events, weight=stars.astype(np.float32))


def test_lists_are_judged_at_one_cut_which_is_named(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    lists = whole_lists(tmp_path / "lists.csv")
    one = CompareRequest((), data=events_file, protocol=Window(30, 1))
    found = evaluate(settings, lists, one, (5,))
    assert found.data["cuts"] == [day(Window(30, 1).tasks(shop(), fail)[0].cut or 0)]
    assert any(found.data["cuts"][0] in remark for remark in found.remarks)
    several = CompareRequest((), data=events_file, protocol=NextBasket(30, 2))
    with pytest.raises(UsageError, match=r"lists\.csv holds one list for each user.*, and 2 cuts"):
        evaluate(settings, lists, several, (5,))


def test_several_cuts_are_refused_though_only_one_of_them_could_be_asked() -> None:
    for protocol in (Window(7, 2), NextBasket(7, 2)):
        with pytest.raises(UsageError, match="2 cuts ask for a list at each") as refused:
            check_cuts("lists.csv", CompareRequest((), protocol=protocol))
        assert refused.value.hint.startswith("give --cuts 1, and a file for each moment")
    for one in (None, Window(7, 1), NextBasket(7, 1), NextItemProtocol()):
        check_cuts("lists.csv", CompareRequest((), protocol=one))


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        (None, "--protocol split: the lists must have been made from the 1198 events of the"),
        (Window(30, 1), "--protocol window: the lists must have been made from what happened bef"),
        (NextBasket(30, 1), "--protocol next-basket: the lists must have been made from what hap"),
        (NextItemProtocol(), "--protocol next-item: the lists must have been made from the event"),
    ],
)
def test_each_protocol_says_what_lists_must_have_been_made_from(
    settings: Settings, events_file: Path, tmp_path: Path, protocol: Any, said: str
) -> None:
    asked = CompareRequest((), data=events_file, protocol=protocol)
    found = evaluate(settings, whole_lists(tmp_path / "lists.csv"), asked, (5,))
    assert said in found.remarks[-1]
    assert found.data["protocol"] == (protocol.name if protocol else "split")
    (day_of_cut,) = found.data["cuts"] or [""]
    assert day_of_cut in found.remarks[-1]


def test_a_next_basket_is_scored_by_what_was_had_and_by_what_is_new(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    """Everybody is shown the same five items; recall of either part, by a loop."""
    whole = shop()
    protocol = NextBasket(30, 1)
    (task,) = protocol.tasks(whole, fail)
    before, basket = task.parts.earlier, task.parts.later
    shown = ["i1", "i4", "i3", "i0", "i7"]
    rows = [
        (user, item, -float(place)) for user in whole.users.ids for place, item in enumerate(shown)
    ]
    asked = CompareRequest((), data=events_file, protocol=protocol)
    found = evaluate(settings, written(tmp_path / "lists.csv", rows), asked, (5,))
    (ours,) = [one for one in found.rows if one.kind == "lists" and one.seen]

    had = {user: set() for user in range(whole.n_users)}  # type: ignore[var-annotated]
    for user, item in zip(before.user.tolist(), before.item.tolist(), strict=True):
        had[user].add(item)
    known = set(before.item.tolist())
    recall: dict[str, list[float]] = {"repeat": [], "explore": []}
    hits = []
    for user in sorted(set(basket.user.tolist())):
        wanted = set(basket.item[basket.user == user].tolist()) & known
        if not (wanted and had[user]):
            continue
        listed = [whole.items.ids.index(item) for item in shown]
        for part, own in (("repeat", wanted & had[user]), ("explore", wanted - had[user])):
            if own:
                recall[part].append(len(own & set(listed)) / len(own))
        hits.append(bool(wanted & set(listed)))
    assert len(recall["explore"]) > 5
    for part, values in recall.items():
        assert ours.means[f"{part}-recall@5"] == pytest.approx(np.mean(values)), part
    assert ours.means["phr@5"] == pytest.approx(np.mean(hits))


def test_over_few_users_lists_made_elsewhere_win_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    few = write_events(tmp_path / "few.csv", shop(users=30, events=600))
    lists = written(tmp_path / "lists.csv", ((f"u{n}", "i1", 1.0) for n in range(30)))
    for protocol in (None, Window(30, 1), NextBasket(30, 1), NextItemProtocol()):
        asked = CompareRequest((), data=few, protocol=protocol)
        found = evaluate(settings, lists, asked, (10,))
        assert found.lines
        for line in found.lines:
            assert "too few users to tell (" in line
            assert "win" not in line
            assert "leads" not in line


def fail(name: str) -> np.random.Generator:
    raise AssertionError(name)
