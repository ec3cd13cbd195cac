"""Logging in to the local server: its password is made up here and kept in a file of mode 600."""

import secrets
from collections.abc import Callable
from pathlib import Path

import neo4j
from neo4j import exceptions as driver_errors

from engine import private_files
from engine.errors import LocalServerError
from engine.store.graph_client import Neo4jTarget
from engine.store.statements import statement

_USER = "neo4j"
_DATABASE = "neo4j"
_FIRST_PASSWORD = "neo4j"  # what every new Neo4j has, until it is changed before first use
_HINT = "put the password file back, or delete the graph: engine db reset"


def target_of(uri: str, password_file: Path) -> Neo4jTarget:
    """Return where the server is and how to log in.

    Raises:
        LocalServerError: The password file is gone.
    """
    try:
        password = password_file.read_text(encoding="utf-8")
    except OSError as error:
        raise LocalServerError(
            f"the password of the local Neo4j cannot be read: {error}", hint=_HINT
        ) from error
    return Neo4jTarget(uri, _USER, password, _DATABASE)


def pending_of(password_file: Path) -> Path:
    """Return the file of a password that the server may not know yet."""
    return password_file.with_name(password_file.name + ".new")


def log_in(uri: str, password_file: Path) -> bool:
    """Tell whether the server answers our password; a new server is given it, to be asked again.

    The password is on disk before the server gets it, so a crash in between loses nothing.

    Raises:
        LocalServerError: It knows neither our password nor the one of a new server.
    """
    pending = pending_of(password_file)
    try:
        if password_file.exists():
            password = password_file.read_text(encoding="utf-8")
            if _lets_in(_verify, uri, password):
                return True
            if _lets_in(_choose, uri, password):
                return False
        else:
            if not pending.exists():
                private_files.write_text(pending, secrets.token_urlsafe(24))
            password = pending.read_text(encoding="utf-8")
            if _lets_in(_choose, uri, password) or _lets_in(_verify, uri, password):
                pending.replace(password_file)
                return False
    except (driver_errors.DriverError, driver_errors.Neo4jError):
        return False  # it is not ready yet
    raise LocalServerError("the local Neo4j refuses the password in its own folder", hint=_HINT)


def _lets_in(attempt: Callable[[str, str], None], uri: str, password: str) -> bool:
    try:
        attempt(uri, password)
    except driver_errors.AuthError:
        return False
    return True


def _verify(uri: str, password: str) -> None:
    # A transaction, though an empty one: a login succeeds before the graph's own database is there.
    with (
        neo4j.GraphDatabase.driver(uri, auth=(_USER, password)) as driver,
        driver.session(database=_DATABASE) as session,
        session.begin_transaction() as transaction,
    ):
        transaction.commit()


def _choose(uri: str, password: str) -> None:
    # Over Bolt rather than the admin tool: an argument would stand in the process list.
    query = statement("server/set_password", cypher25=False).query()
    with (
        neo4j.GraphDatabase.driver(uri, auth=(_USER, _FIRST_PASSWORD)) as driver,
        driver.session(database="system") as session,
    ):
        session.run(query, old=_FIRST_PASSWORD, new=password).consume()
