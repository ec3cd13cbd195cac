"""A folder of a web server: one that lists nothing, and one that refuses to list it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.errors import DataError, FileRefused
from engine.exchange import manifest
from engine.exchange.folders import folder_of
from engine.exchange.verified_folder import verified


@contextmanager
def _web_server(status: int) -> Iterator[str]:
    """Run a web server that gives every request this status and no content."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/backup"
        server.shutdown()
        thread.join()


def test_a_web_server_without_listings_is_told_from_a_folder_without_a_manifest() -> None:
    with (
        _web_server(200) as address,
        pytest.raises(FileRefused, match=r"its web server lists no manifest.json") as refused,
    ):
        manifest.read(folder_of(address))
    assert "copy the folder" in refused.value.hint


def test_a_store_that_refuses_its_files_after_the_manifest_is_one_sentence(tmp_path: Path) -> None:
    with (
        _web_server(403) as address,
        pytest.raises(DataError, match=r"/backup cannot be used: 403") as refused,
        verified(folder_of(address), (), tmp_path),
    ):
        pass
    assert "login of its store" in refused.value.hint
