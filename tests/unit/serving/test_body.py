"""JSON that means one thing only."""

import pytest

from engine.serving.body import MAX_DEPTH, check_json
from engine.serving.problems import Problem


@pytest.mark.parametrize("body", [b"null", b'{"a": [1, 2.5e3, "\xc3\xa9", true, null]}', b" [] "])
def test_json_passes(body: bytes) -> None:
    check_json(body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"{}{}", b"\xef\xbb\xbf{}", b"\xff", b"NaN", b"[1e999]", b"{'a': 1}", b"01"),
        *(b"[1,]", b'{"a": 1, "a": 1}', b'[{"b": {"a": 1, "a": 2}}]', b"[" * 10**6, b"9" * 10**4),
    ],
)
def test_what_is_not_json_or_two_things_at_once(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        check_json(body)
    assert refused.value.status == 400


def test_depth() -> None:
    check_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(Problem, match="deep"):
        check_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))
