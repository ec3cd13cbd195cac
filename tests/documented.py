"""What README.md, CONTRIBUTING.md and docs/ show: blocks, shell lines, commands of the engine."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HERE_DOCUMENT = re.compile(r"<<'?(\w+)'?")
_PROGRAM = {"engine", ".venv/bin/engine"}
_SEPARATORS = {"&&", ";", "|", "&", "||"}
_REDIRECTIONS = {"<", ">", ">>", "2>"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, and its lines as one text."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    return [Block(*found) for found in _FENCED.findall(page.read_text(encoding="utf-8"))]


def shell_lines(text: str) -> Iterator[str]:
    """Yield the lines of a shell block: continued ones joined, a here-document with its text."""
    lines = iter(text.splitlines())
    for line in lines:
        whole = line
        while whole.endswith("\\"):
            whole = whole[:-1] + next(lines)
        if mark := _HERE_DOCUMENT.search(whole):
            while not whole.endswith(f"\n{mark[1]}"):
                whole += f"\n{next(lines)}"
        if whole.strip() and not whole.startswith("#"):
            yield whole


def words(line: str) -> list[str]:
    """Split a shell line as the shell would; comments go."""
    return shlex.split(line, comments=True)


def engine_commands(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each ``engine`` command of a shell line."""
    part: list[str] = []
    for word in [*words(line), ";"]:
        if word not in _SEPARATORS:
            part.append(word)
            continue
        if part and part[0] in _PROGRAM:
            ends = [place for place, one in enumerate(part) if one in _REDIRECTIONS]
            yield part[1 : ends[0] if ends else None]
        part = []


def is_one_command(line: str) -> bool:
    """Tell whether a shell line is one ``engine`` command and nothing else."""
    given = words(line)
    return given[:1] == ["engine"] and not {*given} & (_SEPARATORS | _REDIRECTIONS)
