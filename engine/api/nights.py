"""Retrain every night: load, train, judge, and let a candidate serve that wins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from engine.api.engine_session import EngineSession
from engine.api.judging_options import checked_seed, settings_text
from engine.data.option_names import check_names
from engine.data.tabular import Records
from engine.errors import UsageError
from engine.optional_dependencies import needs

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.usecases.ingesting import ReadOptions
    from engine.usecases.retraining import LockHolder, NightSummary, RetrainRequest


class NightOptions(TypedDict, total=False):
    """What a night is asked to do.

    Attributes:
        folder: Where files wait; None: nothing is loaded.
        reading: How these are read.
        models: Candidates, each trained and judged.
        settings: ``NAME`` for all candidates, ``MODEL.NAME`` for one, ``ranker.NAME``.
        protocol: What is held out: ``window``: the newest days. ``next-basket``: the last basket
            that each user began in them. ``next-item``: each user's last event.
        window_days: Days that are held out, of the first two; a fifth of all events at most. None:
            7.
        level_after: Once what serves is so many days old, a candidate need not beat it, only not be
            worse; None: never.
        min_users: With fewer users in the window nothing is promoted.
        ranker: Train what ranks the candidates of several sources for each model.
        warm: Start from the vectors of the last night where the model allows.
        seed: Of all random draws.
        online_gate: What passes the gate goes on trial with ``online_gate_share`` per cent of the
            users, instead of serving everybody at once.
    """

    folder: str | Path | None
    reading: "ReadOptions"
    models: Sequence[str]
    settings: Mapping[str, Any]
    protocol: Literal["window", "next-basket", "next-item"]
    window_days: float | None
    level_after: float | None
    min_users: int
    ranker: bool
    warm: bool
    seed: int
    online_gate: bool


class Nights(EngineSession):
    """The part of ``Engine`` that runs every night."""

    @needs("train")
    def retrain(self, **options: Unpack[NightOptions]) -> "NightSummary":
        """Carry out a night, or go on with the one that was interrupted.

        Args:
            options: See ``NightOptions``.

        Raises:
            Busy: Another night is at work on this home or this graph.
            UsageError: A setting is unknown or not allowed.
            KeyboardInterrupt: The user stopped it; the same call goes on.
        """
        from engine.usecases.retraining import retrain

        request = _request(options, self.settings)
        request.check()  # a wrong setting is refused before a database is started
        self._hold_graph()
        with self._reporting() as progress:
            return retrain(self.settings, request, progress.update)

    @needs("train", "engine retrain")
    def plan_night(self, **options: Unpack[NightOptions]) -> dict[str, Any]:
        """Return what the next night with these options would do; nothing is written or loaded.

        Raises:
            DataError: There is no folder of that name.
            UsageError: A setting is unknown or not allowed.
        """
        from engine.usecases.retraining import plan_night

        request = _request(options, self.settings)
        request.check()
        self._hold_graph()
        return plan_night(self.settings, request)

    @needs("train", "engine retrain")
    def files_held_back(self, **options: Unpack[NightOptions]) -> list[str]:
        """Say of each waiting file that a night would not load why; needs no database."""
        from engine.usecases.retraining import first_look, held_note

        request = _request(options, self.settings)
        request.check()
        if request.waiting is None:
            return []
        return [held_note(one.as_dict()) for one in first_look(request.waiting)]

    def nights(self, limit: int = 40) -> Records[dict[str, Any]]:
        """Return the newest nights, newest first: how each ended and when, and its steps."""
        from engine.usecases.status import list_nights

        return Records(list_nights(self.settings, limit))

    @needs("train", "engine retrain")
    def break_night_lock(self) -> "LockHolder | None":
        """Remove the graph's lock of nights, whoever holds it, and return who that was."""
        from engine.usecases.retraining import break_night_lock

        self._hold_graph()
        return break_night_lock(self.settings)


def _request(options: NightOptions, of_engine: "Settings") -> "RetrainRequest":
    from engine.usecases.ingesting import IngestRequest, ReadOptions
    from engine.usecases.retraining import FolderRequest, GateLimits, RetrainRequest, limits_of

    check_names(options, NightOptions, "a night has no option", "it has")
    protocol, days = options.get("protocol", "window"), options.get("window_days")
    if days is not None and protocol == "next-item":
        raise UsageError(
            "--protocol next-item has no window",
            hint="leave out --window, or give --protocol next-basket",
        )
    folder, reading = options.get("folder"), options.get("reading") or ReadOptions()
    defaults = RetrainRequest()
    waiting = None
    if folder is not None:
        waiting = FolderRequest(Path(folder).absolute(), reading=IngestRequest(reading=reading))
    return RetrainRequest(
        models=tuple(dict.fromkeys(options.get("models", defaults.models))),
        settings=settings_text(options.get("settings", {})),
        waiting=waiting,
        protocol=protocol,
        window_days=defaults.window_days if days is None else days,
        seed=checked_seed(options.get("seed", defaults.seed)),
        warm=options.get("warm", defaults.warm),
        ranker=options.get("ranker", defaults.ranker),
        limits=GateLimits(
            options.get("min_users", defaults.limits.users),
            level_after_days=options.get("level_after", 7.0),
        ),
        online_gate=limits_of(of_engine) if options.get("online_gate", False) else None,
    )
