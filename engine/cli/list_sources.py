"""The options that say which lists answer, in one place."""

from collections.abc import Callable
from typing import Any

import click

from engine.data.list_names import OWN_LISTS
from engine.plugins import ExtensibleNames

_LISTS = tuple(ExtensibleNames("engine.lists", OWN_LISTS))
_RERANKERS = tuple(ExtensibleNames("engine.rerankers", ()))
_OPTIONS = (
    click.option(
        "--by",
        type=click.Choice(_LISTS),
        help="Which list; for-you unless --likes is given. See docs/recommendations.md.",
    ),
    click.option("--likes", multiple=True, metavar="ITEM", help="For somebody new; repeatable."),
    click.option("--blend", type=click.Choice(_LISTS), help="Blend with this list, by rank."),
    click.option(
        "--fallback",
        multiple=True,
        type=click.Choice(_LISTS),
        help="Fills in; repeatable, in order.",
    ),
    click.option(
        "--rerank",
        type=click.Choice(_RERANKERS),
        help="Put what may be shown in the order of a plug-in: docs/plugins.md.",
    ),
    click.option("--relation", help="Facts that are friendships; needed where users have several."),
)


def list_source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which is given each under its name."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
