"""One protocol, one table: on a small shop, without a database."""

import re
import shutil
import signal
import sys
import threading
from pathlib import Path

import lxml.html
import numpy as np
import pytest

from engine.config import Settings
from engine.data.encoding.text_choice import TextChoice
from engine.errors import DataError, MissingExtra, UnknownModel, UsageError
from engine.evaluation.baselines import ALWAYS
from engine.evaluation.comparison import BLEND
from engine.evaluation.protocols import EvaluationProtocol, NextBasket, NextItemProtocol, Window
from engine.experiments import experiment
from engine.experiments.compare_report import write_report
from engine.experiments.compare_request import read_data
from engine.experiments.training_request import TrainingRequest
from engine.training.trainer import Progress
from engine.usecases.comparing import CompareReport, CompareRequest, compare

from .conftest import FAST, shop, write_events

METHODS = [
    *("lightgcn", "lightgcn blend", "item-knn", "item-knn blend"),
    *ALWAYS,
    "no-vectors blend",
]


def request(events: Path, **more: object) -> CompareRequest:
    models = more.pop("models", ("lightgcn", "item-knn"))
    return CompareRequest(models, FAST, data=events, **more)  # type: ignore[arg-type]


def compared(settings: Settings, asked: CompareRequest) -> CompareReport:
    return compare(settings, asked)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompareReport]:
    """A comparison that several tests look at, and the home in which it lies."""
    folder = tmp_path_factory.mktemp("compared")
    events = write_events(folder / "events.csv", shop())
    settings = Settings(home=folder / "home", device="cpu")
    return settings.home, compared(settings, request(events))


@pytest.fixture
def report(made: tuple[Path, CompareReport], settings: Settings) -> CompareReport:
    """It; what it left lies in this test's home too."""
    home, found = made
    shutil.copytree(home, settings.home, dirs_exist_ok=True)
    return found


def test_every_method_stands_in_both_tables_beside_the_plain_ones(
    report: CompareReport,
) -> None:
    for seen in (False, True):
        assert [one.name for one in report.rows if one.seen is seen] == METHODS
    assert report.data["train_events"] + report.data["test_events"] == 1_500
    assert len(report.lines) == 2
    assert {"seconds", "peak_mib", "epochs"} <= report.costs["lightgcn blend"].keys()
    assert report.costs["popular"]["peak_mib"] > 10
    for one in report.rows:
        assert all(np.isfinite(value) for value in one.means.values())


def test_a_filter_is_judged_by_the_blend_that_engine_train_serves_it_by(
    report: CompareReport, made: tuple[Path, CompareReport], tmp_path: Path
) -> None:
    events = made[0].parent / "events.csv"
    material = read_data(events, request(events)).material
    trained = experiment.run(material, TrainingRequest("item-knn", refit=False), tmp_path)
    served = {one.seen: one.means for one in trained.comparisons if one.method == BLEND}
    found = {one.seen: one.means for one in report.rows if one.name == "item-knn blend"}
    for seen in (False, True):
        assert found[seen]["ndcg@20"] == pytest.approx(served[seen]["ndcg@20"])
    assert "epochs" not in report.costs["item-knn blend"]


def test_what_counts_is_finished_before_anything_is_trained(
    report: CompareReport, settings: Settings, made: tuple[Path, CompareReport]
) -> None:
    ended: list[str] = []

    def follow(model: str, stage: str, _: Progress | None) -> None:
        if stage in ("done", "found"):
            ended.append(model)

    asked = request(made[0].parent / "events.csv")
    assert [one.name for one in compare(settings, asked, follow).rows] == [
        one.name for one in report.rows
    ]
    assert ended[-2:] == ["item-knn", "lightgcn"]  # solved, then trained
    assert set(ALWAYS) <= set(ended[:-2])


