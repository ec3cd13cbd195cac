"""Which attributes are read as texts: those that are named, or those that look like sentences."""

from engine.data.encoding.text_choice import TextChoice

KNOWN = [
    {"name": f"A name of item {n}", "about": f"All about the item {n}", "shelf": f"s{n % 3}"}
    for n in range(30)
]


def test_those_that_are_sentences_without_the_name() -> None:
    assert TextChoice("auto").of(KNOWN) == ["about"]
    assert TextChoice().of(KNOWN) == []
    assert not TextChoice("auto").wants_name


def test_those_that_are_named_and_there() -> None:
    choice = TextChoice(" shelf, name,shelf,none ")
    assert choice.named == ["shelf", "name", "none"]
    assert choice.of(KNOWN) == ["shelf", "name"]
    assert choice.wants_name
    assert TextChoice("auto").named == []
