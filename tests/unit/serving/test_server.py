"""Where the service listens, how many connections it holds, and what it asks for before."""

import asyncio
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import Settings
from engine.errors import ConfigError
from engine.serving import server, service
from engine.serving.server import bound, connection_limit, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "localhost.evil", ""]
)
def test_others_too(host: str) -> None:
    assert not is_loopback(host)


@pytest.fixture
def files() -> Iterator[int]:
    """How many files a process may open at most; what it may open now is put back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_of_files_is_raised_for_connections(files: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, files))
    assert connection_limit(1_000) == 1_000
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 1_700


def test_more_connections_than_files_are_not_held(
    files: int, caplog: pytest.LogCaptureFixture
) -> None:
    held = connection_limit(files * 2)
    assert 0 < held < files
    assert "ulimit -n" in caplog.text
    assert str(files) in caplog.text


def test_what_was_begun_and_what_is_closed_have_their_time_before_the_end() -> None:
    assert server._DRAIN_SECONDS + service._CLOSE_SECONDS < server._END_SECONDS < 10


def test_a_port_that_is_taken_is_told_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}") as refused:
            bound(Settings(home=tmp_path, serve_port=port))
    assert "--port" in refused.value.hint


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_part_of_an_answer_waits_for_an_acknowledgement(tmp_path: Path, host: str) -> None:
    """Nagle's algorithm would hold the end of every answer on a kept connection for 40 ms."""

    async def accepted() -> int:
        without_delay: asyncio.Future[int] = asyncio.Future()

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            held = writer.get_extra_info("socket")
            without_delay.set_result(held.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = bound(Settings(home=tmp_path, serve_host=host, serve_port=0))
        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            found = await without_delay
            writer.close()
        return found

    assert asyncio.run(accepted()) == 1
