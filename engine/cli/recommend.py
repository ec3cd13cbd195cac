"""``engine recommend``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli import render, server
from engine.config import Settings

if TYPE_CHECKING:
    from engine.graph.recommendations import Question, RecommendationList


@click.command(
    help="Recommend items to USER, or to every user into a file.",
    epilog="Example: engine recommend alice -k 5 --where category=tea",
)
@click.argument("user", required=False)
@click.option("-k", default=10, show_default=True, help="How many items.")
@click.option(
    "--exclude-seen/--include-seen",
    default=True,
    show_default=True,
    help="Leave out what the user has used before, or let it compete.",
)
@click.option("--where", multiple=True, metavar="ATTR=VALUE", help="Only such items; repeatable.")
@click.option("--all", "everyone", is_flag=True, help="Every user; needs --out.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for --all: .parquet, .csv or .jsonl. The same command again continues.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    settings: Settings,
    user: str | None,
    k: int,
    exclude_seen: bool,
    where: tuple[str, ...],
    everyone: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print one user's list, or write all lists."""
    from engine.graph.recommendations import Question
    from engine.pipeline.recommend import recommend

    question = Question(k=k, exclude_seen=exclude_seen, filters=filters_of(where))
    server.ready(settings)
    if everyone:
        if user is not None or out is None:
            raise click.UsageError("--all takes --out FILE and no USER")
        _write_all(settings, out, question, as_json)
        return
    if user is None or out is not None:
        raise click.UsageError("name a USER, or give --all --out FILE")
    show(recommend(settings, user, question), f"For {user}", as_json)


def filters_of(where: tuple[str, ...]) -> dict[str, list[str]]:
    """Return attribute -> allowed values of texts such as ``category=tea``."""
    filters: dict[str, list[str]] = {}
    for text in where:
        attribute, equals, value = text.partition("=")
        if not equals or not attribute:
            raise click.BadParameter(f"{text!r} is not ATTR=VALUE", param_hint="--where")
        filters.setdefault(attribute, []).append(value)
    return filters


def show(answer: "RecommendationList", title: str, as_json: bool) -> None:
    """Print a list, and what must be known about it."""
    if as_json:
        render.emit_json(answer.as_dict())
        return
    if said := answer.note():
        render.note(said)
    rows = [
        {"#": rank, "item": item.id, "why": item.source, **vars(item)}
        for rank, item in enumerate(answer.items, start=1)
    ]
    counted = [name for name in ("count", "support", "lift") if rows and name in rows[0]]
    render.table(rows, ("#", "item", "name", "score", *counted, "why"), title)


def _write_all(settings: Settings, out: Path, question: "Question", as_json: bool) -> None:
    from engine.pipeline.recommend import recommend_all

    with render.progress() as bar:
        task = bar.add_task("users", total=None, detail="")
        exported = recommend_all(
            settings,
            out,
            question,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        render.emit_json(exported.as_dict())
        return
    render.note(
        f"{exported.rows} rows for {exported.users} users in {exported.path}"
        + (f"; {exported.short_lists} lists are short" if exported.short_lists else "")
    )
