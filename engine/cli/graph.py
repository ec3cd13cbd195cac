"""``engine graph``: the graphs between items, and indexes of their content."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.cli import render
from engine.cli.name_value import split_factor

if TYPE_CHECKING:
    from engine.api import Engine

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(help="Build the graphs between items: bought together, next, similar.")
def command() -> None:
    """Group of the commands about graphs between items."""


@command.group(help="Build a graph, or bring it up to date; only what changed is rewritten.")
def build() -> None:
    """Group of the graphs that can be built."""


def _options(function: _Command) -> _Command:
    """Add what every graph that is counted from events takes."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--half-life", type=float, metavar="DAYS", help="Age at which events halve."),
        click.option(
            "--weight",
            multiple=True,
            metavar="KIND=FACTOR",
            help="For a kind of event, instead of what [events] of engine.toml says; repeatable.",
        ),
        click.option(
            "--max-basket", default=500, show_default=True, help="A larger basket is sampled."
        ),
        click.option("--top", default=30, show_default=True, help="Most neighbours of an item."),
    ):
        function = option(function)
    return function


@build.command(
    "co-occurrence",
    help="Items that are bought together: CO_OCCURRED, with count and score.",
    epilog="Example: engine graph build co-occurrence --half-life 90 --weight buy=3",
)
@_options
@click.option(
    "--unit",
    type=click.Choice(["basket", "session", "user"]),
    default="basket",
    show_default=True,
    help="Together in what: a basket, where an event has none a session; or all of a user's.",
)
@click.option(
    "--session-gap", default=30.0, show_default=True, help="Minutes without events that end one."
)
@click.option("--min-count", default=2, show_default=True, help="Leave out pairs in fewer baskets.")
@click.pass_obj
def co_occurrence(
    engine: "Engine", /, unit: Any, session_gap: float, min_count: int, **given: Any
) -> None:
    """Build CO_OCCURRED."""
    more = {"unit": unit, "session_gap_minutes": session_gap, "min_count": min_count}
    _build(engine, "co-occurrence", more, **given)


@build.command(
    help="What comes after an item in a user's history: FOLLOWED_BY, with count and score.",
    epilog="Example: engine graph build sequential --window 3",
)
@_options
@click.option(
    "--window", default=1, show_default=True, help="How many baskets or moments on still count."
)
@click.pass_obj
def sequential(engine: "Engine", /, window: int, **given: Any) -> None:
    """Build FOLLOWED_BY."""
    _build(engine, "sequential", {"window": window}, **given)


@build.command(
    help="Neighbours by the vectors in service: SIMILAR, with score and generation. "
    "Where nothing is published, by who used the items.",
    epilog="Example: engine graph build similarity --top 20",
)
@_options
@click.pass_obj
def similarity(engine: "Engine", /, **given: Any) -> None:
    """Build SIMILAR."""
    _build(engine, "similarity", {}, **given)


@build.command(
    help="An index of each attribute of items that is a vector, such as that of a picture; lists "
    "by content are then made of the nearest instead of all items.",
    epilog="Example: engine graph build content",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def content(engine: "Engine", as_json: bool) -> None:
    """Build the indexes of brought vectors."""
    rows = engine.build_content_indexes().to_dicts()
    if as_json:
        render.emit_json(rows)
        return
    render.table(rows, ("attribute", "dimension", "built"))
    render.note("Next: engine similar ITEM --by content")


@command.command("list", epilog="Example: engine graph list --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(engine: "Engine", as_json: bool) -> None:
    """Show which graphs there are, whether each is whole, and how it was built."""
    rows = engine.item_graphs().to_dicts()
    if as_json:
        render.emit_json(rows)
        return
    if not rows:
        render.note("No graph between items yet. Next: engine graph build co-occurrence")
    render.table(rows, ("name", "state", "edges", "baskets"))


@command.command(
    help="Rank nodes by PageRank over edges of some kinds, both ways; print the best, and with "
    "--write keep every node's score as a property.",
    epilog="Example: engine graph pagerank --label Item --top 20 --write pagerank",
)
@click.option(
    "--edges",
    multiple=True,
    metavar="HEAD-TYPE-TAIL",
    help="Kind of edges; repeatable.  [default: User-INTERACTED-Item]",
)
@click.option("--damping", default=0.85, show_default=True, help="Chance to follow an edge.")
@click.option("--weight", metavar="PROPERTY", help="Property that weighs an edge.")
@click.option("--restart", multiple=True, metavar="LABEL:ID", help="Restart here only; repeatable.")
@click.option("--top", default=10, show_default=True, help="How many to print.")
@click.option("--label", help="Print nodes of this label only.")
@click.option("--write", metavar="PROPERTY", help="pagerank, or such as pagerank_by_trust.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def pagerank(engine: "Engine", /, as_json: bool, **given: Any) -> None:
    """Print the best nodes by PageRank."""
    from dataclasses import asdict

    restart = [(text.partition(":")[0], text.partition(":")[2]) for text in given.pop("restart")]
    ranks = engine.pagerank(restart=restart, **given)
    rows = [asdict(one) for one in ranks.best]
    if as_json:
        render.emit_json({"best": rows, "written": ranks.written})
        return
    render.table(rows, ("label", "id", "score"))
    if ranks.written is not None:
        render.note(f"{ranks.written} nodes carry their score as {given['write']}.")


def _build(engine: "Engine", graph: Any, more: dict[str, Any], **given: Any) -> None:
    done = engine.build_graph(
        graph,
        top=given["top"],
        max_basket=given["max_basket"],
        weights=dict(split_factor(text, "--weight", "buy=3") for text in given["weight"]),
        half_life_days=given["half_life"],
        **more,
    )
    if given["as_json"]:
        render.emit_json(done.as_dict())
        return
    if said := done.note():
        render.note(said)
    shown = {name: value for name, value in done.as_dict().items() if name != "note"}
    rows = [{"what": name.replace("_", " "), "value": value} for name, value in shown.items()]
    render.table(rows, ("what", "value"))
