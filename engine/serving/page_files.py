"""The page: its files, as they lie in ``page/``, with a policy that lets nothing else run.

The files hold nothing that is worth a key; what the page shows it asks for like any other client,
with the key that whoever looks at it types in.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from engine.resources import page_dir

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # Kept, and asked about every time by its ETag: a new version of the engine is seen at once.
    "Cache-Control": "no-cache",
}


def install(app: FastAPI) -> None:
    """Add ``/`` and the files that it needs under ``/page/``."""
    files = StaticFiles(directory=page_dir())

    async def file(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        response = await files.get_response(name, request.scope)
        response.headers.update(_HEADERS)
        return response

    app.add_route("/", file, include_in_schema=False)
    app.add_route("/page/{name}", file, include_in_schema=False)
