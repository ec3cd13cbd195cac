"""The page's files and the policy that lets nothing else run."""

from typing import Any

import pytest

from engine.resources import page_dir

FILES = sorted(path.name for path in page_dir().iterdir() if path.is_file())


@pytest.mark.parametrize("path", ["/", *(f"/page/{name}" for name in FILES)])
def test_every_file_has_the_policy_and_is_asked_about_each_time(
    unreachable: Any, path: str
) -> None:
    answer = unreachable.client.get(path)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-cache"
    again = unreachable.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["..%2Fapp.py", "nothing.js", "%2e%2e%2f%2e%2e%2ferrors.py"])
def test_no_other_file_is_served(unreachable: Any, name: str) -> None:
    assert unreachable.client.get(f"/page/{name}").status_code == 404
