"""The page's files: open to whoever reaches the service, sealed, and no file of another folder."""

import re
from typing import Any

import pytest

from engine.resources import page_dir

FILES = sorted(path.name for path in page_dir().iterdir())
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/", *(f"/page/{name}" for name in FILES)])
def test_every_file_is_shown_without_a_key_and_sealed(running: Any, path: str) -> None:
    with running.client() as client:
        answer = client.get(path)
        again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert answer.status_code == 200
    assert answer.text == (page_dir() / (path[6:] or "index.html")).read_text(encoding="utf-8")
    assert (again.status_code, again.content) == (304, b"")
    for one in (answer, again):
        assert one.headers["content-security-policy"] == POLICY
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["x-frame-options"] == "DENY"
        assert one.headers["cache-control"] == "no-cache"
        assert "set-cookie" not in one.headers


def test_files_have_the_types_that_a_browser_asks_for(running: Any) -> None:
    kinds = {".html": "text/html", ".js": "javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    with running.client() as client:
        for name in FILES:
            kind = client.get(f"/page/{name}").headers["content-type"]
            assert kinds["." + name.rpartition(".")[2]] in kind, name


@pytest.mark.parametrize(
    "name", ["%2e%2e%2fapp.py", "..%2f..%2fconfig.py", "none.js", "", "%2e", "%00", "a/b", "%2fetc"]
)
def test_nothing_else_is_shown(running: Any, name: str) -> None:
    with running.client() as client:
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 404, answer.text
        assert client.post("/", json={}).status_code == 405


def test_the_page_can_be_left_out(settings: Any, serving: Any, tmp_path: Any) -> None:
    other = settings.model_copy(update={"home": tmp_path / "none"})
    with serving(other, page=False) as one, one.client("read") as client:
        assert client.get("/").status_code == 404
        assert client.get("/page/main.js").status_code == 404


def test_scripts_are_short_and_write_no_markup() -> None:
    for name in FILES:
        text = (page_dir() / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, name
        if name.endswith(".js"):
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", text
            )
            assert "localStorage" not in text
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
