"""Who is forgotten, as the loads and trainings of one home see it: tombstones and their key."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from engine import private_files
from engine.connections.home import home_errors
from engine.data.tombstone import KEY_BYTES, KINDS, ForgettableKind, TombstoneKey
from engine.errors import ConfigError
from engine.store.registry import Registry

KEY_FILE = "forget.key"


class Tombstones:
    """Tells which ids are forgotten.

    Args:
        key: That the tombstones were made with; None: there are none.
        digests: The tombstones.
    """

    def __init__(self, key: TombstoneKey | None, digests: frozenset[str]) -> None:
        self._key, self._digests = key, digests

    def __bool__(self) -> bool:
        return bool(self._digests)

    def among(self, kind: ForgettableKind, ids: Iterable[str | None]) -> set[str]:
        """Return those of some ids that are forgotten."""
        if self._key is None or not self._digests:
            return set()
        key, known = self._key, self._digests
        return {id_ for id_ in set(ids) if id_ is not None and key.digest(kind, id_) in known}

    def of_any_kind(self, ids: Iterable[str | None]) -> set[str]:
        """Return those that are forgotten, as a user or as an item."""
        found = set(ids)
        return {id_ for kind in KINDS for id_ in self.among(kind, found)}


class ForgottenIds(Tombstones):
    """Tells which ids are forgotten, as the registry says.

    Args:
        registry: Where the tombstones stand.
        home: ENGINE_HOME, where their key lies.

    Raises:
        ConfigError: There are tombstones and the key they were made with is not here: nobody could
            be recognised.
    """

    def __init__(self, registry: Registry, home: Path) -> None:
        super().__init__(None, frozenset())
        self._registry, self._home = registry, home
        self._state: tuple[int, int] = (0, 0)
        self.refresh()

    def refresh(self) -> "ForgottenIds":
        """Read the tombstones again where any was added or taken away; return this."""
        state = self._registry.tombstones.state()
        if state != self._state:
            if state[0]:
                self._key = usable_key(self._registry, self._home)
            self._digests, self._state = self._registry.tombstones.digests(), state
        return self

    def snapshot(self) -> Tombstones:
        """Return who is forgotten now, for another machine: no registry is asked any more."""
        return Tombstones(self._key, self._digests)


def usable_key(registry: Registry, home: Path) -> TombstoneKey:
    """Return the key of this home, made now where there are no tombstones yet.

    Raises:
        ConfigError: There are tombstones of another key, or of one that is gone.
    """
    path = home / KEY_FILE
    with home_errors(home):
        others = registry.tombstones.keys()
        if not others and _read(path) is None:
            private_files.write_text(path, secrets.token_hex(KEY_BYTES) + "\n")
        key = _read(path)
    if key is None or others - {key.name}:
        raise ConfigError(
            f"{path} is not the key of the people and items that are forgotten: nobody of them "
            "could be recognised in what is loaded",
            hint=f"copy {KEY_FILE} from the home that forgot them, or from its backup; if it is "
            "lost, engine forget drop-unknown gives them up",
        )
    return key


def key_name(home: Path) -> str | None:
    """Return the name of this home's key, None where it has none."""
    key = _read(home / KEY_FILE)
    return None if key is None else key.name


def _read(path: Path) -> TombstoneKey | None:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None
    return TombstoneKey(secret) if len(secret) == KEY_BYTES else None
