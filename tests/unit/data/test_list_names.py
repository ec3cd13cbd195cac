from engine.answering.list_menu import choices
from engine.answering.sources import SOURCES
from engine.cli.recommend import command
from engine.data.list_names import OWN_LISTS


def test_whatever_offers_lists_offers_these() -> None:
    (by,) = (one for one in command.params if one.name == "by")
    offered = [
        by.type.choices,  # type: ignore[attr-defined]
        SOURCES,
        [one.name for one in choices()],
    ]
    for names in offered:
        assert set(names) == set(OWN_LISTS)
