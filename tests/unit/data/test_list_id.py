"""Ids of lists are UUIDs of version 7, in the order of time, and each is another one."""

import time
import uuid

from engine.data.list_id import first_list_id, list_time, new_list_id


def test_an_id_is_a_uuid_of_version_7_that_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_list_id() for _ in range(1_000)]
    after = time.time_ns() // 1_000_000
    assert len({*ids, *(one[14:] for one in ids)}) == 2_000, (
        "the random part alone tells them apart"
    )
    for one in ids:
        assert (uuid.UUID(one).version, uuid.UUID(one).variant) == (7, uuid.RFC_4122)
        assert str(uuid.UUID(one)) == one
        assert before <= (list_time(one) or 0) <= after


def test_the_example_of_the_standard() -> None:
    # RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
    assert list_time("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == 1_645_557_742_000


def test_a_moment_parts_the_ids_from_before_it_from_the_others() -> None:
    at = 1_645_557_742_000
    one = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    assert first_list_id(at) <= one < first_list_id(at + 1)
    assert list_time(first_list_id(at)) == at
    assert list_time(first_list_id(-5)) == 0


def test_what_is_no_id_has_no_time() -> None:
    for text in ("", "alice", str(uuid.uuid4()), new_list_id().upper(), new_list_id() + "\n"):
        assert list_time(text) is None, text
