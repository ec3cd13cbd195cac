"""The address of a topic: what it says, what it hides, what is none."""

import pytest

from engine.data.topic_address import parse_topic
from engine.errors import UsageError


def test_an_address_names_brokers_topic_group_and_settings_of_the_client() -> None:
    one = parse_topic("kafka://a:9092,b:9092/purchases?group=shop&security.protocol=SASL_SSL")
    assert (one.servers, one.topic, one.group) == ("a:9092,b:9092", "purchases", "shop")
    assert one.options == {"security.protocol": "SASL_SSL"}


def test_a_login_is_used_and_never_shown() -> None:
    one = parse_topic("kafka://bob:open%40sesame@a:9092/purchases")
    assert one.options == {"sasl.username": "bob", "sasl.password": "open@sesame"}
    assert one.shown == "kafka://a:9092/purchases"
    assert "sesame" not in repr(one)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("kafka:///purchases", "names no broker or no topic"),
        ("kafka://a:9092", "names no broker or no topic"),
        ("kafka://a:9092/x/y", "names no broker or no topic"),
        ("kafka://a:9092/x?offset=3", "has an option offset"),
        ("http://a/x", "http:// cannot be followed"),
    ],
)
def test_what_is_no_address_is_refused(address: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_topic(address)
