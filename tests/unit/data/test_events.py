"""The same event has the same key whatever file it comes from, and a bad row has its code."""

import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.data import events
from engine.data.reading import columns
from engine.data.reading.rejection import Rejection
from engine.data.reading.table_reader import read_blocks

FORMS = {
    "a.csv": "user_id,item_id,timestamp,weight\n7,i,1700000000,1\n",
    "b.csv": "item_id,weight,user_id,timestamp,basket_id\ni,1.0,7,2023-11-14T22:13:20Z,\n",
    "c.tsv": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n7\ti\t1e0\t1.7e9\n",
    "d.jsonl": json.dumps({"user_id": 7, "item_id": "i", "timestamp": 1700000000000, "w": None}),
    "e.jsonl": '{"user":"7","item":"i","weight":"1.00","time":"2023-11-15T00:13:20+02:00"}',
    "f.csv": 'user_id,item_id,timestamp,basket_id\n"7","i",1700000000000000,NULL\n',
}


def judge(
    path: Path, allowed: tuple[str, ...] = (), **chosen: str
) -> tuple[pl.DataFrame, list[Rejection]]:
    frames, bad = [], []
    for block in read_blocks(path):
        assigned = columns.assign(
            block.header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen
        )
        frame, rejected = events.validate(
            block, events.EventContract(assigned, allowed_events=allowed)
        )
        frames.append(frame)
        bad += rejected
    return pl.concat(frames), bad


def test_every_form_of_an_event_has_one_key(tmp_path: Path) -> None:
    keys = {}
    for name, text in FORMS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        frame, bad = judge(tmp_path / name)
        assert (len(frame), bad) == (1, []), name
        keys[name] = frame["key"].item()
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    table = pl.DataFrame({"user_id": [7.0], "item_id": ["i"], "timestamp": [moment], "weight": [1]})
    table.write_parquet(tmp_path / "g.parquet")
    keys["g"] = judge(tmp_path / "g.parquet")[0]["key"].item()
    (tmp_path / "h.csv.gz").write_bytes(gzip.compress(FORMS["a.csv"].encode()))
    keys["h"] = judge(tmp_path / "h.csv.gz")[0]["key"].item()
    assert len(set(keys.values())) == 1, keys


def test_the_key_of_an_event_never_changes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FORMS["a.csv"], encoding="utf-8")
    # A new value here would count every event of every graph a second time.
    assert judge(tmp_path / "a.csv")[0]["key"].item() == -5_041_743_049_651_997_118


def test_zero_has_one_sign(tmp_path: Path) -> None:
    """What other tools write as -0.0 is the event with 0: in its key and in the graph."""
    path = tmp_path / "a.csv"
    path.write_text("user_id,item_id,weight\nu,i,0\nu,i,-0.0\nu,i,-0\n", encoding="utf-8")
    pl.DataFrame({"user_id": ["u"], "item_id": ["i"], "weight": [-0.0]}).write_parquet(
        tmp_path / "a.parquet"
    )
    frame = pl.concat([judge(path)[0], judge(tmp_path / "a.parquet")[0]])
    assert frame["key"].n_unique() == 1
    assert [str(weight) for weight in frame["weight"]] == ["0.0"] * 4


def test_every_weight_that_is_taken_can_be_learned_from(tmp_path: Path) -> None:
    """Models compute in float32: squares and sums of the largest weights must stay finite."""
    path = tmp_path / "a.csv"
    path.write_text("user_id,item_id,weight\nu,i,1e12\nu,j,-1e12\n", encoding="utf-8")
    frame, bad = judge(path)
    assert bad == []
    weights = frame["weight"].to_numpy().astype(np.float32)
    with np.errstate(over="raise"):
        assert np.isfinite(np.float32(1e9) * np.sum(weights * weights))


def test_what_differs_has_another_key(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "user_id,item_id,event,timestamp,weight,basket_id\n"
        "a,b,view,1700000000,1,\nb,b,view,1700000000,1,\na,a,view,1700000000,1,\n"
        "a,b,buy,1700000000,1,\na,b,view,1700000001,1,\na,b,view,1700000000,2,\n"
        "a,b,view,1700000000,1,x\nab,b,view,1700000000,1,\na,bb,view,1700000000,1,\n",
        encoding="utf-8",
    )
    frame, bad = judge(path)
    assert bad == []
    assert frame["key"].n_unique() == 9


def test_an_event_id_is_the_key(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("event_id,user_id,item_id\ne,u,i\ne,u,j\n,u,i\n", encoding="utf-8")
    frame, _ = judge(path)
    first, second, third = frame["key"]
    assert first == second != third
    assert frame["payload"][0] == third


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (",i,,", "required-value"),
        ("u,None,,", "required-value"),
        (f"{'x' * 257},i,,", "too-long"),
        ("u,i,購入,", "enum"),
        ("u\x7f,i,,", "control-character"),
        ("u,i,,NaN", "type-error"),
        ("u,i,,#WERT!", "type-error"),
        ("u,1E+05,,", "rounded"),
        ("u,i,購入 1,", "enum"),
        ("u,i,,-inf", "type-error"),
        ("u,i,,1_000", "type-error"),
        ("u,i,,1e308", "out-of-range"),
        ("u,i,,-1.0000001e12", "out-of-range"),
    ],
)
def test_a_bad_cell_has_its_code(cells: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"user_id,item_id,event,weight\n{cells}\nu,i,, 2 \n", encoding="utf-8")
    frame, bad = judge(path)
    assert frame.select("user", "item", "event", "weight").rows() == [("u", "i", "interaction", 2)]
    assert [(one.code, one.row) for one in bad] == [(code, 1)]


