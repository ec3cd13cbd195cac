"""``engine recommend``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from engine.cli import render
from engine.cli.list_options import cursor_option, list_options
from engine.cli.list_sources import list_source_options
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine, ListOptions
    from engine.api.results import RecommendationList, Recommended

_COUNTS = ("count", "support", "lift", "gap_days", "since_days", "recent", "before")


@click.command(
    help="Recommend items to USER, or to every user into a file.",
    epilog="Example: engine recommend alice -k 5 --where category=tea --fallback trending",
)
@click.argument("user", required=False)
@click.option(
    "--list", "name", metavar="NAME", help="A named list, with its options: engine lists."
)
@list_source_options
@list_options
@cursor_option
@click.option("--all", "everyone", is_flag=True, help="Every user; needs --out.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for --all: .parquet, .csv or .jsonl. The same command again continues.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    user: str | None,
    name: str | None,
    by: Any,
    likes: tuple[str, ...],
    blend: Any,
    fallback: Any,
    relation: str | None,
    rerank: str | None,
    k: int,
    options: "ListOptions",
    cursor: str | None,
    everyone: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print one user's list, or write all lists."""
    if name is not None:
        _show_named(engine, user, name, k, cursor, as_json)
        return
    by = by or ("likes" if likes else "for-you")
    if everyone:
        alone = by == "for-you" and not (blend or fallback or likes or relation or rerank or cursor)
        if user is not None or out is None or not alone:
            raise UsageError(
                "--all takes --out FILE, no USER, and the list for-you alone",
                hint="engine recommend --all --out lists.parquet",
            )
        _write_all(engine, out, k, options, as_json)
        return
    if out is not None:
        raise UsageError(
            "--out goes with --all", hint="for every user: engine recommend --all --out FILE"
        )
    title = f"For {user or 'everybody'}" if by == "for-you" else f"{by}, for {user or 'everybody'}"
    answer = engine.recommend(
        user,
        k,
        by=by,
        blend=blend,
        fallback=fallback,
        likes=likes,
        relation=relation,
        rerank=rerank,
        cursor=cursor,
        **options,
    )
    show(answer, title, as_json)


def _show_named(
    engine: "Engine", user: str | None, name: str, k: int, cursor: str | None, as_json: bool
) -> None:
    context = click.get_current_context()
    given = [
        option
        for option in context.params
        if context.get_parameter_source(option) is ParameterSource.COMMANDLINE
    ]
    if beside := sorted(set(given) - {"user", "name", "k", "cursor", "as_json"}):
        raise UsageError(
            f"--list {name} has its own options: {beside[0]} does not go with it",
            hint=f"engine recommend {user or 'USER'} --list {name}; engine lists shows its options",
        )
    answer = engine.recommend(user, k if "k" in given else None, list=name, cursor=cursor)
    show(answer, f"{name}, for {user or 'everybody'}", as_json)


def show(answer: "RecommendationList", title: str, as_json: bool) -> None:
    """Print a list, and what must be known about it."""
    if as_json:
        render.emit_json(answer.as_dict())
        return
    if said := answer.note():
        render.note(said)
    rows = [
        {"#": place, **row, "why": _why(item)}
        for (place, item), row in zip(answer.placed(), answer.to_dicts(), strict=True)
    ]
    shown = {name for row in rows for name in row}
    counted = [name for name in _COUNTS if name in shown]
    described = dict.fromkeys(name for one in answer.attributes.values() for name in one)
    columns = dict.fromkeys(("#", "item", "name", "score", *counted, "why", *described))
    render.table(rows, tuple(columns), title)


def _why(item: "Recommended") -> str:
    """Return the source of an item and, where there is one, what led to it."""
    led = getattr(item, "because_name", None) or getattr(item, "because", None)
    return f"{item.source}: {led}" if led else item.source


def _write_all(engine: "Engine", out: Path, k: int, options: "ListOptions", as_json: bool) -> None:
    exported = engine.recommend_all(out, k, **options)
    if as_json:
        render.emit_json(exported.as_dict())
        return
    render.note(
        f"{exported.rows} rows for {exported.users} users in {exported.path}"
        + (f"; {exported.short_lists} lists are short" if exported.short_lists else "")
    )
