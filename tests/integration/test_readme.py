"""README's first pages, run: from a CSV file to a recommendation, its graph methods, its nights."""

import csv
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from .terminal import invoked

_README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
_DAY = 86_400
_START = 1_700_000_000
_TEA = ("green-tea", "mug", "teapot", "strainer")
_COFFEE = ("espresso-machine", "grinder", "filter")
_NEEDS_MORE = {"engine retrain --from /srv/exports"}  # nights have tests of their own


def _write(name: str, header: str, rows: list[tuple[object, ...]]) -> None:
    with Path(name).open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(header.split(","))
        out.writerows(rows)


def _shop(rng: np.random.Generator) -> None:
    """Write events.csv, items.csv, knowledge.csv and friends.csv into the working folder."""
    people = ["alice", *(f"user-{n}" for n in range(30))]
    events: list[tuple[object, ...]] = []
    for number, user in enumerate(people):
        own = _TEA if number % 2 == 0 else _COFFEE
        for position in range(6):
            at = _START + position * _DAY + number
            # Alice has not had the green tea.
            choice = own[1:] if user == "alice" else own
            events.append((user, str(rng.choice(choice)), "purchase", at))
    items = [(item, item.title(), "tea") for item in _TEA]
    items += [(item, item.title(), "coffee") for item in _COFFEE]
    facts = [(item, "Item", "IN_CATEGORY", kind, "Category") for item, _, kind in items]
    _write("events.csv", "user_id,item_id,event,timestamp", events)
    _write("items.csv", "item_id,name,category", [*items])
    _write("knowledge.csv", "head,head_type,relation,tail,tail_type", [*facts])
    friends = [("alice", "FRIEND", "user-1"), ("user-1", "FRIEND", "user-3")]
    _write("friends.csv", "head,relation,tail", [*friends])


def _commands(heading: str) -> list[str]:
    """Return the commands of the first shell block under a heading."""
    text = _README[_README.index(f"\n{heading}\n") :]
    block = re.search(r"```bash\n(.*?)```", text, re.DOTALL)
    assert block is not None
    lines = [shlex.join(shlex.split(line, comments=True)) for line in block[1].splitlines()]
    return [line for line in lines if line.startswith("engine ") and line not in _NEEDS_MORE]


@pytest.mark.usefixtures("graph", "on_server")
def test_the_first_pages_run_as_they_stand(rng: np.random.Generator) -> None:
    _shop(rng)
    sections = ("## From a CSV file to a recommendation", "### Graph methods", "### Every night")
    commands = [command for section in sections for command in _commands(section)]
    assert len(commands) > 15
    published = []
    for command in commands:
        if command == "engine rollback":  # there has to be one before
            published.append(invoked("publish"))
        done = invoked(*shlex.split(command)[1:])
        assert done.exit_code == 0, f"{command}\n{done.output}"
        assert done.output.strip(), command
    assert published