def test_the_report_holds_every_model_and_opens_without_a_network(
    report: CompareReport, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "report.html"
    write_report(path, report, "engine compare --models '<b>'")
    text = path.read_text(encoding="utf-8")
    page = lxml.html.fromstring(text)
    tables = page.xpath("//table[@class='quality']")
    assert len(tables) == 2
    for table in tables:
        assert sorted(table.xpath(".//tbody/tr/td[1]/text()")) == sorted(METHODS)
    assert page.xpath("//body/*")[0].text == report.lines[0]
    counts = f"60 users, {report.data['items']} items, 1500 events"
    assert counts in page.text_content()
    assert "built-in" not in text
    assert len(page.xpath("//figure/*[local-name()='svg']")) == 5
    assert page.xpath("//code/text()") == ["engine compare --models '<b>'"]
    assert not page.xpath("//script | //link | //iframe | //@onload")
    addresses = page.xpath("//@src | //@href | //@*[name()='xlink:href']")
    assert all(address.startswith("#") for address in addresses)
    assert not re.search(r"url\((?!['\"]?#)|@import", text)
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(path / "below-a-file.html", report, "engine compare")


def test_over_few_users_the_report_names_no_winner(settings: Settings, tmp_path: Path) -> None:
    data = write_events(tmp_path / "few.csv", shop(users=20, events=300))
    found = compared(settings, CompareRequest(("item-knn",), data=data))
    path = tmp_path / "report.html"
    write_report(path, found, "engine compare")
    for line in found.lines:
        assert "too few users to tell (" in line
    cells = lxml.html.parse(path).xpath("//table[@class='quality']/tbody/tr/td[4]/text()")
    assert cells
    assert not [cell for cell in cells if cell.endswith(("better", "worse", "level"))]


def test_where_nobody_has_anything_to_find_nothing_is_trained(
    settings: Settings, tmp_path: Path
) -> None:
    one_each = shop(users=200, events=4_000)
    first = np.append(True, np.diff(one_each.user) > 0)
    data = write_events(tmp_path / "one.csv", one_each.select(first))
    with pytest.raises(DataError, match="no user of the test part has anything to find") as told:
        compared(settings, request(data))
    assert "has one event" in (told.value.hint or "")


def test_a_library_that_lacks_is_told_before_anything_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    CompareRequest(("als", "item-knn")).entrants()
    monkeypatch.setitem(sys.modules, "implicit", None)
    with pytest.raises(MissingExtra, match="the model als needs implicit"):
        CompareRequest(("item-knn", "als")).entrants()
    CompareRequest(("item-knn",)).entrants()


def test_a_finished_model_is_not_trained_again_unless_something_changed(
    settings: Settings, events_file: Path, report: CompareReport
) -> None:
    assert report.found == []
    again = compared(settings, request(events_file))
    assert again.found == ["lightgcn", "item-knn", *ALWAYS, "no-vectors"]
    assert again.rows == report.rows
    assert again.costs == report.costs
    other = compared(settings, request(events_file, seed=1))
    assert "lightgcn" not in other.found
    lines = events_file.read_text().splitlines()
    events_file.write_text("\n".join(lines[:-1]))
    assert compared(settings, request(events_file)).found == []


def test_a_damaged_result_is_made_again(
    settings: Settings, events_file: Path, home: Path, report: CompareReport
) -> None:
    for kept in (home / "compare").glob("*.npz"):
        kept.write_bytes(kept.read_bytes()[:100])
    again = compared(settings, request(events_file))
    assert again.found == []
    assert again.rows == report.rows


def test_ctrl_c_keeps_what_is_whole_and_goes_on_to_the_same_figures(
    settings: Settings, events_file: Path, home: Path, tmp_path: Path, report: CompareReport
) -> None:
    other = settings.model_copy(update={"home": tmp_path / "other"})

    def press(_model: str, stage: str, now: Progress | None) -> None:
        if stage == "search" and now is not None and now.step == 4:
            signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    asked = request(events_file, models=("item-knn", "lightgcn"))
    with pytest.raises(KeyboardInterrupt):
        compare(other, asked, press)
    kept = [one.name for one in (other.home / "compare").glob("*.npz")]
    assert len(kept) == 8  # all but the one that was being trained
    assert not [name for name in kept if name.startswith("lightgcn")]
    assert [name for name in kept if name.startswith("item-knn")]
    continued = compared(other, asked)
    assert "item-knn" in continued.found
    assert "lightgcn" not in continued.found
    by_name = {(one.name, one.seen): one for one in report.rows}
    assert {(one.name, one.seen): one for one in continued.rows} == by_name
    assert not list((other.home / "compare" / "unfinished").iterdir())


def test_settings_go_to_every_model_that_has_them_or_to_one() -> None:
    asked = CompareRequest(
        ("lightgcn", "gat", "item-knn"),
        {"epochs": "7", "lightgcn.epochs": "9", "neighbours": "5", "heads": "2"},
    )
    effective = {one.name: one.effective() for one in asked.entrants()}
    assert effective["lightgcn"]["epochs"] == 9
    assert effective["gat"]["epochs"] == 7
    assert effective["gat"]["heads"] == 2
    assert effective["item-knn"]["neighbours"] == 5
    assert list(effective) == [*("lightgcn", "gat", "item-knn", *ALWAYS, "no-vectors")]


def test_models_that_are_compared_read_the_same_texts() -> None:
    models = ("graphsage", "pinsage", "item-knn")
    inputs = {"graphsage.inputs": "features"}
    asked = CompareRequest(models, settings={**inputs, "texts": "title"})
    assert asked.texts() == TextChoice("title")
    assert CompareRequest(("lightgcn",)).texts() == TextChoice("none")
    differing = CompareRequest(models, settings={**inputs, "pinsage.texts": "title"})
    with pytest.raises(UsageError, match="must read the same attributes as texts"):
        differing.texts()


def test_what_cannot_be_compared_is_refused_before_anything_is_read() -> None:
    with pytest.raises(UnknownModel, match="there is no plain method magic"):
        CompareRequest(("magic",)).entrants()
    with pytest.raises(UsageError, match="no setting wings"):
        CompareRequest(("lightgcn",), {"wings": "2"}).entrants()
    with pytest.raises(UsageError, match="gat is not compared"):
        CompareRequest(("lightgcn",), {"gat.heads": "2"}).entrants()
    with pytest.raises(UsageError, match="layers=99"):
        CompareRequest(("lightgcn",), {"layers": "99"}).entrants()


def test_a_model_of_features_needs_the_graph(settings: Settings, events_file: Path) -> None:
    asked = CompareRequest(("gcn",), FAST | {"inputs": "features"}, data=events_file)
    with pytest.raises(DataError, match="learns from features"):
        compare(settings, asked)


@pytest.mark.parametrize(
    ("protocol", "judged", "columns"),
    [
        (Window(14, 3), "ndcg@20", ["at each cut"]),
        (NextBasket(30, 2), "ndcg@20", ["at each cut", "phr@10", "explore-recall@20"]),
        (NextItemProtocol(), "ndcg@10", ["hit@10"]),
    ],
)
def test_every_protocol_judges_the_same_methods_and_shows_its_figures(
    settings: Settings,
    events_file: Path,
    tmp_path: Path,
    protocol: EvaluationProtocol,
    judged: str,
    columns: list[str],
) -> None:
    asked = request(events_file, models=("bpr-mf",), protocol=protocol)
    found = compared(settings, asked)
    assert found.judged == judged
    names = ["bpr-mf", "bpr-mf blend", *ALWAYS, "no-vectors blend"]
    for seen in (False, True):
        assert [one.name for one in found.rows if one.seen is seen] == names
    cuts = protocol.settings().get("cuts", 0)
    assert len(found.data["cuts"]) == cuts
    assert {len(one.intervals[judged].by_cut) for one in found.rows} == {cuts}
    write_report(tmp_path / "report.html", found, "engine compare")
    page = lxml.html.parse(tmp_path / "report.html")
    heads = page.xpath("//table[@class='quality']/thead/tr/th/text()")
    assert set(columns) <= set(heads)
    for row in page.xpath("//table[@class='quality']/tbody/tr"):
        assert len(row.xpath("td")) == len(row.xpath("../../thead/tr/th"))
    assert found.data["protocol_settings"] == protocol.settings()
    again = compared(settings, asked)
    assert len(again.found) == len(ALWAYS) + 2
    assert again.rows == found.rows
    assert compared(settings, request(events_file, models=("bpr-mf",))).found == []
