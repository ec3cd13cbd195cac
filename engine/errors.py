"""The one error tree: every failure a user can meet, its exit code and what to do next.

    EngineError
    ├── UsageError          2   a parameter is wrong
    ├── ConfigError         3   a setting is missing or wrong
    │   └── MissingExtra        a library that only some commands need is not installed
    ├── DataError           4   the input cannot be used
    │   ├── FileRefused         a file is refused before any write (has a ``code``)
    │   ├── TooManyBadRows      more rows were quarantined than ``--max-bad`` allows
    │   ├── NothingAccepted     no row of a file could be taken
    │   └── TooLittleOverlap    what was shown says too little about another ordering
    ├── StoreError          5   a database failed or refused
    │   ├── Unreachable         no server answers
    │   ├── TransientFailure    one transaction failed for a cause that passes: a deadlock, memory
    │   ├── QueryFailed         a statement failed for good
    │   │   ├── AlreadyThere        it would have written something unique twice
    │   │   └── QueryTooSlow        it took longer than the caller gave it
    │   ├── CommitUnknown       the answer to a commit was lost
    │   ├── SchemaMismatch      migrations and graph disagree
    │   ├── LocalServerError    the engine's own Neo4j cannot be fetched, started or stopped
    │   └── RegistryError       the SQL registry failed or refused
    ├── ModelError          6   a model cannot be built, trained or loaded
    │   ├── UnknownModel
    │   └── CheckpointInvalid
    ├── PublishRefused      7   a generation fails its checks
    ├── NotFound            8   what was asked for is not there
    │   └── NotBuilt            what it rests on was not built or published yet
    └── Busy                9   another process holds the lock

``engine retrain`` ends with 10, 11 and 12 too, ``engine check`` with 13 where it found a fault.

Imports nothing. Foreign exceptions are mapped onto this tree in ``engine.store`` only.
"""


class EngineError(Exception):
    """Root of every error the engine raises on purpose.

    Args:
        message: What happened, one sentence.
        hint: What to do next: the flag, the variable or the command.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(EngineError):
    """A parameter has a value the engine cannot use."""

    exit_code = 2


class ConfigError(EngineError):
    """A setting is missing, unknown or malformed."""

    exit_code = 3


class MissingExtra(ConfigError):
    """A library that only some commands need is not installed."""


class DataError(EngineError):
    """The input cannot be used."""

    exit_code = 4


class FileRefused(DataError):
    """A whole file is refused before anything is written.

    Args:
        message: What is wrong with the file.
        code: Stable reason code, such as ``empty-file`` or ``encoding-error``.
        hint: What to do next.
    """

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self._is_named = False

    def of(self, name: str) -> "FileRefused":
        """Return the refusal with the name of its file, where the message has none yet."""
        if self._is_named or name.rpartition("/")[2] in self.message:
            return self
        named = FileRefused(f"{name}: {self.message}", code=self.code, hint=self.hint)
        named._is_named = True
        return named


class TooManyBadRows(DataError):
    """More rows were quarantined than the caller allows."""


class NothingAccepted(DataError):
    """No row of a file could be taken.

    Args:
        message: How many rows there were, and what is wrong with them.
        report: What became of the rows, as the report of a load has it.
        hint: What to do next.
    """

    def __init__(self, message: str, *, report: dict[str, object], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.report = report


class TooLittleOverlap(DataError):
    """What was shown says too little about what another ordering would show."""


class StoreError(EngineError):
    """A database refused, failed or is away."""

    exit_code = 5


class Unreachable(StoreError):
    """No server answers at the address."""


class TransientFailure(StoreError):
    """One transaction failed for a cause that passes, such as a deadlock; the server is there."""


class QueryFailed(StoreError):
    """A statement failed and retrying will not help."""


class AlreadyThere(QueryFailed):
    """A transaction was undone: it would have written something unique a second time."""


class QueryTooSlow(QueryFailed):
    """The server ended a transaction that took longer than its caller waits."""


class CommitUnknown(StoreError):
    """The connection broke between a commit and its answer: look for your marker, then redo."""


class SchemaMismatch(StoreError):
    """The migrations on disk and the ones applied disagree."""


class LocalServerError(StoreError):
    """The engine's own Neo4j cannot be fetched, started or stopped."""


class RegistryError(StoreError):
    """The SQL registry cannot be read or written."""


class ModelError(EngineError):
    """A model cannot be built, trained or loaded."""

    exit_code = 6


class UnknownModel(ModelError):
    """No model of that name is registered."""


class CheckpointInvalid(ModelError):
    """A checkpoint is missing, damaged or does not belong to this model or data."""


class PublishRefused(EngineError):
    """A generation fails its checks, so the old one keeps serving."""

    exit_code = 7


class NotFound(EngineError):
    """What was asked for does not exist."""

    exit_code = 8


class NotBuilt(NotFound):
    """What was asked for rests on something that no command has made yet; the hint names it."""


class Busy(EngineError):
    """Another process holds the lock."""

    exit_code = 9
