"""An error of one transaction is told from a server that is away."""

import pytest
from neo4j.exceptions import Neo4jError, ServiceUnavailable

from engine.errors import (
    AlreadyThere,
    EngineError,
    QueryFailed,
    QueryTooSlow,
    TransientFailure,
    Unreachable,
)
from engine.store.driver_errors import translate


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Neo.TransientError.Transaction.DeadlockDetected", TransientFailure),
        ("Neo.TransientError.Transaction.LockAcquisitionTimeout", TransientFailure),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", TransientFailure),
        ("Neo.TransientError.General.TransactionOutOfMemoryError", TransientFailure),
        ("Neo.TransientError.General.DatabaseUnavailable", Unreachable),
        ("Neo.ClientError.Transaction.TransactionTimedOut", QueryTooSlow),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", AlreadyThere),
        ("Neo.ClientError.Statement.SyntaxError", QueryFailed),
    ],
)
def test_a_servers_error_is_told_by_its_code(code: str, kind: type[EngineError]) -> None:
    error = translate(Neo4jError._hydrate_neo4j(code=code, message="said by the server"))
    assert type(error) is kind
    assert code in error.message


def test_a_connection_that_breaks_speaks_of_the_server() -> None:
    error = translate(ServiceUnavailable("Connection refused"))
    assert type(error) is Unreachable
    assert "ENGINE_NEO4J_URI" in error.hint
