"""``engine ingest``."""

from pathlib import Path

import click

from engine.cli import render
from engine.config import Settings
from engine.errors import UsageError

_FILE = click.Path(path_type=Path, dir_okay=False)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    if wrong := [name for name, _, column in split if not name or not column]:
        raise UsageError(f"--map {wrong[0]}: not a pair", hint="write --map item_id=sku")
    return {name: column for name, _, column in split}


def _share(text: str) -> float:
    number = text.removesuffix("%")
    try:
        value = float(number) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"--max-bad {text}: not a share", hint="write --max-bad 5% or 0.05")
    return value


@click.command(
    help="Load events, items, users and facts; each file alone too. Every row is accepted, a "
    "duplicate, or quarantined with its reason. Loading a file again adds nothing.",
    epilog="Example: engine ingest events.csv --items items.csv --facts knowledge.csv "
    "--map item_id=sku --max-bad 5%",
)
@click.argument("events", required=False, type=_FILE)
@click.option("--items", type=_FILE, help="Items with their attributes.")
@click.option("--users", type=_FILE, help="Users with their attributes.")
@click.option("--facts", type=_FILE, help="Facts: head,head_type,relation,tail,tail_type.")
@click.option(
    "--format",
    "format_",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "csv", "tsv", "jsonl", "parquet", "adjacency"]),
    help="Format of the files; auto goes by the suffix.",
)
@click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="Which column is it.")
@click.option("--event", default="interaction", show_default=True, help="Kind of unnamed events.")
@click.option("--only-event", multiple=True, help="Accept only these kinds of event.")
@click.option("--max-bad", default="100%", show_default=True, help="Stop above this bad share.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    settings: Settings,
    events: Path | None,
    items: Path | None,
    users: Path | None,
    facts: Path | None,
    format_: str,
    pairs: tuple[str, ...],
    event: str,
    only_event: tuple[str, ...],
    max_bad: str,
    as_json: bool,
) -> None:
    """Load files into the graph."""
    from engine.pipeline.ingest import ingest
    from engine.pipeline.load import IngestRequest
    from engine.pipeline.session import open_graph, open_registry

    if not (events or items or users or facts):
        raise UsageError("no file is named", hint="engine ingest events.csv, or --items, --facts")
    request = IngestRequest(
        events=events,
        items=items,
        users=users,
        facts=facts,
        format=format_,
        mapping=_mapping(pairs),
        default_event=event,
        allowed_events=only_event,
        max_bad=_share(max_bad),
    )
    with (
        open_graph(settings) as graph,
        open_registry(settings) as registry,
        render.progress() as progress,
    ):
        tasks: dict[str, int] = {}

        def advance(name: str, rows: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=None, detail="rows")
            progress.update(progress.task_ids[list(tasks).index(name)], completed=rows)

        reports = ingest(graph, registry, request, settings.home, advance)
    rows = [report.as_dict() for report in reports]
    if as_json:
        render.emit_json(rows)
        return
    render.table(rows, ("file", "read", "accepted", "duplicate", "quarantined"))
    for report in reports:
        if report.quarantine_file:
            reasons = ", ".join(f"{code} {n}" for code, n in report.reasons.items())
            render.note(f"quarantined ({reasons}): {report.quarantine_file}")
