"""Logging set-up: stderr, lines of text or of JSON, secrets never shown; text made safe to show.

Ids, names and files come from others, and a terminal obeys the escapes in them: it moves the
cursor, changes its title, answers as if somebody typed.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

from engine import tracing

_SECRET = re.compile(
    r"(password|token|secret|api[_-]?key)([\"']?\s*[=:]\s*[\"']?)([^\s\"',;]+)", re.I
)
_URL_SECRET = re.compile(r"(://[^/\s:@]+:)[^@\s/]+@")
PROGRESS = "engine.progress"
"""Logger of the lines that say how far a command is."""
LogFormat = Literal["text", "json"]
_FIELDS: ContextVar[Mapping[str, Any]] = ContextVar("fields")
# C0 but tab and line feed, delete, C1, what turns the direction of writing, halves of a surrogate.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BREAK = re.compile(r"[\t\n]")


def scrub(text: str, *, one_line: bool = False) -> str:
    r"""Hide secrets and show control characters as ``\x1b`` or ``\u202e``.

    Args:
        text: To be shown to a person.
        one_line: Whether tabs and line feeds are shown so too, as in a cell of a table: data must
            not be able to begin a line of its own.
    """
    text = _SECRET.sub(r"\1\2***", text)
    text = _URL_SECRET.sub(r"\1***@", text)
    text = _UNSAFE.sub(_escape, text)
    return _BREAK.sub(_escape, text) if one_line else text


def scrub_json(text: str) -> str:
    """Show control characters in a JSON document as JSON's own escapes: it means the same."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class ScrubbingFormatter(logging.Formatter):
    """One record, one line, then its traceback where it has one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Format the line without what follows it."""
        return scrub(super().formatMessage(record), one_line=True)

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, ...],
    ) -> str:
        """Format the traceback."""
        return scrub(super().formatException(ei))  # type: ignore[arg-type]


class JsonFormatter(logging.Formatter):
    """One record, one JSON object on one line.

    ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``; ``exception`` where it has one;
    the fields of ``log_fields`` and of the record's own ``fields``; the ids of the trace and span.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Format the line."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = scrub(self.formatException(record.exc_info))
        if (ids := tracing.current_ids()) is not None:
            line["trace_id"], line["span_id"] = ids
        return json.dumps({**_FIELDS.get({}), **getattr(record, "fields", {}), **line})


@contextmanager
def log_fields(**fields: str) -> Iterator[None]:
    """Give every JSON line that is logged meanwhile some fields more, such as ``request_id``."""
    token = _FIELDS.set({**_FIELDS.get({}), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


def configure(level: str = "WARNING", form: LogFormat = "text") -> None:
    """Send log lines to stderr at ``level``; calling it again replaces the handler.

    Lines of ``PROGRESS`` are written from WARNING on, though their level is INFO.
    """
    formatter = JsonFormatter() if form == "json" else ScrubbingFormatter()
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger("engine")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False
    # A command without a terminal says how far it is, unless only errors are asked for.
    quiet = root.level >= logging.ERROR
    logging.getLogger(PROGRESS).setLevel(logging.NOTSET if quiet else min(root.level, logging.INFO))
    # Warnings of libraries, which have no handler of their own.
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(formatter)
    # The driver logs every notification of the server, deprecations included; the test suite
    # watches those, a user's terminal need not.
    logging.getLogger("neo4j").setLevel(logging.ERROR)


def are_json() -> bool:
    """Tell whether log lines are JSON, so that all else on stderr has to be so too."""
    handlers = logging.getLogger("engine").handlers
    return any(isinstance(one.formatter, JsonFormatter) for one in handlers)


def scrub_tracebacks() -> None:
    """Let the traceback of what nobody caught be shown without secrets and control characters."""

    def show(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if are_json() and error is not None:
            logging.getLogger("engine").critical("nobody caught this", exc_info=error)
            return
        sys.stderr.write(scrub("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = show
    threading.excepthook = lambda caught: show(
        caught.exc_type, caught.exc_value, caught.exc_traceback
    )
