"""Jars come from a real HTTP server over connections that stay open."""

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import MavenContext

from engine.store.pooled_resolver import PooledResolver


@dataclass
class Repository:
    """A Maven repository on loopback."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    callers: set[int] = field(default_factory=set)


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # whose connections stay open

        def do_GET(self) -> None:
            there.asked.append(self.path)
            there.callers.add(self.client_address[1])
            content = there.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        there = Repository(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield there
        server.shutdown()
        thread.join()


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def resolver(stop: threading.Event) -> Iterator[PooledResolver]:
    made = PooledResolver(4, stop)
    yield made
    made.close()


def _context(resolver: PooledResolver, folder: Path, *urls: str) -> MavenContext:
    named = {f"repository {number}": url for number, url in enumerate(urls)}
    return MavenContext(resolver, repo_cache=folder, remote_repos=named, timeout=20)


def test_jars_are_asked_for_once_over_one_connection(
    resolver: PooledResolver, repository: Repository, tmp_path: Path
) -> None:
    names = [f"/org/example/a/{number}/a-{number}.jar" for number in range(5)]
    repository.files |= {name: name.encode() * 10_000 for name in names}
    context = _context(resolver, tmp_path, repository.url)
    for number, name in enumerate(names):
        artifact = context.project("org.example", "a").at_version(str(number)).artifact()
        assert artifact.resolve().read_bytes() == repository.files[name]
    assert repository.asked == names
    assert len(repository.callers) == 1


def test_the_next_repository_is_asked_for_what_the_first_lacks(
    resolver: PooledResolver, repository: Repository, tmp_path: Path
) -> None:
    repository.files["/second/org/example/a/1/a-1-linux.jar"] = b"a jar"
    context = _context(resolver, tmp_path, f"{repository.url}/first", f"{repository.url}/second")
    artifact = context.project("org.example", "a").at_version("1").artifact("linux")
    assert artifact.resolve().read_bytes() == b"a jar"
    with pytest.raises(RuntimeError, match="Could not resolve"):
        context.project("org.example", "b").at_version("1").artifact().resolve()


def test_a_stopped_download_ends(
    resolver: PooledResolver, repository: Repository, stop: threading.Event, tmp_path: Path
) -> None:
    repository.files["/org/example/a/1/a-1.jar"] = b"a jar"
    context = _context(resolver, tmp_path, repository.url)
    stop.set()
    with pytest.raises(CancelledError):
        context.project("org.example", "a").at_version("1").artifact().resolve()
