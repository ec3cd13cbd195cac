"""``engine publish``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Write a trained model into the graph, check what it would serve, and serve it.",
    epilog="Example: engine publish --run 3",
)
@click.option("--run", "run_id", type=int, help="Training run; the default is the newest finished.")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="A checkpoint file instead of a run."
)
@click.option(
    "--vectors",
    type=click.Path(path_type=Path),
    help="A folder of vectors instead of a run: users/*.parquet and items/*.parquet with the "
    "columns id and vector.",
)
@click.option(
    "--promote/--no-promote",
    default=True,
    show_default=True,
    help="Without, it waits, complete and checked, for: engine promote N.",
)
@click.option(
    "--index-attribute",
    "index_attributes",
    metavar="NAME",
    multiple=True,
    help="Attribute of items that the vector index looks at itself, so that --where NAME=VALUE "
    "finds the nearest that have the value; repeatable. Default: index_attributes of the settings.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    run_id: int | None,
    checkpoint: Path | None,
    vectors: Path | None,
    promote: bool,
    index_attributes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Publish and print what is now in service."""
    published = engine.publish(
        run_id,
        checkpoint=checkpoint,
        vectors=vectors,
        promote=promote,
        index_attributes=index_attributes,
    )
    if as_json:
        render.emit_json(published.as_dict())
        return
    rows = [
        {"what": name.replace("_", " "), "value": value}
        for name, value in published.as_dict().items()
        if value or not published.edges  # a filter has nothing of what vectors have
    ]
    state = "is in service" if published.in_service else "waits to be promoted"
    render.table(rows, ("what", "value"), f"Generation {published.generation} {state}")
    if not published.in_service:
        render.note(f"Next: engine promote {published.generation}")
        return
    render.note("Next: engine recommend USER, or engine similar ITEM")
