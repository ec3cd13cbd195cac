"""A folder of exported files: on this machine, or at any address that fsspec has a package for."""

import hashlib
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from engine import private_files
from engine.errors import ConfigError, DataError, EngineError
from engine.optional_dependencies import require

_BLOCK = 1 << 20
_LOCAL = "file://"


class ExchangeFolder(Protocol):
    """A folder; names of files are relative to it, with ``/`` between folders.

    Attributes:
        address: As it was given.
    """

    address: str

    def names(self) -> set[str]:
        """Return the files that are there; none where there is no folder."""

    def read(self, name: str) -> bytes:
        """Return the content of a small file."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read it."""

    def create(self, name: str) -> IO[bytes]:
        """Open a file to write it; one that is there is replaced."""

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, all of it or nothing; one that is there is replaced."""

    def remove(self, name: str) -> None:
        """Remove a file."""


class LocalFolder:
    """A folder of this machine; what is written there is for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.address, self.path = str(path), path

    def names(self) -> set[str]:
        """See ``ExchangeFolder``."""
        found = (one for one in self.path.rglob("*") if one.is_file())
        return {one.relative_to(self.path).as_posix() for one in found}

    def read(self, name: str) -> bytes:
        """See ``ExchangeFolder``."""
        return (self.path / name).read_bytes()

    def open(self, name: str) -> IO[bytes]:
        """See ``ExchangeFolder``."""
        return (self.path / name).open("rb")

    def create(self, name: str) -> IO[bytes]:
        """See ``ExchangeFolder``."""
        path = self.path / name
        private_files.make_folder(path.parent)
        return open(path, "wb", opener=private_files.opener)

    def write(self, name: str, content: bytes) -> None:
        """See ``ExchangeFolder``."""
        with private_files.replacing(self.path / name) as file:
            file.write(content)

    def remove(self, name: str) -> None:
        """See ``ExchangeFolder``."""
        (self.path / name).unlink(missing_ok=True)


class RemoteFolder:
    """A folder that fsspec reaches: ``s3://…``, ``gs://…``, ``hdfs://…``, ``memory://…``."""

    def __init__(self, address: str) -> None:
        require("remote", f"the address {address}")
        import fsspec  # noqa: PLC0415 an extra

        self.address = address
        try:
            self._files, self._root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError, OSError) as error:
            raise ConfigError(
                f"the address {address} cannot be reached: {error}",
                hint="install the package of its scheme: pip install s3fs (s3://), gcsfs (gs://)",
            ) from error

    def names(self) -> set[str]:
        """See ``ExchangeFolder``."""
        root = self._root.rstrip("/")
        self._files.invalidate_cache()
        return {one[len(root) + 1 :] for one in self._files.find(root)}

    def read(self, name: str) -> bytes:
        """See ``ExchangeFolder``."""
        found: bytes = self._files.cat_file(self._path(name))
        return found

    def open(self, name: str) -> IO[bytes]:
        """See ``ExchangeFolder``."""
        return self._open(name, "rb")

    def create(self, name: str) -> IO[bytes]:
        """See ``ExchangeFolder``."""
        path = self._path(name)
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        return self._open(name, "wb")

    def write(self, name: str, content: bytes) -> None:
        """See ``ExchangeFolder``."""
        with self.create(name) as file:
            file.write(content)

    def remove(self, name: str) -> None:
        """See ``ExchangeFolder``."""
        self._files.rm_file(self._path(name))

    def has_raised(self, error: Exception) -> bool:
        """Tell whether an error came out of fsspec or of the package that reaches the store.

        Each store's package has errors of its own: a login that lacks is no ``OSError`` of s3fs.
        """
        packages = {"fsspec", type(self._files).__module__.partition(".")[0]}
        frames = traceback.walk_tb(error.__traceback__)
        names = {str(frame.f_globals.get("__name__")).partition(".")[0] for frame, _ in frames}
        return not packages.isdisjoint(names)

    def _open(self, name: str, mode: str) -> IO[bytes]:
        file: IO[bytes] = self._files.open(self._path(name), mode)
        return file

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def folder_of(address: str | Path) -> LocalFolder | RemoteFolder:
    """Return the folder at a path or an address.

    Raises:
        ConfigError: What its address needs is not installed.
    """
    text = os.fspath(address)
    if text.startswith(_LOCAL):  # fsspec would let everybody read what it writes here
        text = text.removeprefix(_LOCAL)
    return RemoteFolder(text) if "://" in text else LocalFolder(Path(text))


@contextmanager
def folder_errors(folder: ExchangeFolder) -> Iterator[None]:
    """Map what a disk or an object store says onto one sentence.

    Raises:
        DataError: The folder cannot be read or written.
    """
    try:
        yield
    except NotImplementedError as error:  # how fsspec says that of http:// and its like
        raise DataError(
            f"{folder.address} is an address that can only be read",
            hint="name one that can be written: s3://, gs://, or a folder of this machine",
        ) from error
    except EngineError:
        raise
    except Exception as error:
        why = getattr(error, "strerror", None) or error
        if isinstance(folder, RemoteFolder) and folder.has_raised(error):
            raise DataError(
                f"{folder.address} cannot be used: {why}",
                hint="mend the address, the login of its store or the way to it, and run the same "
                "command again: it goes on",
            ) from error
        if not isinstance(error, OSError):
            raise
        raise DataError(
            f"{error.filename or folder.address} cannot be used: {why}",
            hint="mend its permissions or make room, and run the same command again: it goes on",
        ) from error


class HashedFile:
    """A file on its way, with the SHA-256 of what was written to it.

    Args:
        file: Where it goes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self.bytes = 0

    @property
    def closed(self) -> bool:
        """Whether it is closed; pyarrow asks."""
        return self._file.closed

    @property
    def sha256(self) -> str:
        """Of what was written."""
        return self._digest.hexdigest()

    def write(self, data: Any) -> int:
        """Write bytes, or whatever is laid out as they are."""
        with memoryview(data) as view:
            self._digest.update(view)
            self.bytes += view.nbytes
            self._file.write(view)
            return view.nbytes

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.bytes

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._file.flush()

    def close(self) -> None:
        """Close the file; of a disk it has what was written, whatever happens to the machine."""
        try:
            if not self.closed and (number := self._number()) is not None:
                self._file.flush()
                os.fsync(number)
        finally:
            self._file.close()

    def _number(self) -> int | None:
        try:
            return self._file.fileno()
        except (OSError, AttributeError):  # it is a store's
            return None


def digest_of(file: IO[bytes], copy: IO[bytes] | None = None) -> str:
    """Return the SHA-256 of what is left in a file, copied on the way where that is asked for."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        if copy is not None:
            copy.write(block)
    return digest.hexdigest()
