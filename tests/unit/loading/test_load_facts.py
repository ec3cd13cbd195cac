from pathlib import Path

import pytest

from engine.errors import FileRefused
from engine.loading.load import IngestRequest
from engine.loading.load_facts import validate_facts

from .kept_rows import KeptRows

_NAMES = ("head_type", "head", "relation", "tail_type", "tail")


def _validated(tmp_path: Path, text: str, **request: object) -> list[tuple[str, ...]]:
    path = tmp_path / "facts.csv"
    path.write_text(text)
    file = KeptRows(IngestRequest(**request), "facts", path)  # type: ignore[arg-type]
    file.validate(validate_facts)
    return [tuple(row[name] for name in _NAMES) for row in file.passed]


def test_types_stand_in_the_file_or_are_given(tmp_path: Path) -> None:
    text = "head,head_type,relation,tail,tail_type\ntea,Item,IN_CATEGORY,hot,Category\n"
    assert _validated(tmp_path, text) == [("Item", "tea", "IN_CATEGORY", "Category", "hot")]
    text = "head,relation,tail\nann,FRIEND,bob\n"
    friends = _validated(tmp_path, text, head_type="User", tail_type="User")
    assert friends == [("User", "ann", "FRIEND", "User", "bob")]


def test_without_types_a_fact_joins_an_item_to_a_thing(tmp_path: Path) -> None:
    (row,) = _validated(tmp_path, "head,relation,tail\ntea,MADE_IN,japan\n")
    assert (row[0], row[3]) == ("Item", "Thing")


def test_one_relation_may_stand_for_the_whole_file(tmp_path: Path) -> None:
    (row,) = _validated(tmp_path, "head,tail\ntea,japan\n", relation="MADE_IN")
    assert row[2] == "MADE_IN"
    with pytest.raises(FileRefused):
        _validated(tmp_path, "head,tail\ntea,japan\n")


def test_links_put_items_in_the_place_of_entities(tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text("item_id,entity_id\ntea,m.1\nmug,m.2\nother,m.1\n")
    rows = _validated(tmp_path, "head,relation,tail\nm.1,GOES_WITH,m.2\nm.1,BY,m.9\n", links=links)
    assert rows[0][1] == "tea", "the first line of an entity counts"
    assert (rows[0][0], rows[0][3], rows[0][4]) == ("Item", "Item", "mug")
    assert (rows[1][3], rows[1][4]) == ("Thing", "m.9")
