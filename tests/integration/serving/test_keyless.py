"""Without a key: this machine only, no page of another site, and nothing is open for long."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.errors import UsageError
from engine.store.graph_client import Neo4jTarget
from engine.usecases import keys

from ..terminal import invoked


@pytest.fixture
def open_one(settings: Any, serving: Any, tmp_path: Path) -> Iterator[Any]:
    """A service whose registry has no key."""
    alone = settings.model_copy(update={"home": tmp_path / "open"})
    with serving(alone, with_keys=False) as one:
        yield one


def test_whoever_is_on_this_machine_may_ask_until_there_is_a_key(open_one: Any, until: Any) -> None:
    path = "/v1/users/u1/recommendations"
    with open_one.client() as client:
        assert client.get(path).status_code == 200
        made = keys.create(open_one.settings, "first", ["read"])
        until(lambda: client.get(path).status_code == 401)
        # Closed for good: that the key is gone does not let everybody in.
        keys.revoke(open_one.settings, made.key.id)
        until(lambda: open_one.service.keys.find(made.text) is None)
        assert client.get(path).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil", ""])
def test_a_name_that_somebody_pointed_here_is_refused(open_one: Any, host: str) -> None:
    with open_one.client() as client:
        answer = client.get("/v1/users/u1/recommendations", headers={"Host": host})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Ray"])
def test_a_proxy_lets_nobody_in(open_one: Any, name: str) -> None:
    """Every request that a proxy on this machine passes on comes from 127.0.0.1."""
    with open_one.client() as client:
        for answer in (
            client.get("/v1/generations", headers={name: "203.0.113.9"}),
            client.post("/v1/generations/rollback", json={}, headers={name: "203.0.113.9"}),
        ):
            assert answer.status_code == 401
            assert "engine keys create" in answer.json()["detail"]
        assert client.get("/v1/generations").status_code == 200


def test_a_form_of_another_site_changes_nothing(open_one: Any) -> None:
    """What a browser sends without asking first has none of these types."""
    kinds = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
    with open_one.client() as client:
        for kind in kinds:
            answer = client.post(
                "/v1/generations/rollback", content=b"{}", headers={"Content-Type": kind}
            )
            assert answer.status_code == 415


@pytest.mark.parametrize("reason", ["host", "proxy"])
def test_other_machines_need_a_key(
    on_server: Neo4jTarget, home: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    assert on_server.uri
    host = "0.0.0.0" if reason == "host" else "127.0.0.1"
    if reason == "proxy":
        monkeypatch.setenv("ENGINE_SERVE_PROXIES", '["127.0.0.1"]')
    with pytest.raises(UsageError, match=reason if reason == "proxy" else host) as refused:
        invoked("--home", str(home), "serve", "--host", host, "--port", "0")
    assert "engine keys create" in refused.value.hint


def test_the_command_serves_says_where_and_ends_in_peace(
    settings: Any, on_server: Neo4jTarget, tmp_path: Path
) -> None:
    assert on_server.uri == settings.neo4j_uri
    command = [sys.executable, "-m", "engine", "--home", str(tmp_path / "new"), "serve"]
    log = tmp_path / "log"
    with (
        log.open("w") as file,
        subprocess.Popen(
            [*command, "--port", "0"],
            stderr=subprocess.PIPE,
            stdout=file,
            text=True,
            env=os.environ | {"ENGINE_SERVE_SECONDS": "20"},
        ) as process,
    ):
        assert process.stderr is not None
        said = process.stderr.readline()
        url = said.split()[-1]
        assert said.startswith("Serving at http://127.0.0.1:")
        assert "no key yet" in process.stderr.readline()
        answer = httpx.get(f"{url}/v1/users/u2/recommendations", timeout=60)
        assert answer.json()["basis"]["served"] == "embedding"
        port = url.rpartition(":")[2]
        taken = subprocess.run(
            [*command, "--port", port],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"ENGINE_LOG_FORMAT": "json"},
        )
        assert taken.returncode == 3
        (refusal,) = [json.loads(line) for line in taken.stderr.splitlines()]
        assert (refusal["level"], refusal["logger"]) == ("ERROR", "engine.cli")
        assert "--port" in refusal["hint"]
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
    assert process.returncode == 0
    assert "Traceback" not in rest
    assert os.environ["ENGINE_NEO4J_PASSWORD"] not in said + rest + log.read_text()


def test_keys_on_the_command_line(home: Path) -> None:
    def engine(*arguments: str) -> str:
        done = invoked("--home", str(home), "keys", *arguments)
        assert done.exit_code == 0, done.output
        return done.output

    made = engine("create", "shop", "--scope", "read", "--scope", "write", "--days", "30")
    text = made.split()[0]
    listed = engine("list", "--json")
    assert text.startswith("engine_")
    assert '"shop"' in listed
    assert text not in listed
    assert "digest" not in listed
    engine("revoke", text.split("_")[1])
    assert '"revoked_at": null' not in engine("list", "--json")
