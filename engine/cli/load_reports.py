"""What became of the rows of a load, and the flags that mend what is left of it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.cli import render
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api.results import FileReport


def share(text: str) -> float:
    """Return the share that ``--max-bad`` says, 0 to 1.

    Raises:
        UsageError: It says none.
    """
    number = text.removesuffix("%")
    try:
        value = float(number) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"--max-bad {text}: not a share", hint="write --max-bad 5% or 0.05")
    return value


def same_flags(given: Mapping[str, Any]) -> str:
    """Return the flags that a quarantine file is loaded with again: it has a format of its own."""
    repeated = {"map": "mapping", "skip": "skip", "kind": "kinds", "only-event": "allowed_events"}
    flags = [(f"--{flag}", text) for flag, name in repeated.items() for text in given[name]]
    for name in ("head_type", "tail_type", "relation", "links"):
        if given.get(name):
            flags.append((f"--{name.replace('_', '-')}", str(given[name])))
    if given["default_event"] != "interaction":
        flags.append(("--event", given["default_event"]))
    return "".join(f" {name} {shlex.quote(value)}" for name, value in flags)


def show_rows(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Print how many rows of each file were written and how many were not."""
    if as_json:
        render.emit_json(rows)
    else:
        left_out = [
            name for name in ("forgotten", "past_limit") if any(row.get(name) for row in rows)
        ]
        render.table(rows, ("file", "read", "accepted", "duplicate", "quarantined", *left_out))


def _counted(report: "FileReport") -> Iterator[str]:
    """Yield what the table does not say of rows that were not written, or not wholly understood."""
    if report.forgotten:
        yield (
            f"{report.forgotten} rows are of users or items that are forgotten; "
            "they were written nowhere"
        )
    if report.past_limit:
        yield (
            f"{report.past_limit} events are older than the setting event_days; "
            "they were written nowhere"
        )
    if report.passed_over:
        yield (
            f"{report.passed_over} part files were loaded before and have not changed; "
            "they were passed over"
        )
    if report.blank_lines:
        yield f"{report.blank_lines} blank lines skipped"
    if report.without_time:
        yield (
            f"{report.without_time} of {report.read} rows have no time; they "
            "are trained on, and a split by time counts them as the oldest"
        )


def show(reports: "Sequence[FileReport]", same_flags: str, *, as_json: bool) -> None:
    """Print what became of the rows of each file, and what to do about those that are bad."""
    show_rows([report.as_dict() for report in reports], as_json)
    for report in reports:
        for remark in (*_counted(report), *report.notes.lines()):
            render.note(f"{report.file}: {remark}")
        if report.quarantine_file:
            reasons = ", ".join(f"{code} {n}" for code, n in report.reasons.items())
            flag = "" if report.kind == "events" else f"--{report.kind} "
            for code, reason in report.examples.items():
                render.note(f"{report.file}: {code}, for instance {reason}")
            if report.unwritten:
                render.note(
                    f"{report.file}: {report.unwritten} of these rows are counted and not in the "
                    "quarantine file, which is full: mend the export itself"
                )
            render.note(
                f"{report.file}: quarantined ({reasons}). Mend the cells in the file below, then: "
                f"engine ingest {flag}{shlex.quote(report.quarantine_file)}{same_flags}"
            )
