"""The ``engine`` command: parse, call one use case, print. No logic.

Commands are imported when they are called, so ``engine --help`` is instant.
"""

import errno
import importlib
import io
import logging
import os
import sys
from typing import Any, NoReturn

import click

from engine import logs, optional_dependencies, tracing
from engine.api import Engine
from engine.config import load
from engine.errors import EngineError, StoreError
from engine.interrupt import has_left_work_behind, take_sigterm_as_ctrl_c
from engine.version import __version__

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
# Command name -> (module, one-line help). The module's ``command`` is the click command.
COMMANDS = {
    "demo": ("engine.cli.demo", "Run the whole path on real shopping data."),
    "ingest": ("engine.cli.ingest", "Load events, items, users and facts."),
    "spark": ("engine.cli.spark", "Load and export events by a Spark cluster."),
    "train": ("engine.cli.train", "Train a model and compare it with the baselines."),
    "compare": ("engine.cli.compare", "Compare models by one protocol, as an HTML report."),
    "evaluate": ("engine.cli.evaluate", "Score lists made elsewhere by the same protocol."),
    "tune": ("engine.cli.tune", "Search a model's settings within a budget of minutes."),
    "models": ("engine.cli.models", "List the models and what each needs."),
    "benchmark": ("engine.cli.benchmark", "Make published figures again on this machine."),
    "publish": ("engine.cli.publish", "Write a trained model into the graph and serve it."),
    "recommend": ("engine.cli.recommend", "Recommend items to a user, or to all of them."),
    "lists": ("engine.cli.lists", "Name lists with their options, for the places of a shop."),
    "outcomes": ("engine.cli.outcomes", "Show what came of the lists that were answered."),
    "experiment": ("engine.cli.experiments", "Compare generations and lists on users."),
    "similar": ("engine.cli.similar", "Show items like an item, bought with it, or next."),
    "dislike": ("engine.cli.dislike", "Show an item, or all of a fact, to a user no more."),
    "explain": ("engine.cli.explain", "Say why an item may suit a user."),
    "recommend-users": ("engine.cli.recommend_users", "Recommend users to a user."),
    "graph": ("engine.cli.graph", "Build graphs between items: bought together, next, similar."),
    "query": ("engine.cli.query", "List, show and run graph methods: one Cypher file each."),
    "status": ("engine.cli.status", "Show what the graph holds and how fresh it is."),
    "check": ("engine.cli.check", "Look for faults everywhere, and say what mends each."),
    "tidy": ("engine.cli.tidy", "Remove what killed work left and what is past its limit."),
    "runs": ("engine.cli.runs", "List training runs and show one."),
    "retrain": ("engine.cli.retrain", "Every night: load, train, gate, publish, promote, tidy."),
    "generations": ("engine.cli.generations", "List the generations and who promoted which."),
    "promote": ("engine.cli.promote", "Put a generation into service."),
    "rollback": ("engine.cli.rollback", "Go back to the generation before."),
    "batches": ("engine.cli.batches", "List the loads, and undo batches of them."),
    "retract": ("engine.cli.retract", "Take the events of a wrong file out again."),
    "merge-users": ("engine.cli.merge_users", "Make one user of two: somebody logged in."),
    "forget": ("engine.cli.forget", "Remove users or items from everything that is kept."),
    "export": ("engine.cli.export", "Copy the graph to a folder, or all that is held of a user."),
    "import": ("engine.cli.import_folder", "Bring an exported folder into the graph."),
    "serve": ("engine.cli.serve", "Answer over HTTP."),
    "keys": ("engine.cli.keys", "Make, list and revoke the keys of engine serve."),
    "migrate": ("engine.cli.migrate", "Bring the graph's and the registry's schema up to date."),
    "db": ("engine.cli.db", "Start, stop and inspect the engine's own Neo4j."),
    "config": ("engine.cli.config", "Show the settings and where each came from."),
}


class _LazyGroup(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: engine ingest events.csv && engine train && engine publish && "
    "engine recommend alice",
)
@click.version_option(__version__, prog_name="engine")
@click.option("--home", type=click.Path(), help="Folder of everything the engine keeps on disk.")
@click.option("--uri", "neo4j_uri", help="A Neo4j server; the default is the engine's own.")
@click.option(
    "--log-level", help="DEBUG, INFO, WARNING (default) or ERROR; ERROR hides progress too."
)
@click.pass_context
def cli(ctx: click.Context, /, **flags: Any) -> None:
    """Recommendations learned from a graph, served by Cypher."""
    ctx.meta["engine.flags"] = flags
    ctx.obj = ctx.with_resource(Engine(load(**flags)))
    logs.configure(ctx.obj.settings.log_level, ctx.obj.settings.log_format)
    ctx.with_resource(tracing.exporting())
    ctx.with_resource(tracing.span(f"engine {ctx.invoked_subcommand}"))


def main() -> None:
    """Run the command line; an ``EngineError`` becomes two lines on stderr and its exit code."""
    logs.scrub_tracebacks()
    optional_dependencies.this_is_a_command()
    terminated = take_sigterm_as_ctrl_c()
    try:
        _run()
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo(logs.scrub(shown.getvalue()), nl=False, err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as stop:
        # click makes an Abort of the interrupt; what a command has to say of it is its argument.
        said = " ".join((stop.__cause__ or stop).args)
        advice = said or "Nothing is half done; run the same command again."
        click.echo(f"Interrupted. {advice}", err=True)
        _end(143 if terminated.is_set() else 130)
    except EngineError as error:
        _fail(error)
    except OSError as error:
        if error.filename is None and error.errno not in _FULL:
            raise  # of no file: a defect of ours, which a traceback helps to find
        where = os.fsdecode(error.filename) if error.filename else "the output"
        reason = f"{where}: {error.strerror}"
        _fail(StoreError(reason, hint="mend its permissions, make room, or name another place"))


def _run() -> None:
    try:
        cli.main(standalone_mode=False)
    except (click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        if (stop := _interrupt_before(error)) is None:
            raise
        # What Ctrl-C stopped in the middle, such as the driver's read of a socket, may fail when it
        # is put away.
        raise stop from None


def _interrupt_before(error: BaseException) -> KeyboardInterrupt | None:
    """Return the interrupt whose handling ended in an error."""
    before = error.__context__
    while before is not None and not isinstance(before, KeyboardInterrupt):
        before = before.__context__
    return before


def _fail(error: EngineError) -> NoReturn:
    if logs.are_json():
        hint = {"hint": logs.scrub(error.hint)} if error.hint else {}
        logging.getLogger(__name__).error("%s", error.message, extra={"fields": hint})
        sys.exit(error.exit_code)
    click.echo(f"Error: {logs.scrub(error.message)}", err=True)
    if error.hint:
        click.echo(f"Try:   {logs.scrub(error.hint)}", err=True)
    sys.exit(error.exit_code)


def _end(code: int) -> None:
    """End the process, at once where work that cannot hear of an interrupt is still at it."""
    if has_left_work_behind():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
