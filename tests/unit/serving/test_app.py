"""The routes alone: every one is described, guarded and known to the inventory."""

from pathlib import Path

import pytest

from engine.config import Settings
from engine.errors import ConfigError
from engine.serving import app


def test_docs_and_page_can_be_left_out() -> None:
    plain = app.routes(docs=False)
    assert plain.openapi_url is None
    whole = {getattr(route, "path", "") for route in app.routes(docs=True, page=True).routes}
    assert {"/", "/page/{name}", "/docs", "/docs/{name}", "/openapi.json"} <= whole
    assert not whole & {"/redoc", "/docs/oauth2-redirect"}
    assert not {"/", "/docs"} & {getattr(route, "path", "") for route in plain.routes}


@pytest.mark.parametrize("text", ["often", "10", "10/fortnight", "-1/second"])
def test_a_rate_that_cannot_be_read_names_its_setting(tmp_path: Path, text: str) -> None:
    settings = Settings(home=tmp_path, serve_rate=text)
    with pytest.raises(ConfigError, match="serve_rate") as refused:
        app.rate_of(settings, "serve_rate")
    assert text in refused.value.message
    assert refused.value.hint == "ENGINE_SERVE_RATE=100/second"
