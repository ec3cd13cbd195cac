"""``engine ingest``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.load_reports import same_flags, share, show, show_rows
from engine.cli.read_options import read_options, taken
from engine.cli.source_options import SourcePath, take_queries
from engine.errors import NothingAccepted, UsageError

if TYPE_CHECKING:
    from engine.api import Engine, ReadOptions

_SOURCE = SourcePath(path_type=Path)
_WHERE = "PATH|ADDRESS"


@click.command(
    help="Load events, items, users and facts; each file alone too. Every row is accepted, a "
    "duplicate, or quarantined with its reason. Loading a file again adds nothing.\n\n"
    "A folder of part files, as Spark, BigQuery, Athena and Snowflake write it, is one file: "
    "names that begin with _ or . are passed over, and a folder called column=value is a column. "
    "Every row of every file is looked at before the first one is written.\n\n"
    "Files are CSV, TSV, JSON lines or Parquet, plain, .gz or .zst, in UTF-8. Columns go by name: "
    "user_id, item_id, timestamp, event, weight, basket_id, event_id and their usual other names; "
    "RecBole's typed headers are understood. Ids are text: 7, 007 and 7.0 are three ids, and so "
    "are two ways to write one accent (NFC, NFD). Times are ISO 8601, UTC where no zone is named, "
    "or an epoch in s, ms, µs or ns. docs/files.md lists names, times, kinds and limits.\n\n"
    "A database is read in place of a file: its address, and --query. A folder that grows is read "
    "for its new parts by --from-folder, a stream by --follow. docs/sources.md has the rules.\n\n"
    "Attributes are the text of their cells; an empty cell changes nothing. hidden is true or "
    "false, expires_at a time. A later file overrules an earlier one.\n\n"
    "Facts have a direction; the same two nodes may have several, and a node one with itself. "
    "Types User and Item are the users and items themselves.\n\n"
    "A quarantine file holds the bad rows as JSON lines. Mend the cells in place, leave the keys "
    "that begin with _ alone, and load the file with the same flags, without --format and "
    "--columns. A row that nobody mended is quarantined again.",
    epilog="Examples: engine ingest events.csv --items items.csv --facts knowledge.csv "
    "--map item_id=sku --max-bad 5%\n\n"
    "engine ingest postgresql://reader@shop.example/shop --query 'SELECT user_id, sku, ts FROM "
    "orders' --watermark ts",
)
@click.argument("events", required=False, type=_SOURCE, metavar="[EVENTS|ADDRESS]")
@click.option("--items", type=_SOURCE, metavar=_WHERE, help="Items with their attributes.")
@click.option("--users", type=_SOURCE, metavar=_WHERE, help="Users with their attributes.")
@click.option(
    "--facts",
    type=_SOURCE,
    metavar=_WHERE,
    help="Facts: head,head_type,relation,tail,tail_type.",
)
@click.option(
    "--from-folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Events in a folder of part files that grows, such as one of a table that is partitioned "
    "by day: parts that were loaded and have not changed are passed over.",
)
@click.option(
    "--query",
    multiple=True,
    metavar="[KIND=]SQL",
    help="What to ask the database whose address stands in place of a file; KIND is events, "
    "items, users or facts, events where it is left out.",
)
@click.option(
    "--watermark",
    multiple=True,
    metavar="[KIND=]COLUMN",
    help="Column of the query that only grows, such as a time: the same command again asks for "
    "rows from the newest value on.",
)
@read_options
@click.option("--head-type", help="Type of the heads of facts without one. [default: Item]")
@click.option("--tail-type", help="Type of the tails of facts without one. [default: Thing]")
@click.option("--relation", help="Relation of facts without one.")
@click.option(
    "--links",
    type=click.Path(path_type=Path),
    help="Which entity is which item: item_id,entity_id. A head or tail of a fact that is one of "
    "these entities is the item; other heads are Things.",
)
@click.option("--max-bad", default="100%", show_default=True, help="Stop above this bad share.")
@click.option(
    "--bulk/--no-bulk",
    default=None,
    help="Load the events through Neo4j's offline importer: the engine's own, still empty "
    "database only. The default is to do so where it is quicker.",
)
@click.option(
    "--batch-rows",
    type=click.IntRange(1, 1_000_000),
    default=20_000,
    show_default=True,
    help="Events per transaction.",
)
@click.option(
    "--follow",
    type=SourcePath(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE|-|kafka://HOST:PORT/TOPIC",
    help="Load events as they are appended to a file of JSON lines, come through a pipe, or are "
    "sent to a topic of Kafka, until Ctrl-C or the end of the pipe. Started again, it goes on "
    "where it was.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    /,
    max_bad: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Load files into the graph."""
    kinds = ("events", "items", "users", "facts", "from_folder")
    files = [given[kind] for kind in kinds if given[kind]]
    following: Path | str | None = given.pop("follow")
    flags = same_flags(given)
    reading = taken(given)
    take_queries(given)
    if following is not None:
        if files:
            raise UsageError("--follow goes without other files", hint="load them first")
        _follow(engine, following, reading, given["batch_rows"], as_json)
        return
    if not files:
        raise UsageError("no file is named", hint="engine ingest events.csv, or --items, --facts")
    if reading.columns and len(files) > 1:
        raise UsageError(
            "--columns without a kind is for one file",
            hint="say which file it is of: --columns items=item_id,title",
        )
    try:
        reports = engine.ingest(reading=reading, max_bad=share(max_bad), **given)
    except NothingAccepted as error:
        show_rows([error.report], as_json)
        raise
    show(reports, flags, as_json=as_json)


def _follow(
    engine: "Engine", file: Path | str, reading: "ReadOptions", batch_rows: int, as_json: bool
) -> None:
    from engine.interrupt import interrupt_between_steps

    piped = str(file) == "-"
    with interrupt_between_steps() as asked:
        report = engine.follow(
            None if piped else file,
            sys.stdin.buffer if piped else None,
            reading=reading,
            batch_rows=batch_rows,
            should_stop=asked.is_set,
        )
    show([report], "", as_json=as_json)
