"""A note in ENGINE_HOME that a registry has held API keys, so that losing it does not pass unseen.

Without a key the service is open to this machine. A registry that vanished or was emptied must
therefore not be taken for a new one: the note outlives it, and says so.
"""

import hashlib
from pathlib import Path

from sqlalchemy import make_url

from engine import private_files
from engine.errors import RegistryError
from engine.store import registry_schema, sqlite_files
from engine.store.registry import Registry

_FOLDER = "registries-with-keys"


class KeyMarker:
    """The note about one registry.

    Args:
        home: ENGINE_HOME; a registry in it keeps its note when the folder is moved or copied.
        url: Of the registry, well formed.
    """

    def __init__(self, home: Path, url: str) -> None:
        self._url = url
        parsed = make_url(url)
        file = sqlite_files.file_of(parsed)
        if file is None:
            self._name = parsed.set(password=None).render_as_string()
        elif file.is_relative_to(home.resolve()):
            self._name = file.relative_to(home.resolve()).as_posix()
        else:
            self._name = str(file)
        digest = hashlib.sha256(self._name.encode("utf-8", "surrogateescape")).hexdigest()
        self.path = home / _FOLDER / digest[:16]

    def check_before(self) -> None:
        """Refuse a registry that is gone or empty though it held keys; creates nothing.

        Raises:
            RegistryError: It is, or it cannot be read.
        """
        if self.path.exists():
            fault = self.fault_of(registry_schema.read_status(self._url).current)
            if fault is not None:
                raise fault

    def fault_of(self, current: str | None) -> RegistryError | None:
        """Return the error for a registry at this migration, None where nothing is lost."""
        lost = current is None and self.path.exists()
        return self._lost("is gone or empty") if lost else None

    def check(self, registry: Registry) -> None:
        """Refuse a registry whose keys are gone; note that there are keys.

        Raises:
            RegistryError: They are, or the registry cannot be read.
            OSError: The note cannot be written.
        """
        # Before the keys are looked at: another process may make the first one meanwhile.
        noted = self.path.exists()
        if registry.keys.any():
            self.write()
        elif noted:
            raise self._lost("holds no key any more")

    def write(self) -> None:
        """Note that the registry holds keys.

        Raises:
            OSError: The note cannot be written.
        """
        if not self.path.exists():
            text = f"The registry {self._name} has held API keys, so it cannot be a new one.\n"
            private_files.write_text(self.path, text)

    def _lost(self, what: str) -> RegistryError:
        return RegistryError(
            f"the registry {self._name} {what}, though API keys were made in it",
            hint=f"restore it from a backup; to start with an empty one, delete {self.path}",
        )
