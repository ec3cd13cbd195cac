"""The OpenAPI page, with assets of its own: nothing is fetched from another host."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from engine.serving.problems import Problem

_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_START = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#page', deepLinking: true})"
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>engine</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
"""
# Styles inline, as Swagger UI writes them; scripts and calls from here only.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)


def install(app: FastAPI) -> None:
    """Add ``/docs`` and what it needs."""
    folder = _folder()

    async def page(request: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "start.js":
            return Response(_START, media_type="text/javascript")
        if name not in _FILES:
            raise Problem(404, "no such file")
        return FileResponse(folder / name, media_type=_FILES[name])

    app.add_route("/docs", page, include_in_schema=False)
    app.add_route("/docs/{name}", asset, include_in_schema=False)


def _folder() -> Path:
    found = find_spec("fastapi_offline")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "static"
