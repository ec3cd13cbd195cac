"""Names are text, whatever is in them: nothing executes and nothing breaks the page."""

from typing import Any

import neo4j
import pytest

NAMES = {
    "markup": "<img src=x onerror=\"document.title='owned'\">",
    "script": "</title><script>document.title='owned'</script>",
    "svg": "<svg onload=document.title='owned'><![CDATA[",
    "quotes": "\"'`><a href='javascript:document.title=1'>x</a>",
    "entity": "&lt;b&gt; &amp; ${1+1} {{7*7}} %s",
    "rtl": "\u202eنمر\u202c שלום",
    "long": "x" * 10_000,
    "spaces": "  \t\n ",
    "zalgo": "z" + "\u0301" * 50,
}
SHOWN = [name if name.strip() else f"i{n}" for n, name in enumerate(NAMES.values())]
HOSTILE_IDS = [
    "<b>'\"&", "a/b?c=d#e%2f", "=#operator", "\u202eid", "'}) DETACH DELETE n //",
    "../../v1/generations/rollback", "👩‍👩‍👧‍👦", "constructor", "__proto__", " spaced ",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _named(settings: Any) -> None:
    """Give items and a brand such names, and make users of such ids."""
    auth = (settings.neo4j_user, settings.neo4j_password.get_secret_value())
    with (
        neo4j.GraphDatabase.driver(settings.neo4j_uri, auth=auth) as driver,
        driver.session() as session,
    ):
        for n, name in enumerate(NAMES.values()):
            session.run(f"MATCH (i:Item {{id: 'i{n}'}}) SET i.name = $name", name=name).consume()
        session.run("MATCH (e:Brand {id: '1'}) SET e.name = $name", name=NAMES["markup"]).consume()
        session.run(
            "UNWIND $ids AS id CREATE (u:User {id: id, name: $name}) WITH u "
            "UNWIND range(0, $last) AS n MATCH (i:Item {id: 'i' + toString(n)}) "
            "CREATE (u)-[:INTERACTED {key: u.id + n, event: $name, at: 1700000000000 - n}]->(i)",
            ids=HOSTILE_IDS,
            name=NAMES["markup"],
            last=len(NAMES) - 1,
        ).consume()


def _is_harmless(page: Any) -> None:
    assert page.browser.title == "engine"
    assert page.all("img, iframe, object, embed, main a, svg image, svg foreignObject") == []
    assert len(page.all("script")) == 1
    # Long names are cut or broken: nothing is wider than the window.
    wide = "return document.documentElement.scrollWidth - window.innerWidth"
    assert page.browser.execute_script(wide) <= 0


@pytest.mark.parametrize("user", HOSTILE_IDS)
def test_a_hostile_id_is_a_person_like_any_other(page: Any, user: str) -> None:
    page.click("#who")
    page.set("who", user)  # no keyboard types some of these
    page.until(lambda: page.ids("#who-list") == [user])
    assert page.texts("#who-list bdi") == [user, NAMES["markup"]]
    page.click("#who-list li")
    page.until(lambda: page.texts("#history .name") == SHOWN)
    assert page.texts("#history .who bdi") == [NAMES["markup"]]
    assert page.one("#history .who bdi").get_attribute("title") == user
    page.until(lambda: page.ids("#list"))
    page.click("#list button")
    page.until(lambda: page.all("#why .node.user"))
    _is_harmless(page)


@pytest.mark.parametrize("n", range(len(NAMES)), ids=list(NAMES))
def test_a_hostile_name_is_shown_as_it_is(page: Any, n: int) -> None:
    page.open("person=constructor")
    page.until(lambda: f"i{n}" in page.ids("#history"))
    page.click(f"#history [data-id=i{n}] button")
    page.until(lambda: page.all(f"#why .node.item[data-key='item:i{n}']"))
    label = "".join(page.texts(f"#why .node[data-key='item:i{n}'] .label"))
    # At most two short lines, the beginning of the name; white space is folded.
    assert 0 < len(label) <= 50
    assert "".join(SHOWN[n].split()).startswith("".join(label.split()).rstrip("…"))
    page.until(lambda: page.ids("#similar"))
    _is_harmless(page)
