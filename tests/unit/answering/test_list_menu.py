"""The menu of lists; those of plug-ins: integration/plugins/test_example.py."""

from engine.answering.list_menu import choices
from engine.answering.sources import SOURCES


def test_every_list_is_offered_under_a_title_of_its_own() -> None:
    found = choices()
    assert [one.name for one in found] == list(SOURCES)
    titles = {one.title for one in found}
    assert "" not in titles
    assert len(titles) == len(found)


def test_what_a_list_needs_is_said() -> None:
    needs = {one.name: one.needs for one in choices()}
    assert (needs["for-you"], needs["popular"], needs["likes"]) == (("user",), (), ("likes",))
