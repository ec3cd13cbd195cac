"""``engine serve``."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.optional_dependencies import require

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Answer over HTTP: recommendations, similar items, baskets, explanations; take events; "
    "promote and roll back. Without a key (engine keys create) only this machine may ask.",
    epilog="Example: engine serve --port 8000, then: "
    "curl http://127.0.0.1:8000/v1/users/alice/recommendations",
)
@click.option("--host", "serve_host", help="Address to listen at; 127.0.0.1 if not given.")
@click.option(
    "--port", "serve_port", type=click.IntRange(0, 65_535), help="8000; 0 takes any that is free."
)
@click.option(
    "--workers",
    "serve_workers",
    type=click.IntRange(1, 64),
    help="Processes at this address; 1 if not given.",
)
@click.option(
    "--docs/--no-docs",
    "serve_docs",
    default=None,
    help="Show the OpenAPI page at /docs; if not given: on loopback only.",
)
@click.option(
    "--page/--no-page",
    "serve_page",
    default=None,
    help="Show the page at /: lists, reasons, nights; if not given: on loopback only.",
)
@click.pass_obj
def command(engine: "Engine", /, **flags: Any) -> None:
    """Start the service, which is imported here so that no other command needs its extra."""
    require("serve", "engine serve")
    from engine.serving.server import run

    given = {name: value for name, value in flags.items() if value is not None}
    engine.ready()
    settings = engine.settings.model_copy(update=given)
    run(settings, lambda url, keyless: _say(url, settings.serve_workers, keyless=keyless))


def _say(url: str, workers: int, *, keyless: bool) -> None:
    render.note(f"Serving at {url}")
    if workers > 1:
        render.note(f"Workers: {workers}, each a process; one that dies is replaced")
    if keyless:
        render.note(
            "There is no key yet: whoever can log in to this machine may read, write and promote. "
            "Make one with: engine keys create NAME --scope read"
        )
