"""Reading migration files: names, order, statements, checksums."""

from pathlib import Path

import pytest

from engine.errors import SchemaMismatch
from engine.store.graph_schema import read_migrations


def _write(folder: Path, name: str, text: str = "RETURN 1;\n") -> None:
    (folder / name).write_bytes(text.encode())


def test_the_shipped_files_are_in_order_and_can_be_run_again() -> None:
    migrations = read_migrations()
    assert [one.number for one in migrations] == list(range(1, len(migrations) + 1))
    for migration in migrations:
        assert migration.statements
        for statement in migration.statements:
            # Data is written only where it is not yet, or moved: what was found is deleted with it.
            guards = ("IS NULL", "DELETE event") if "SET" in statement else ("IF NOT EXISTS",)
            named = f"{migration.name}: killed halfway it cannot rerun"
            assert any(guard in statement for guard in guards), named


def test_statements_end_at_a_semicolon_at_the_end_of_a_line(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "0001_a.cypher",
        "// one; two;\nRETURN ';' AS a;  \n\n  // three;\nRETURN\n  2;\nRETURN 'http://x'\n",
    )
    (migration,) = read_migrations(tmp_path)
    assert migration.statements == ("RETURN ';' AS a", "RETURN\n  2", "RETURN 'http://x'")


def test_the_checksum_sees_every_change_but_line_endings(tmp_path: Path) -> None:
    sums = {}
    for name, text in {
        "unix": "RETURN 1;\nRETURN 2;\n",
        "windows": "RETURN 1;\r\nRETURN 2;\r\n",
        "old": "RETURN 1;\rRETURN 2;\r",
        "comment": "// why\nRETURN 1;\nRETURN 2;\n",
        "space": "RETURN  1;\nRETURN 2;\n",
    }.items():
        _write(tmp_path, "0001_a.cypher", text)
        (migration,) = read_migrations(tmp_path)
        assert len(migration.statements) == 2
        sums[name] = migration.checksum
    assert sums["unix"] == sums["windows"] == sums["old"]
    assert len(set(sums.values())) == 3


@pytest.mark.parametrize(
    "names",
    [
        ["0002_a.cypher"],
        ["0001_a.cypher", "0003_b.cypher"],
        ["0001_a.cypher", "0001_b.cypher"],
        ["1_a.cypher"],
        ["0001-a.cypher"],
        ["0001_A.cypher"],
    ],
)
def test_gaps_twins_and_other_names_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        _write(tmp_path, name)
    with pytest.raises(SchemaMismatch) as caught:
        read_migrations(tmp_path)
    assert "without gaps" in caught.value.hint


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="no graph migrations") as caught:
        read_migrations(tmp_path)
    assert "reinstall" in caught.value.hint
