"""The page of the API loads nothing from another host."""

import re
from typing import Any

import pytest


def test_the_page_names_its_own_files_only(unreachable: Any) -> None:
    answer = unreachable.client.get("/docs")
    assert answer.status_code == 200
    assert not re.search(r"https?://", answer.text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("swagger-ui-bundle.js", "text/javascript"),
        ("swagger-ui.css", "text/css"),
        ("start.js", "text/javascript"),
    ],
)
def test_its_files_are_served(unreachable: Any, name: str, kind: str) -> None:
    answer = unreachable.client.get(f"/docs/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.text


@pytest.mark.parametrize("name", ["app.py", "..%2Fdocs_page.py", "%2e%2e%2fapp.py"])
def test_no_other_file_is(unreachable: Any, name: str) -> None:
    assert unreachable.client.get(f"/docs/{name}").status_code == 404
