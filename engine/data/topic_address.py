"""The address of a Kafka topic: ``kafka://HOST:PORT[,HOST:PORT]/TOPIC[?OPTION=VALUE&...]``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.data.address_password import password_of
from engine.errors import UsageError

_SCHEME = "kafka"
_EXAMPLE = "write kafka://HOST:9092/TOPIC"
DEFAULT_GROUP = "engine"


@dataclass(frozen=True)
class TopicAddress:
    """Which topic of which brokers.

    Attributes:
        servers: ``HOST:PORT``, several between commas.
        topic: Its name.
        group: Under which name the graph keeps how far the topic was read.
        options: Settings of librdkafka, such as ``security.protocol``; a login may be among them.
    """

    servers: str
    topic: str
    group: str = DEFAULT_GROUP
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """The address without options and login."""
        return f"{_SCHEME}://{self.servers}/{self.topic}"


def parse_topic(address: str) -> TopicAddress:
    """Return what an address says.

    Raises:
        UsageError: It names no broker or no topic, or an option is none.
        ConfigError: It names a variable for the password that is not set.
    """
    parts = urlsplit(address)
    login, _, servers = parts.netloc.rpartition("@")
    topic = parts.path.strip("/")
    if parts.scheme != _SCHEME:
        raise UsageError(f"{parts.scheme}:// cannot be followed", hint=_EXAMPLE)
    if not servers or not topic or "/" in topic:
        raise UsageError("the topic's address names no broker or no topic", hint=_EXAMPLE)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    group = options.pop("group", DEFAULT_GROUP)
    if unknown := [name for name in options if "." not in name]:
        raise UsageError(
            f"the topic's address has an option {unknown[0]}",
            hint="group, or a setting of librdkafka with a point, such as security.protocol",
        )
    if login:
        user, _, password = login.partition(":")
        options |= {"sasl.username": unquote(user), "sasl.password": password_of(unquote(password))}
    return TopicAddress(servers, topic, group, options)
