"""A list with its options under a name: set, asked for, changed while a service runs, removed."""

import json
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.errors import NotFound, UsageError

from ...unit.cli.refusal import refused
from ..terminal import invoked


def _json(*arguments: str) -> Any:
    done = invoked(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer["items"]]


@pytest.mark.usefixtures("on_server")
def test_a_name_is_set_changed_and_removed_while_a_service_runs(
    running: Any, until: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENGINE_HOME", str(running.settings.home))
    (tmp_path / "engine.toml").write_text('[lists.cart]\nby = "popular"\nk = 1\n')
    set_cart = ("lists", "set", "cart", "--by", "popular", "--where", "kind=tea", "-k")
    assert len(_json("recommend", "u1", "--list", "cart")["items"]) == 1

    with running.client("read") as client:

        def asked(**query: object) -> Any:
            return client.get("/v1/lists/cart", params={"user": "u1"} | query).json()

        assert asked()["detail"].startswith("there is no list named cart")
        assert client.get("/v1/lists").json()["named"] == []
        invoked(*set_cart, "3")
        until(lambda: len(asked().get("items", ())) == 3)
        cart = asked()
        assert client.get("/v1/lists").json()["named"] == ["cart"]
        assert cart["basis"]["asked"] == "popular"
        assert all(int(id_[1:]) % 2 == 0 for id_ in _ids(cart)), "only tea"
        # The graph wins over engine.toml; the command, the library and the service agree.
        assert _ids(_json("recommend", "u1", "--list", "cart")) == _ids(cart)
        with engine.connect() as e:
            assert [one.id for one in e.recommend("u1", list="cart").items] == _ids(cart)
            assert len(e.recommend("u1", k=2, list="cart").items) == 2
            with pytest.raises(UsageError, match="only k and cursor go with it"):
                e.recommend("u1", list="cart", mmr=0.5)
        assert _ids(asked(k=2)) == _ids(cart)[:2]
        assert client.get("/v1/lists/cart", params={"where": "kind=tea"}).status_code == 422

        invoked(*set_cart, "5", "--at-most", "kind=2")
        until(lambda: len(asked()["items"]) == 2)
        assert refused(*set_cart, "0").message.startswith("the list cart: k must be")
        (shown,) = _json("lists")
        assert (shown["name"], shown["defined_in"]) == ("cart", "graph")
        assert shown["options"]["at_most"] == {"kind": 2}

        invoked("lists", "remove", "cart")
        until(lambda: "detail" in asked())
    assert len(_json("recommend", "u1", "--list", "cart")["items"]) == 1, "engine.toml again"
    history = _json("lists", "history", "cart")
    assert [one["options"] and one["options"]["k"] for one in history] == [None, 5, 3]
    assert [one["ordinal"] for one in history] == [3, 2, 1]
    assert all("@" in one["who"] and one["at"] for one in history)
    assert "removed" in invoked("lists", "history").stdout
    assert "engine.toml" in invoked("lists").stdout
    with pytest.raises(NotFound) as missing:
        invoked("lists", "remove", "cart")
    assert missing.value.hint == "take it out of engine.toml"
    with pytest.raises(NotFound, match="no list named front was ever set"):
        invoked("lists", "history", "front")
    (tmp_path / "engine.toml").write_text('[lists.cart]\nby = "nothing"\n')
    assert refused("serve").message.startswith("the list cart: by must be one of")
