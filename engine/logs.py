"""Logging set-up: stderr, one format, secrets never shown."""

import logging
import re

_SECRET = re.compile(
    r"(password|token|secret|api[_-]?key)([\"']?\s*[=:]\s*[\"']?)([^\s\"',;]+)", re.I
)
_URL_SECRET = re.compile(r"(://[^/\s:@]+:)[^@\s/]+@")
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
    """Send log lines to stderr at ``level``; calling it again replaces the handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(_ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("engine")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False
    # The driver logs every notification of the server, deprecations included; the test suite
    # watches those, a user's terminal need not.
    logging.getLogger("neo4j").setLevel(logging.ERROR)
