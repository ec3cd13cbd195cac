from dataclasses import replace

from engine.graph.lists.evidence import Evidence, Joint, Neighbour
from engine.graph.lists.knowledge_paths import KnowledgePath

NOTHING = Evidence("ann", "tea", "Green tea", 7, 0, (), None, None)
PATH = KnowledgePath(0.5, "mug", "Mug", 1, 1.0, "BY", "b1", "Kyusu", "Brand", "BY")


def _like(*names: str) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(name, None, 0.9, 0.3, 1) for name in names)


def test_an_item_that_nothing_joins_says_so() -> None:
    assert NOTHING.sentence() == "Green tea: nothing joins it to ann; 7 events are on it."


def test_own_purchases_are_counted_in_words() -> None:
    assert "ann has had it once." in replace(NOTHING, bought=1).sentence()
    assert "ann has had it twice." in replace(NOTHING, bought=2).sentence()
    assert "ann has had it 3 times." in replace(NOTHING, bought=3).sentence()


def test_likenesses_are_summed_and_named() -> None:
    one = replace(NOTHING, alike=_like("mug")).sentence()
    assert "most like mug, which carries 30% of its score" in one
    three = replace(NOTHING, alike=_like("mug", "pot", "cup")).sentence()
    assert "most like mug, pot and cup, which carry 90% of its score" in three


def test_the_strongest_reasons_come_first() -> None:
    whole = replace(
        NOTHING,
        bought=1,
        alike=_like("mug"),
        together=Joint("pot", "Pot", 4),
        after=Joint("x", None, 2),
    )
    assert whole.sentence([PATH]) == (
        "Green tea for ann: ann has had it once; it is most like mug, which carries 30% of its "
        "score; it shares Brand Kyusu with Mug; it is in 4 baskets with Pot; it came twice after x."
    )


def test_one_reason_is_the_first_of_the_sentence_in_few_words() -> None:
    bare = replace(NOTHING, together=Joint("pot", "Pot", 4), after=Joint("x", None, 2))
    alike = replace(bare, alike=_like("mug", "cup"))
    assert replace(alike, bought=3).reason([PATH]) == "had 3 times"
    assert alike.reason([PATH]) == "like mug"
    assert bare.reason([PATH]) == "Kyusu, as Mug"
    assert bare.reason() == "in 4 baskets with Pot"
    assert replace(bare, together=None).reason() == "twice after x"
    assert NOTHING.reason() == ""
