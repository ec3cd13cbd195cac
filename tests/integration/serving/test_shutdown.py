"""SIGTERM while Neo4j is frozen: requests that were begun are answered, and the process ends."""

import contextlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from engine.usecases import keys
from tests.integration.tcp_proxy import TcpProxy

# What does not end by itself waits for ever; what does may be held up by a busy machine.
_WITH_A_LATE_DEADLINE = """
from engine.cli import main
from engine.serving import server
server._END_SECONDS = 40.0
main()
"""


def test_it_ends_while_the_database_is_frozen(
    settings: Any, tcp_proxy: TcpProxy, until: Any, tmp_path: Path
) -> None:
    home = tmp_path / "frozen"
    here = settings.model_copy(update={"home": home})
    made = {scope: keys.create(here, scope, [scope]).text for scope in ("read", "write")}
    environment = os.environ | {
        "ENGINE_HOME": str(home),
        "ENGINE_SERVE_SECONDS": "4",
        "ENGINE_NEO4J_URI": tcp_proxy.uri,
        "ENGINE_NEO4J_USER": settings.neo4j_user,
        "ENGINE_NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
    }
    command = [sys.executable, "-c", _WITH_A_LATE_DEADLINE, "serve", "--port", "0"]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process,
        contextlib.ExitStack() as failed,
    ):
        failed.callback(process.kill)
        assert process.stderr is not None
        url = next(line for line in process.stderr if line.startswith("Serving at")).split()[-1]

        def ask(n: int) -> int:
            scope = "write" if n % 2 else "read"
            headers = {"Authorization": f"Bearer {made[scope]}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                if scope == "read":
                    return client.get(f"/v1/users/u{n}/recommendations").status_code
                event = {"user_id": f"u{n}", "item_id": "i1", "timestamp": 1_770_000_000 + n}
                return client.post("/v1/events", json={"events": [event]}).status_code

        until(lambda: {ask(0), ask(1)} == {200})
        tcp_proxy.freeze()
        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(ask, n) for n in range(6)]
            # A list is answered from memory once the frozen server was waited for: all are begun.
            assert asked[0].result() == 200
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
            failed.pop_all()
            assert {one.result() for one in asked} <= {200, 503}
    # Not by the deadline, which would be 128 and the signal: every part was closed.
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
