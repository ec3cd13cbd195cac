"""``engine recommend``: what cannot be asked is refused before a database is started."""

import pytest

from .refusal import refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--all"], "--all takes --out FILE"),
        (["--all", "--out", "a.csv", "alice"], "no USER"),
        (["--all", "--out", "a.csv", "--by", "popular"], "for-you alone"),
        (["alice", "--out", "a.csv"], "--out goes with --all"),
        ([], "--by for-you needs a USER"),
        (["--by", "because"], "--by because needs a USER"),
        (["alice", "--by", "again", "--blend", "again"], "blend must be another list"),
        (["alice", "--list", "cart", "--by", "popular"], "by does not go with it"),
        (["alice", "-k", "0"], "k must be"),
        (["alice", "--where", "kind"], "--where 'kind' is no condition"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: list[str], says: str) -> None:
    assert says in refused("recommend", *arguments).message
