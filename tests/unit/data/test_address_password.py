"""A password that an address names stands in the environment, which no list of processes shows."""

import pytest

from engine.data.address_password import password_of
from engine.data.topic_address import parse_topic
from engine.errors import ConfigError
from engine.store.sql_rows import parsed_address


def test_a_variable_that_is_named_gives_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "open@sesame")
    assert password_of("$SHOP_PASSWORD") == "open@sesame"
    assert password_of("sesame") == "sesame"
    assert parsed_address("postgresql://bob:$SHOP_PASSWORD@shop/x").password == "open@sesame"
    topic = parse_topic("kafka://bob:$SHOP_PASSWORD@shop:9092/x")
    assert topic.options["sasl.password"] == "open@sesame"


def test_one_that_is_not_set_is_named() -> None:
    with pytest.raises(ConfigError, match=r"\$SHOP_PASSWORD, and there is no such variable"):
        password_of("$SHOP_PASSWORD")
