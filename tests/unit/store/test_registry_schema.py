"""Opening a registry that cannot be opened says why and what to do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import ConfigError, RegistryError
from engine.store.registry_schema import (
    connect_engine,
    head,
    open_registry_engine,
    read_status,
)


def test_a_malformed_url_is_refused() -> None:
    with pytest.raises(ConfigError, match="malformed") as caught:
        open_registry_engine("not a url")
    assert "ENGINE_REGISTRY_URL" in caught.value.hint


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(ConfigError, match="no driver is installed for oddbase"):
        open_registry_engine("oddbase://host/database")


def test_postgresql_means_the_driver_of_the_extra() -> None:
    engine = connect_engine("postgresql://someone@localhost/registry")
    assert engine.dialect.driver == "psycopg"


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(RegistryError, match="registry failed") as caught:
        open_registry_engine("postgresql://someone:verysecret@127.0.0.1:1/registry")
    assert "verysecret" not in str(caught.value)
    assert "ENGINE_REGISTRY_URL" in caught.value.hint


@pytest.mark.parametrize("content", [b"not a database at all, " * 50, b"SQLite format 3\0garbage"])
def test_a_file_that_is_no_database_is_refused(home: Path, content: bytes) -> None:
    file = home / "registry.sqlite"
    file.write_bytes(content)
    with pytest.raises(RegistryError):
        open_registry_engine(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_folder_in_the_way_is_refused(home: Path) -> None:
    (home / "registry.sqlite").mkdir()
    with pytest.raises(RegistryError, match="cannot be opened") as caught:
        open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    assert "ENGINE_HOME" in caught.value.hint


def test_asking_makes_no_file(home: Path) -> None:
    file = home / "registry.sqlite"
    status = read_status(f"sqlite:///{file}")
    assert (status.current, status.head) == (None, head())
    assert not file.exists()


def test_a_percent_sign_in_the_path_is_a_letter(tmp_path: Path) -> None:
    folder = tmp_path / "100%s home"
    open_registry_engine(f"sqlite:///{folder / 'registry.sqlite'}").dispose()
    assert (folder / "registry.sqlite").exists()


def test_registries_that_are_migrated_at_once_by_threads_of_one_process(home: Path) -> None:
    files = [home / f"registry-{n}.sqlite" for n in range(6)]
    at_once = threading.Barrier(len(files))

    def migrate(file: Path) -> str | None:
        at_once.wait()
        url = f"sqlite:///{file}"
        open_registry_engine(url).dispose()
        return read_status(url).current

    with ThreadPoolExecutor(len(files)) as threads:
        assert list(threads.map(migrate, files)) == [head()] * len(files)
