"""Logging set-up: stderr, one format, secrets never shown."""

import logging
import re

_SECRET = re.compile(
    r"(password|token|secret|api[_-]?key)([\"']?\s*[=:]\s*[\"']?)([^\s\"',;]+)", re.I
)
_URL_SECRET = re.compile(r"(://[^/\s:@]+:)[^@\s/]+@")
PROGRESS = "engine.progress"
"""Logger of the lines that say how far a command is."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def scrub(text: str) -> str:
    """Hide secrets and make control characters visible."""
    text = _SECRET.sub(r"\1\2***", text)
    text = _URL_SECRET.sub(r"\1***@", text)
    return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


class _ScrubbingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def configure(level: str = "WARNING") -> None:
    """Send log lines to stderr at ``level``; calling it again replaces the handler.

    Lines of ``PROGRESS`` are written from WARNING on, though their level is INFO.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("engine")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False
    # A command without a terminal says how far it is, unless only errors are asked for.
    quiet = root.level >= logging.ERROR
    logging.getLogger(PROGRESS).setLevel(logging.NOTSET if quiet else min(root.level, logging.INFO))
    # The driver logs every notification of the server, deprecations included; the test suite
    # watches those, a user's terminal need not.
    logging.getLogger("neo4j").setLevel(logging.ERROR)
