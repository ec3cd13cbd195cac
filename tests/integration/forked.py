"""``engine`` in processes of their own that need not import it: for tests that start many.

A server process imports the engine once and forks each command, so that a command can be killed as
any process can, at a moment that is not spent on imports.
"""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["engine.cli.ingest", "engine.loading.ingest", "engine.usecases.exchanging"]
)


def begin(arguments: list[str], out: Path, **environment: str) -> BaseProcess:
    """Start ``engine ARGUMENTS`` here and now; what it prints is in ``out``."""
    given = (arguments, out, dict(os.environ) | environment, Path.cwd())
    process = _CONTEXT.Process(target=_run, args=given)
    process.start()
    return process


def _run(arguments: list[str], out: Path, environment: dict[str, str], folder: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with out.open("wb") as printed, out.with_suffix(".err").open("wb") as said:
        os.dup2(printed.fileno(), 1)
        os.dup2(said.fileno(), 2)
    sys.argv = ["engine", *arguments]
    from engine.cli import main

    main()
