"""The password is on disk, and only its owner's, before any server hears of it."""

import stat
from pathlib import Path

import pytest

from engine.errors import LocalServerError
from engine.store.server_login import log_in, pending_of, target_of


def test_a_lost_password_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError) as lost:
        target_of("bolt://127.0.0.1:1", tmp_path / "password")
    assert "engine db reset" in lost.value.hint


def test_the_password_does_not_show(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("very secret", encoding="utf-8")
    target = target_of("bolt://127.0.0.1:1", tmp_path / "password")
    assert target.password == "very secret"
    assert "very secret" not in repr(target)


def test_a_server_that_does_not_answer_yet_gets_the_same_password_later(
    tmp_path: Path, unused_port: int
) -> None:
    file = tmp_path / "password"
    uri = f"bolt://127.0.0.1:{unused_port}"
    assert not log_in(uri, file)
    assert not file.exists()
    pending = pending_of(file)
    made_up = pending.read_text(encoding="utf-8")
    assert len(made_up) >= 32
    assert stat.S_IMODE(pending.stat().st_mode) == 0o600
    assert not log_in(uri, file)
    assert pending.read_text(encoding="utf-8") == made_up
