from pathlib import Path

import pytest

from engine.data.reading.read_options import ReadOptions
from engine.errors import DataError, FileRefused
from engine.loading.event_file import read_events

DAY = 86_400_000
YEAR_2020 = 1_577_836_800_000


def test_events_are_sorted_and_numbered_by_id_as_the_graph_numbers_them(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "user_id,item_id,timestamp,weight,event\n"
        "b,y,2020-01-04T00:00:00Z,2,view\nb,x,2020-01-03T00:00:00Z,,buy\na,y,2020-01-05,1,buy\n"
    )
    found = read_events(path, ReadOptions()).events
    assert (found.users.ids, found.items.ids) == (("a", "b"), ("x", "y"))
    assert found.events == ("buy", "view")
    assert found.user.tolist() == [0, 1, 1]
    assert found.item.tolist() == [1, 0, 1]
    assert found.at.tolist() == [YEAR_2020 + days * DAY for days in (4, 2, 3)]
    assert found.weight.tolist() == [1.0, 1.0, 2.0]
    assert found.event.tolist() == [0, 0, 1]


def test_baskets_stand_beside_the_events_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "user_id,item_id,timestamp,basket_id\n"
        "b,y,2020-01-04,one\nb,x,2020-01-03,\na,y,2020-01-05,two\na,x,2020-01-06,one\n"
    )
    found = read_events(path, ReadOptions())
    assert found.events.item.tolist() == [1, 0, 0, 1]
    two, one, none, same = found.baskets.tolist()
    assert (none, same) == (-1, one)
    assert two not in (one, -1)


def test_what_ingest_would_leave_out_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id,event_id\na,x,1\na,x,1\na,y,1\n,x,2\nb,x,3\n")
    found = read_events(path, ReadOptions())
    assert len(found.events) == 2
    assert found.events.at.tolist() == [0, 0]
    assert found.left_out == "duplicate 2, required-value 1"


def test_a_file_without_events_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id\n,x\n")
    with pytest.raises(DataError, match="holds no events"):
        read_events(path, ReadOptions())
    with pytest.raises(FileRefused, match="no such file"):
        read_events(tmp_path / "other.csv", ReadOptions())
