"""``engine evaluate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.compare import show_rows
from engine.cli.protocol_options import judging, protocol_options
from engine.cli.read_options import taken

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.api.results import EvaluateReport, UnknownIds


@click.command(
    help="Score lists made elsewhere by the protocol of engine compare, beside plain "
    "methods: user_id, item_id, and rank (1 is the best) or score (the highest is the best), as "
    "CSV, TSV, JSON lines or Parquet. Lists should be longer than the largest --k where they may "
    "hold items that the protocol never lists: unknown ones, and seen ones where only new items "
    "count. Items of one score are listed by their events in the training part, then by id. Users "
    "without a list count 0. The lists must be made without the test part: engine recommend --all "
    "knows all events and leaves out what a user had, so its lists cannot be judged so. The "
    "protocols window and next-basket judge them at one cut, the newest: a file holds one list for "
    "each user, made at one moment. Below the table stands what the lists must be made from.",
    epilog="Example: engine evaluate --predictions lists.csv --data events.csv --k 10 --k 20\n\n"
    "Example: engine evaluate --predictions lists.csv --protocol next-basket --window-days 14\n\n"
    "Example: engine evaluate --predictions lists.csv --protocol next-item --data events.csv",
)
@click.option(
    "--predictions",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of lists.",
)
@click.option(
    "--k",
    "cutoffs",
    multiple=True,
    type=click.IntRange(1, 1_000),
    help="Length of list that is judged; repeatable. The largest decides who wins. "
    "[default: 10 and 20; of next-item 10]",
)
@protocol_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    /,
    predictions: Path,
    cutoffs: tuple[int, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Judge lists made elsewhere."""
    found = engine.evaluate(
        predictions, given["data"], k=cutoffs or None, reading=taken(given), **judging(given)
    )
    if as_json:
        render.emit_json(found.as_dict())
        return
    for line in found.lines:
        render.say(line)
    show_rows(found.rows, found.judged, found.data["protocol"])
    _remark(found)


def _remark(found: "EvaluateReport") -> None:
    for what, unknown in (("users", found.users), ("items", found.items)):
        if unknown.count:
            render.note(f"{unknown.count} {what} are not in the data: {_named(unknown)}")
    for mode, where in (("unseen", "New items only"), ("seen", "Seen items allowed")):
        if mode in found.taken_out:
            render.note(
                f"{where}: {found.without_list[mode]} of "
                f"{found.data[f'users_asked_{mode}']} users asked have no list; "
                f"{found.taken_out[mode]} listed items are never listed here, and were taken out"
            )
    for remark in found.remarks:
        render.note(remark)


def _named(unknown: "UnknownIds") -> str:
    more = ", …" if unknown.count > len(unknown.first) else ""
    return ", ".join(unknown.first) + more
