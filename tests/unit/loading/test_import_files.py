"""What the offline importer is given: each event once, and what is in conflict left out."""

from pathlib import Path

from engine.data import events
from engine.data.events import EventContract
from engine.data.reading.table_reader import read_blocks
from engine.loading.import_files import ImportFiles

NAMES = ("event_id", "user_id", "item_id", "basket_id")


def written(folder: Path, text: str, rows: int = 0) -> ImportFiles:
    """Judge the rows of a file, a block at a time, and write the importer's files."""
    source, target = folder / "a.csv", folder / "import"
    source.write_text(f"{','.join(NAMES)}\n{text}", encoding="utf-8")
    target.mkdir()
    files = ImportFiles(target, rows)
    for block in read_blocks(source):
        frame, bad = events.validate(block, EventContract({name: name for name in NAMES}))
        assert bad == []
        files.add(frame)
    files.finish(1, "token")
    return files


def test_an_event_that_differs_in_its_basket_only_is_in_conflict(tmp_path: Path) -> None:
    files = written(tmp_path, "e1,u,i,b\ne1,u,i,c\ne2,u,i,b\n")
    assert [(one.row, one.code) for one in files.conflicts] == [(2, "conflict")]
    assert files.unique == 2
    lines = [
        line
        for path in (tmp_path / "import").glob("events-*.csv")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    header = (tmp_path / "import/events.csv").read_text(encoding="utf-8").rstrip().split(",")
    basket = header.index("basket:string")
    assert [line.split(",")[basket] for line in lines] == ["b", "b"]


def test_the_same_event_again_is_no_conflict(tmp_path: Path) -> None:
    files = written(tmp_path, "e1,u,i,b\ne1,u,i,b\n")
    assert (files.conflicts, files.unique) == ([], 1)


def test_a_hundred_million_events_are_in_more_parts_and_in_none_twice(tmp_path: Path) -> None:
    ids = [f"e{number}" for number in range(900)]
    text = "".join(f"{one},u,i,b\n" for one in ids + ids)
    for name, rows in (("few", 16), ("many", 100_000_000)):
        (tmp_path / name).mkdir()
        assert written(tmp_path / name, text, rows).unique == 900
    count = {
        name: len(list((tmp_path / name / "import").glob("events-*.csv")))
        for name in ("few", "many")
    }
    assert count == {"few": 8, "many": 64}


def test_what_is_disliked_is_a_relationship_of_its_own(tmp_path: Path) -> None:
    names = ("user_id", "item_id", "event")
    (tmp_path / "a.csv").write_text("user_id,item_id,event\nu,i,buy\nu,j,dislike\n")
    files = ImportFiles(tmp_path)
    for block in read_blocks(tmp_path / "a.csv"):
        frame, _ = events.validate(block, EventContract({name: name for name in names}))
        files.add(frame)
    arguments = [one for one in files.finish(1, "token") if one.startswith("--relationships=")]
    assert files.unique == 2
    for relation, kind in (("INTERACTED", "buy"), ("DISLIKES", "dislike")):
        (paths,) = (one.split("=", 2)[2] for one in arguments if f"={relation}=" in one)
        written_events = "".join(Path(path).read_text() for path in paths.split(",")[1:])
        assert f",{kind}," in written_events
        assert written_events.count("\n") == 1
