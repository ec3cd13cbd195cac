"""The corpus of bad event files: each has its outcome, and nothing is lost between the columns.

A case is the file, then ``(accepted, duplicate, {code: line numbers})``, or the code with which the
whole file is refused. Numbers in the names are those of the reliability plan.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from engine.errors import FileRefused, NothingAccepted, TooManyBadRows
from engine.loading.ingest import ingest
from engine.loading.load import FileReport, IngestRequest
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine

HEADER = "user_id,item_id,timestamp,weight\n"
GOOD = "u1,i1,1700000000,1\n"
# More than the first mebibyte, of which the encoding is guessed.
_ROWS_ABOVE = "".join(f"v{n:040},i,1700000000,1\n" for n in range(19_999))
assert len(_ROWS_ABOVE) > 1 << 20
_FUTURE_DAY = "4000000000"


def _times(*cells: str) -> str:
    return "user_id,item_id,timestamp\n" + "".join(f"u{n},i,{c}\n" for n, c in enumerate(cells))


def _all(code: str, count: int) -> dict[str, list[int]]:
    return {code: list(range(2, 2 + count))}


CASES: dict[str, tuple[str | bytes, Any]] = {
    "E1 empty": (b"", "empty-file"),
    "E1 blank lines only": ("\n\n \n", "empty-file"),
    "E2 header only": (HEADER, (0, 0, {})),
    "E2 header only, no line end": (HEADER.strip(), (0, 0, {})),
    "E3 byte order mark": (b"\xef\xbb\xbf" + (HEADER + GOOD).encode(), (1, 0, {})),
    "E4 UTF-16": ((HEADER + GOOD).encode("utf-16"), "encoding-error"),
    "E4 UTF-16 without mark": ((HEADER + GOOD).encode("utf-16-le"), "encoding-error"),
    "E4 Latin-1 header": (("usér_id," + HEADER + GOOD).encode("latin-1"), "encoding-error"),
    "E4 Latin-1 rows": (
        (HEADER + "é,i,1700000000,1\nà,i,1700000000,1\nô,i,1700000000,1\n").encode("latin-1"),
        "encoding-error",
    ),
    "E5 one bad byte far down": (
        (HEADER + _ROWS_ABOVE).encode() + b"caf\xe9,i,1700000000,1\n" + GOOD.encode(),
        (20_000, 0, {"encoding": [20_001]}),
    ),
    "E5 bad byte in a torn row": (
        HEADER.encode() + b"\xe9,i\n" + GOOD.encode(),
        (1, 0, {"missing-cell": [2]}),
    ),
    "E6 NUL in a cell": (HEADER + "u\0,i,1700000000,1\n", (0, 0, {"control-character": [2]})),
    "E6 escape and C1 codes": (
        HEADER + "u\x1b[2J,i,1700000000,1\nu,\x9bi,1700000000,1\n" + GOOD,
        (1, 0, {"control-character": [2, 3]}),
    ),
    "E7 no last line end": (HEADER + GOOD.strip(), (1, 0, {})),
    "E8 cut in a row": (HEADER + GOOD + "u2,i2", (1, 0, {"missing-cell": [3]})),
    "E9 extra cell": (HEADER + GOOD + "u2,i,1700000000,1,x\n", (1, 0, {"extra-cell": [3]})),
    "E10 missing cell": (HEADER + "u2,i\n" + GOOD, (1, 0, {"missing-cell": [2]})),
    "E11 blank lines": (HEADER + "\n" + GOOD + "\n  \n,,,\n", (1, 0, {"blank-row": [6]})),
    "E12 backslash at the end of a quoted cell": (
        HEADER + '"u\\","i",1700000000,1\n' + GOOD,
        (2, 0, {}),
    ),
    "E13 quoted comma, quote and line end": (
        HEADER + '"a,""b""\nc",i,1700000000,1\n"x\r\n\r\ny",i,bad,1\nu,i\n' + GOOD,
        (1, 0, {"control-character": [2, 4], "missing-cell": [7]}),
    ),
    "E14 quote never closed": (
        HEADER + GOOD + 'u2,"i,1700000000,1\nu3,i3,1700000000,1\n',
        (2, 0, {"unclosed-quote": [3]}),
    ),
    "E14 quote never closed, 5 MB on": (
        HEADER + GOOD + 'u2,"i,1700000000,1\n' + "u1,i1,1700000000,1\n" * 270_000,
        (1, 270_000, {"unclosed-quote": [3]}),
    ),
    "E14 quote closed in a cell": (
        HEADER + 'u2,"i"x,1700000000,1\n' + GOOD + 'u3,5" disk,1700000000,1\n',
        (2, 0, {"unclosed-quote": [2]}),
    ),
    "E14 one endless line": (HEADER + "x" * (18 << 20) + "\n" + GOOD, (1, 0, {"too-long": [2]})),
    "E15 semicolons": ((HEADER + GOOD).replace(",", ";"), (1, 0, {})),
    "E15 tabs": ((HEADER + GOOD).replace(",", "\t"), (1, 0, {})),
    "E15 nothing between two cells": ("user_id item_id\nu i\n", "dialect"),
    "E15 sep= and a decimal comma": (
        "sep=;\r\nuser_id;item_id;weight\r\nu;i;1,5\r\nv;i;1.234,5\r\n",
        (2, 0, {}),
    ),
    "E15 an index and a delimiter at the end": (",user_id,item_id,\n0,u,i,\n1,v,i,\n", (2, 0, {})),
    "E16 columns in another order": ("weight,item_id,user_id\n2,i1,u1\n", (1, 0, {})),
    "E17 a column twice": ("user_id,item_id,item_id\nu,i,j\n", "header"),
    "E18 a column is missing": ("user_id,price\nu,1\n", "header"),
    "E19 usual names": ("userId,movieId,rating,timestamp\n1,2,3.5,1700000000\n", (1, 0, {})),
    "E20 typed header": ("user_id:token,item_id:token,rating:float\n1,2,3.5\n", (1, 0, {})),
    "E21 old Mac line ends": ((HEADER + GOOD).replace("\n", "\r"), (1, 0, {})),
    "E22 null as an id": (
        "user_id,item_id\n"
        + "".join(f"{cell},i\n" for cell in ("", "NULL", "NaN", "None", "null")),
        (0, 0, _all("required-value", 5)),
    ),
    "E23 id of 256 and 257 bytes": (
        f"user_id,item_id\n{'x' * 256},i\n{'é' * 128}x,i\n",
        (1, 0, {"too-long": [3]}),
    ),
    "E24 id of 10 kB": (
        f"user_id,item_id\na,i\n{'x' * 10_000},i\nb,i\n",
        (2, 0, {"too-long": [3]}),
    ),
    "E26 NFC and NFD": ("user_id,item_id\ncaf\u00e9,i\ncafe\u0301,i\n", (2, 0, {})),
    "E27 ids that look like numbers": (
        "user_id,item_id\n007,i\n7,i\n1e5,i\n100000,i\n7.0,i\n9007199254740993,i\n"
        "9007199254740992,i\n9223372036854775808,i\n18446744073709551616,i\n",
        (9, 0, {}),
    ),
    "E29 surrogate, emoji, right to left": (
        b"user_id,item_id\n\xed\xa0\x80,i\n" + "\N{PILE OF POO},i\n\u202eevil,i\n".encode(),
        (2, 0, {"encoding": [2]}),
    ),
    "E30 no time": (
        _times("soon", "2024-02-30", "2024-01-01T24:00:00", "2016-12-31T23:59:60Z"),
        (0, 0, _all("type-error", 4)),
    ),
    "E30 a time that says nothing": (_times("", " ", "NULL", "\\N", "NaT"), (5, 0, {})),
    "E32 no time anything happened": (
        _times("-5", "0", "1970-01-01", "9999-12-31", "292278994-08-17", "1e300"),
        (0, 0, _all("out-of-range", 6)),
    ),
    "E33 zones": (
        _times(
            "2024-01-01T00:00:00", "2024-01-01T00:00+14:00", "2024-11-03T01:30:00", "2024-01-01"
        ),
        (4, 0, {}),
    ),
    "E33 the future": (_times(_FUTURE_DAY), (0, 0, {"out-of-range": [2]})),
    "E34 weights": (
        'user_id,item_id,weight\na,i,\nb,i,1e3\nc,i,NaN\nd,i,inf\ne,i,much\nf,i,"1,5"\n',
        (2, 0, {"type-error": [4, 5, 6, 7]}),
    ),
    "E35 the same row": (HEADER + GOOD + GOOD, (1, 1, {})),
    "E35 one id, two events": (
        "event_id,user_id,item_id\ne1,u,i\ne1,u,j\ne1,u,i\n",
        (1, 1, {"conflict": [3]}),
    ),
    "E35 two ids, one event": ("event_id,user_id,item_id\ne1,u,i\ne2,u,i\n", (2, 0, {})),
    "E39 kind of event": (
        "user_id,item_id,event\nu,i,view\nu,i,VIEW\nu,i,a b\nu,i,\n",
        (3, 1, {}),
    ),
    "E39 kind of event that is no name": (
        "user_id,item_id,event\nu,i,購入\nu,i,!\n",
        (0, 0, {"enum": [2, 3]}),
    ),
    "E40 unknown user and item": ("user_id,item_id\nnew,newer\n", (1, 0, {})),
    "E42 formulas": ("user_id,item_id\n=cmd(),i\n+1,i\n@x,i\n", (3, 0, {})),
    "E43 Cypher": ("user_id,item_id\nx'}) DETACH DELETE n //,`) MATCH (n\n", (1, 0, {})),
    "E46 all bad": ("user_id,item_id\n" + ",i\n" * 20, (0, 0, _all("required-value", 20))),
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'r.sqlite'}")
    yield Registry(engine)
    engine.dispose()


class Loader:
    """Loads one file and checks what must hold whatever is in it."""

    def __init__(self, graph: GraphClient, registry: Registry, home: Path) -> None:
        self.graph, self.registry, self.home = graph, registry, home

    def __call__(self, path: Path, **options: Any) -> FileReport:
        request = IngestRequest(events=path, **options)
        try:
            report = ingest(self.graph, self.registry, request, self.home)[0]
        except NothingAccepted:
            report = self.refused(path)
        self.adds_up(report)
        return report

    def refused(self, path: Path) -> FileReport:
        """Return what is recorded of a file of which no row could be taken."""
        one = self.registry.ingests(1)[0]
        assert (one.status, one.rows_read) == ("failed", one.quarantined)
        kept = self.home / "quarantine" / f"{one.id:06d}-{path.name}.jsonl"
        return FileReport(
            path.name,
            "events",
            one.rows_read,
            quarantined=one.quarantined,
            reasons=dict(one.quarantine_counts),
            quarantine_file=str(kept),
        )

    def adds_up(self, report: FileReport) -> None:
        assert report.accepted + report.duplicate + report.quarantined == report.read
        assert sum(report.reasons.values()) == report.quarantined
        recorded = self.registry.ingests(1)[0]
        assert (recorded.accepted, recorded.duplicate, recorded.quarantined) == (
            report.accepted,
            report.duplicate,
            report.quarantined,
        )


@pytest.fixture
def load(graph: GraphClient, registry: Registry, home: Path) -> Loader:
    return Loader(graph, registry, home)


def quarantined(report: FileReport) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    if report.quarantine_file:
        for line in Path(report.quarantine_file).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault(row["_code"], []).append(row["_line"])
    return {code: sorted(lines) for code, lines in found.items()}


def events_of(driver: neo4j.Driver) -> list[tuple[str, str]]:
    with driver.session() as session:
        rows = session.run("MATCH (u:User)-[:INTERACTED]->(i:Item) RETURN u.id AS u, i.id AS i")
        return sorted((row["u"], row["i"]) for row in rows)


def _request(kind: str, path: Path) -> IngestRequest:
    named: dict[str, Any] = {kind: path}
    return IngestRequest(**named)


def _nodes_of(driver: neo4j.Driver) -> int:
    with driver.session() as session:
        counted = session.run("MATCH (n) WHERE n:User OR n:Item OR n:Entity RETURN count(n) AS n")
        return int(counted.single(strict=True)["n"])


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_has_its_outcome(
    name: str, load: Loader, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    data, expected = CASES[name]
    path = tmp_path / "events.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    if isinstance(expected, str):
        with pytest.raises(FileRefused) as refused:
            load(path)
        assert refused.value.code == expected
        assert refused.value.hint
        assert events_of(bare_driver) == []
        return
    accepted, duplicate, codes = expected
    report = load(path)
    assert (report.accepted, report.duplicate) == (accepted, duplicate)
    assert quarantined(report) == codes
    assert len(events_of(bare_driver)) == accepted


@pytest.mark.parametrize("name", ["E26", "E27", "E29", "E42", "E43"])
def test_ids_are_kept_to_the_letter(
    name: str, load: Loader, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    data = next(case[0] for key, case in CASES.items() if key.startswith(name))
    raw = data if isinstance(data, bytes) else data.encode()
    path = tmp_path / "events.csv"
    path.write_bytes(raw)
    load(path)
    lines = [line.decode("utf-8", "replace") for line in raw.splitlines()[1:]]
    wanted = sorted(tuple(line.split(",", 1)) for line in lines if "\ufffd" not in line)
    assert events_of(bare_driver) == wanted


def test_of_a_cut_compressed_file_nothing_is_loaded(
    load: Loader, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    rows = HEADER + "".join(f"u{n},i{n * 7919 % 1009},1700000000,{n}\n" for n in range(60_000))
    whole = gzip.compress(rows.encode())
    path = tmp_path / "events.csv.gz"
    path.write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(FileRefused) as refused:
        load(path)
    assert refused.value.code == "truncated"
    assert events_of(bare_driver) == []
    assert load.registry.ingests(1)[0].accepted == 0
    path.write_bytes(whole)
    assert load(path).accepted == 60_000


@pytest.mark.parametrize("kind", ["events", "items", "users", "facts"])
def test_of_a_file_that_grows_while_it_is_read_nothing_is_loaded(
    kind: str, load: Loader, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    row = "u1,RATED,i1,u1,i1\n"
    path = tmp_path / f"{kind}.csv"
    path.write_text("head,relation,tail,user_id,item_id\n" + row * 3_000, encoding="utf-8")

    def append(doing: str, _done: int, _total: int) -> None:
        assert doing == f"reading {path.name}"  # and never "writing"
        with path.open("a", encoding="utf-8") as file:
            file.write(row)

    request = _request(kind, path)
    with pytest.raises(FileRefused) as refused:
        ingest(load.graph, load.registry, request, load.home, append)
    assert refused.value.code == "changed"
    recorded = load.registry.ingests(1)[0]
    assert (recorded.status, recorded.accepted) == ("failed", 0)
    assert _nodes_of(bare_driver) == 0
    assert list((load.home / "staging").iterdir()) == []


def test_nothing_is_written_before_all_files_of_a_command_are_judged(
    load: Loader, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    good, bad = tmp_path / "items.csv", tmp_path / "facts.csv"
    good.write_text("item_id,title\n" + "".join(f"i{n},x\n" for n in range(60)), encoding="utf-8")
    bad.write_text("head,tail\ni1,i2\n", encoding="utf-8")
    with pytest.raises(FileRefused):
        ingest(load.graph, load.registry, IngestRequest(items=good, facts=bad), load.home)
    assert _nodes_of(bare_driver) == 0


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("events", "user_id,item_id\n,i\n,j\n"),
        ("items", "item_id,title\n,x\n,y\n"),
        ("users", "user_id,age\n,1\n,2\n"),
        ("facts", "head,relation,tail\n,IN,b\n,IN,c\n"),
    ],
)
def test_a_file_of_which_no_row_can_be_taken_is_an_error(
    kind: str, rows: str, load: Loader, tmp_path: Path
) -> None:
    path = tmp_path / f"{kind}.csv"
    path.write_text(rows, encoding="utf-8")
    request = _request(kind, path)
    with pytest.raises(NothingAccepted, match="not one of 2 rows") as error:
        ingest(load.graph, load.registry, request, load.home)
    assert "required-value 2" in error.value.message
    (kept,) = (load.home / "quarantine").iterdir()
    assert str(kept) in error.value.hint


def test_a_file_of_which_every_row_clashes_is_an_error(load: Loader, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("event_id,user_id,item_id\ne1,u,i\n", encoding="utf-8")
    second.write_text("event_id,user_id,item_id\ne1,u,j\n", encoding="utf-8")
    load(first)
    report = load(second)
    assert (report.quarantined, quarantined(report)) == (1, {"conflict": [2]})


def test_an_id_that_meant_something_else_in_another_file(load: Loader, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("event_id,user_id,item_id\ne1,u,i\n", encoding="utf-8")
    second.write_text("event_id,user_id,item_id\ne1,u,j\ne2,u,j\n", encoding="utf-8")
    load(first)
    assert quarantined(load(second)) == {"conflict": [2]}


def test_the_same_rows_under_another_name_add_nothing(load: Loader, tmp_path: Path) -> None:
    for name, outcome in (("a.csv", (1, 0)), ("b.csv", (0, 1))):
        path = tmp_path / name
        path.write_text(HEADER + GOOD, encoding="utf-8")
        report = load(path)
        assert (report.accepted, report.duplicate) == outcome


def test_too_many_bad_rows_stop_the_load(load: Loader, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id\n" + "u,i\n" * 90 + ",i\n" * 10, encoding="utf-8")
    with pytest.raises(TooManyBadRows):
        load(path, max_bad=0.05)
    assert load(path, max_bad=0.1).quarantined == 10
