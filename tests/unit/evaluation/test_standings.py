from dataclasses import replace

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation.evaluation_setup import EvaluationSetup
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.standings import MethodKind, MethodLists, headline, standings

USERS, ITEMS = 60, 70


def events(pairs: list[tuple[int, int]]) -> Interactions:
    user, item = (np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(USERS)]),
        Vocabulary([f"i{n}" for n in range(ITEMS)]),
        user,
        item,
    )


def protocol(*, repeats: bool) -> EvaluationSetup:
    """Everybody had an item of its own, and takes item 65 next; maybe its own again."""
    train = [(user, user) for user in range(USERS)] + [(0, item) for item in range(USERS, ITEMS)]
    test = [(user, 65) for user in range(1, USERS)]
    test += [(user, user) for user in range(1, USERS)] if repeats else []
    parts = Split(events(train), events(test))
    task = EvaluationTask(parts, lambda: parts)
    return EvaluationSetup([task], lambda: np.random.default_rng(0), (1, 2))


def always(asked: EvaluationSetup, name: str, kind: MethodKind, first: int) -> MethodLists:
    """A method that lists one item to all."""
    return MethodLists(
        name,
        kind,
        {
            seen: [np.tile([first, -1], (len(question.users), 1))]
            for seen, (question,) in asked.questions.items()
        },
    )


def test_every_method_is_paired_with_the_best_plain_one() -> None:
    asked = protocol(repeats=False)
    rows = standings(
        asked,
        [
            always(asked, "good", "trained", 65),
            always(asked, "bad", "plain", 66),
            always(asked, "worse", "plain", 67),
        ],
    )
    by_name = {one.name: one for one in rows}
    assert {one.seen for one in rows} == {False}
    assert by_name["good"].means["ndcg@2"] == pytest.approx(1.0)
    assert by_name["good"].gaps["ndcg@2"].mean == pytest.approx(1.0)
    assert by_name["good"].intervals["recall@2"].users == USERS - 1
    assert by_name["bad"].gaps == {}
    assert by_name["worse"].gaps["ndcg@2"].mean == 0.0
    assert by_name["good"].cold["users"]["recall@2"].mean == pytest.approx(1.0)
    assert headline(rows, asked.judged) == [
        "New items only: good wins, ndcg@2 1.0000. The best plain method, bad, has 0.0000: "
        "+1.0000 [+1.0000, +1.0000] over 59 users."
    ]


def test_where_a_plain_method_wins_the_first_line_says_so() -> None:
    asked = protocol(repeats=True)
    own = {
        seen: [np.stack([question.users, np.full(len(question.users), 65)], axis=1)]
        for seen, (question,) in asked.questions.items()
    }
    own[False][0][:, 0] = 66
    rows = standings(
        asked,
        [MethodLists("again", "plain", own), always(asked, "model", "trained", 65)],
    )
    lines = headline(rows, asked.judged)
    assert lines[0].startswith("Seen items allowed: a plain method wins: again, ndcg@2 1.0000.")
    assert "The best other, model" in lines[0]
    assert lines[1].startswith("New items only: model wins, ndcg@2 1.0000.")


def test_a_lead_within_the_noise_is_no_win() -> None:
    asked = protocol(repeats=False)
    mixed = np.tile([66, 65], (USERS - 1, 1))
    mixed[0] = [65, 66]
    rows = standings(
        asked,
        [
            MethodLists("model", "trained", {False: [mixed]}),
            MethodLists("plain", "plain", {False: [np.tile([66, 65], (USERS - 1, 1))]}),
        ],
    )
    assert "model leads within the noise" in headline(rows, asked.judged)[0]


def test_equal_methods_leave_the_win_to_the_plain_one() -> None:
    asked = protocol(repeats=False)
    rows = standings(
        asked, [always(asked, "plain", "plain", 65), always(asked, "model", "blend", 65)]
    )
    assert "a plain method wins: plain" in headline(rows, asked.judged)[0]


def test_over_few_users_nobody_wins_or_is_level() -> None:
    asked = protocol(repeats=True)
    questions = {
        seen: [replace(question, users=question.users[:49])]
        for seen, (question,) in asked.questions.items()
    }
    object.__setattr__(asked, "questions", questions)
    rows = standings(
        asked, [always(asked, "model", "trained", 65), always(asked, "plain", "plain", 66)]
    )
    for line in headline(rows, asked.judged, "Because of this."):
        assert "too few users to tell (49): 49 users" in line
        assert line.endswith("Because of this.")
        assert "win" not in line
        assert "level" not in line


def test_a_plain_method_wins_within_or_outside_the_noise() -> None:
    asked = protocol(repeats=False)
    close = np.tile([66, 65], (USERS - 1, 1))
    closer = close.copy()
    closer[0] = [65, 66]
    plain = MethodLists("plain", "plain", {False: [closer]})
    models = [
        MethodLists("near", "trained", {False: [close]}),
        always(asked, "far", "trained", 67),
    ]
    within = headline(standings(asked, [plain, *models]), asked.judged)[0]
    assert "The best other, near, has 0.6309: -0.0063 [-0.0188, +0.0000] over 59 users, " in within
    assert within.endswith("within the noise.")
    outside = headline(standings(asked, [plain, models[1]]), asked.judged)[0]
    assert outside.endswith("outside the noise.")


def test_plain_methods_alone_are_compared_with_each_other() -> None:
    asked = protocol(repeats=False)
    rows = standings(asked, [always(asked, "bad", "plain", 66), always(asked, "good", "plain", 65)])
    assert headline(rows, asked.judged) == [
        "New items only: among plain methods good wins, ndcg@2 1.0000."
    ]
