"""The driver's errors as those of the engine: whose fault it was decides, and whether it passes."""

from neo4j import exceptions

from engine.errors import (
    AlreadyThere,
    CommitUnknown,
    QueryFailed,
    QueryTooSlow,
    StoreError,
    TransientFailure,
    Unreachable,
)

DriverFailure = exceptions.DriverError | exceptions.Neo4jError
DRIVER_FAILURES = (exceptions.DriverError, exceptions.Neo4jError)

_CONSTRAINT = "Neo.ClientError.Schema.ConstraintValidationFailed"
_TOO_SLOW = "Neo.ClientError.Transaction.TransactionTimedOut"  # whoever set the limit
# The one transient error that is the whole database's, not a transaction's.
_DATABASE_AWAY = "Neo.TransientError.General.DatabaseUnavailable"


def cause_of(error: DriverFailure) -> DriverFailure:
    """Return what made a transaction fail, where the driver reports its clean-up instead.

    It does when another thread took the connection that the failed transaction gave back.
    """
    cause = error.__cause__
    if isinstance(error, exceptions.ResultFailedError) and isinstance(cause, DRIVER_FAILURES):
        return cause
    return error


def translate(error: DriverFailure) -> StoreError:
    """Return the error of ours that says the same.

    ``Unreachable`` means a server that is away, ``TransientFailure`` of a transaction that
    the server rolled back while it goes on answering others.
    """
    if isinstance(error, exceptions.IncompleteCommit):
        return CommitUnknown("the connection broke between a commit and its answer")
    if isinstance(error, exceptions.AuthError):
        return Unreachable(
            "the Neo4j server refuses this user and password",
            hint="check ENGINE_NEO4J_USER and ENGINE_NEO4J_PASSWORD",
        )
    if isinstance(error, exceptions.DriverError):
        return Unreachable(
            f"no Neo4j server answers: {error}",
            hint="check ENGINE_NEO4J_URI, or unset it to use the engine's own: engine db status",
        )
    code = str(error.code)
    if isinstance(error, exceptions.TransientError):
        return _transient(code)
    if code.startswith(_TOO_SLOW):
        return QueryTooSlow(f"the Neo4j server ended a statement that took too long ({code})")
    kind = AlreadyThere if code == _CONSTRAINT else QueryFailed
    return kind(f"the Neo4j server refused a statement ({code}): {error}")


def _transient(code: str) -> StoreError:
    if code == _DATABASE_AWAY:
        return Unreachable(f"the database of the Neo4j server is not available ({code})")
    return TransientFailure(
        f"the Neo4j server rolled back a transaction ({code})", hint="try again"
    )
