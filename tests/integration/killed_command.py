"""A command that a signal ends while Neo4j owes it an answer: at the same place every time."""

import os
import signal
from pathlib import Path

from engine.config import Settings

from . import forked
from .tcp_proxy import TcpProxy

_SECONDS = 60.0
_EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}


def by_way_of(proxy: TcpProxy, settings: Settings) -> Settings:
    """Return settings whose server is behind a proxy."""
    return settings.model_copy(update={"neo4j_uri": proxy.uri})


def ends_by(
    number: signal.Signals, words: bytes, proxy: TcpProxy, settings: Settings, *arguments: str
) -> None:
    """Run ``engine ARGUMENTS`` and end it by a signal; it must end as the documents say.

    Args:
        number: Of the signal.
        words: Of the statement whose answer it waits for when the signal comes.
        proxy: Where it waits.
        settings: Of the server behind the proxy, and of the home.
        arguments: Of the command.
    """
    said = Path(settings.home).with_suffix(".out")
    proxy.freeze_at(words)
    process = forked.begin(
        ["--home", str(settings.home), "--uri", proxy.uri, *arguments],
        said,
        ENGINE_NEO4J_USER=settings.neo4j_user,
        ENGINE_NEO4J_PASSWORD=settings.neo4j_password.get_secret_value(),
    )
    try:
        proxy.wait_until_frozen()
        os.kill(process.pid or 0, number)
        process.join(_SECONDS)
        assert process.exitcode == _EXIT_CODES[number], said.with_suffix(".err").read_text()
        if number != signal.SIGKILL:
            assert "run the same command again" in said.with_suffix(".err").read_text()
    finally:
        process.kill()
        process.join()
        proxy.thaw()