def test_a_time_that_says_nothing_is_none_and_one_that_cannot_be_read_is_a_fault(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    cells = ["", "null", "NaT", "\\N", "1700000000", "soon", "0"]
    rows = "".join(f"u{n},i,{cell}\n" for n, cell in enumerate(cells))
    path.write_text(f"user_id,item_id,timestamp\n{rows}", encoding="utf-8")
    frame, bad = judge(path)
    assert frame["at"].to_list() == [None] * 4 + [1_700_000_000_000]
    assert [one.code for one in bad] == ["type-error", "out-of-range"]


def test_only_named_kinds_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("user_id,item_id,event\nu,i,buy\nu,i,view\n", encoding="utf-8")
    frame, bad = judge(path, allowed=("buy",))
    assert (len(frame), [one.code for one in bad]) == (1, ["enum"])


def test_a_column_that_only_later_lines_have_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = ['{"user_id":"u","item_id":"i"}'] * 200_000
    path.write_text("\n".join([*lines, '{"user_id":"u","item_id":"i","weight":3}']), "utf-8")
    frame, _ = judge(path)
    assert frame["weight"].to_list()[-2:] == [1.0, 3.0]


def test_a_clock_may_be_ahead_by_the_allowed_skew_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    now = int(time.time() * 1000)
    within, beyond = now + events.CLOCK_SKEW_MS - 60_000, now + events.CLOCK_SKEW_MS + 600_000
    path.write_text(f"user_id,item_id,timestamp\nu,i,{within}\nu,j,{beyond}\n", encoding="utf-8")
    frame, bad = judge(path)
    assert frame["item"].to_list() == ["i"]
    assert [(one.row, one.code) for one in bad] == [(2, "out-of-range")]


@pytest.mark.parametrize(
    "other",
    [
        "w,i,view,1700000000,1,b",
        "u,j,view,1700000000,1,b",
        "u,i,buy,1700000000,1,b",
        "u,i,view,1700000001,1,b",
        "u,i,view,1700000000,2,b",
        "u,i,view,1700000000,1,c",
    ],
)
def test_an_event_id_that_means_something_else_in_any_field_has_another_payload(
    tmp_path: Path, other: str
) -> None:
    path = tmp_path / "a.csv"
    header = "event_id,user_id,item_id,event,timestamp,weight,basket_id"
    path.write_text(f"{header}\ne1,u,i,view,1700000000,1,b\ne1,{other}\n", encoding="utf-8")
    frame, bad = judge(path)
    assert bad == []
    assert frame["key"].n_unique() == 1
    assert frame["payload"].n_unique() == 2


def test_an_exported_event_keeps_its_key(tmp_path: Path) -> None:
    lines = "user_id,item_id,event_key\nu,i,-7\nu,j,\nu,k,x\n"
    (tmp_path / "a.csv").write_text(lines, encoding="utf-8")
    frame, bad = judge(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("user_id,item_id\nu,j\n", encoding="utf-8")
    assert frame["key"].to_list() == [-7, judge(tmp_path / "b.csv")[0]["key"].item()]
    assert [(one.code, one.detail) for one in bad] == [("type-error", "event_key")]


def test_an_event_may_name_a_list_which_is_no_part_of_what_it_is(tmp_path: Path) -> None:
    one = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    rows = [(one, "3"), (one, ""), ("", ""), (one, "NULL"), ("", "3"), (one, "0"), (one, "1.5")]
    rows += [(one.upper(), ""), ("alice", ""), (one, "x"), (one, "2001"), (one, "2.0")]
    path = tmp_path / "a.csv"
    lines = "".join(f"7,i,1700000000,{list_id},{position}\n" for list_id, position in rows)
    path.write_text(f"user_id,item_id,timestamp,list_id,list_position\n{lines}", encoding="utf-8")
    frame, bad = judge(path)
    named = frame.select("row", "list", "position").rows()
    assert named == [(1, one, 3), (2, one, None), (3, None, None), (4, one, None), (12, one, 2)]
    assert frame["key"].unique().to_list() == [-5_041_743_049_651_997_118]
    assert [(one.row, one.code, one.detail) for one in bad] == [
        (5, "required-value", "list_id"),
        (6, "out-of-range", "list_position"),
        (7, "type-error", "list_position"),
        (8, "type-error", "list_id"),
        (9, "type-error", "list_id"),
        (10, "type-error", "list_position"),
        (11, "out-of-range", "list_position"),
    ]
    assert bad[0].reason.endswith(
        "name the list that the position is in, or leave the position empty"
    )


@pytest.mark.parametrize(
    "text",
    [
        "user_id,item_id\nu,i\nuser_id,item_id\nu,j\n",
        "Customer,SKU,event\nu,i,view\nCustomer,SKU,event\nu,j,view\n",
        "user_id:token\titem_id:token\nu\ti\nuser_id:token\titem_id:token\nu\tj\n",
        "\ufeffuser_id,item_id\nu,i\n\ufeffuser_id,item_id\nu,j\n",
    ],
)
def test_a_header_in_the_middle_is_no_event(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    frame, bad = judge(tmp_path / "a.csv")
    assert frame["item"].to_list() == ["i", "j"]
    assert [one.code for one in bad] == ["column-names"]


def test_numbers_in_a_list_are_no_id(tmp_path: Path) -> None:
    lists = pl.Series([[1.0], [2.5, 3.0]])
    pl.DataFrame({"user_id": ["u", "v"], "item_id": lists}).write_parquet(tmp_path / "a.parquet")
    _, bad = judge(tmp_path / "a.parquet")
    assert [one.code for one in bad] == ["type-error", "type-error"]
    assert bad[1].reason.startswith("item_id '[2.5, 3.0] of 2 numbers': ")
