"""``engine keys``: a key is shown once, listed without its secret, and revoked."""

import json
from pathlib import Path

from click.testing import CliRunner

from engine.cli import cli


def _engine(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(cli, ["--home", str(home), "keys", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_key_is_shown_once(tmp_path: Path) -> None:
    assert json.loads(_engine(tmp_path, "list", "--json")) == []
    made = json.loads(_engine(tmp_path, "create", "shop", "--scope", "read", "--json"))
    assert made["scopes"] == ["read"]
    assert made["key"].startswith(f"engine_{made['id']}_")
    listed = _engine(tmp_path, "list", "--json")
    assert made["key"].rpartition("_")[2] not in listed
    assert "digest" not in listed
    (one,) = json.loads(listed)
    assert (one["id"], one["name"], one["revoked_at"]) == (made["id"], "shop", None)
    _engine(tmp_path, "revoke", made["id"])
    assert json.loads(_engine(tmp_path, "list", "--json"))[0]["revoked_at"] is not None


def test_the_text_alone_is_on_stdout(tmp_path: Path) -> None:
    """So that ``KEY=$(engine keys create …)`` works."""
    printed = _engine(tmp_path, "create", "shop", "--scope", "write")
    assert printed.count("\n") == 1
    assert printed.startswith("engine_")
