"""``engine spark``."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.load_reports import same_flags, share, show, show_rows
from engine.cli.name_value import pairs
from engine.cli.read_options import read_options, taken
from engine.errors import NothingAccepted

if TYPE_CHECKING:
    from engine.api import Engine

_WORDS = "engine.words"
_GLOBAL_FLAGS = {"home": "--home", "neo4j_uri": "--uri"}
_PLACE = (
    click.option(
        "--master",
        help="Where Spark runs, such as spark://HOST:7077. [default: as spark-submit says, or "
        "this machine]",
    ),
    click.option(
        "--conf", multiple=True, metavar="NAME=VALUE", help="A setting of Spark's own; repeatable."
    ),
    click.option(
        "--print",
        "as_job",
        is_flag=True,
        help="Print the program that a cluster's own spark-submit takes, and do nothing else.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)


def _placed(command: Callable[..., Any]) -> Callable[..., Any]:
    for add in reversed(_PLACE):
        command = add(command)
    return command


class _Job(click.Command):
    """A command that remembers its words, for the program that ``--print`` prints."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_WORDS] = [one for one in args if one != "--print"]
        return super().parse_args(ctx, args)


@click.group(
    help="Load and export events by a Spark cluster, by the rules of engine ingest. docs/spark.md "
    "says what the cluster needs.",
    epilog="Example: engine spark load --events s3a://shop/events/ --print > load_events.py",
)
def command() -> None:
    """Work through a Spark cluster."""


@command.command(
    cls=_Job,
    help="Load events by one Spark job: the same columns, times, kinds, keys and quarantine as "
    "engine ingest, which adds nothing afterwards. Nothing is written before every row was looked "
    "at. Killed and run again, it adds what is missing.",
    epilog="Example: engine spark load --events /mnt/exports/events --writers 8",
)
@click.option(
    "--events",
    required=True,
    metavar="PATH|ADDRESS",
    help="A file, or a folder of part files, that every executor sees: a path of a mount, or an "
    "address that the cluster can read, such as s3a:// or hdfs://.",
)
@read_options
@click.option("--max-bad", default="100%", show_default=True, help="Stop above this bad share.")
@click.option(
    "--writers",
    type=click.IntRange(1, 1_000),
    default=4,
    show_default=True,
    help="Tasks that write into Neo4j at a time.",
)
@click.option(
    "--batch-rows",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="Events per transaction.",
)
@_placed
@click.pass_obj
def load(
    engine: "Engine",
    /,
    max_bad: str,
    conf: tuple[str, ...],
    as_job: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Load events by a Spark job."""
    flags = same_flags(given)
    reading = taken(given)
    settings = pairs(conf, "--conf", "spark.executor.memory=4g")
    allowed = share(max_bad)
    if as_job:
        _print_job(engine, "load")
        return
    try:
        report = engine.spark_load(reading=reading, max_bad=allowed, conf=settings, **given)
    except NothingAccepted as error:
        show_rows([error.report], as_json)
        raise
    show([report], flags, as_json=as_json)


@command.command(
    cls=_Job,
    help="Write every event into a new folder of Parquet, which engine ingest and engine spark "
    "load read.",
    epilog="Example: engine spark export --to /mnt/exports/events",
)
@click.option(
    "--to",
    "folder",
    required=True,
    metavar="PATH|ADDRESS",
    help="A folder that is not there yet: a path of a mount, or an address of the cluster's own.",
)
@click.option(
    "--files",
    type=click.IntRange(1, 100_000),
    help="How many files. [default: one for each million events]",
)
@_placed
@click.pass_obj
def export(
    engine: "Engine",
    folder: str,
    files: int | None,
    master: str | None,
    conf: tuple[str, ...],
    as_job: bool,
    as_json: bool,
) -> None:
    """Export the events by a Spark job."""
    settings = pairs(conf, "--conf", "spark.executor.memory=4g")
    if as_job:
        _print_job(engine, "export")
        return
    done = engine.spark_export(folder, files=files, master=master, conf=settings)
    if as_json:
        render.emit_json(asdict(done))
    else:
        render.note(f"{done.events} events in {done.files} files of {done.folder}")


def _print_job(engine: "Engine", name: str) -> None:
    meta = click.get_current_context().meta
    given = meta["engine.flags"]
    flags = [
        word for key, flag in _GLOBAL_FLAGS.items() if given.get(key) for word in (flag, given[key])
    ]
    job = engine.spark_job(*flags, "spark", name, *meta[_WORDS], name=f"{name}_events.py")
    click.echo(job, nl=False)
