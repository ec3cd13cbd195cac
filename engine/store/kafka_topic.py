"""Messages of a Kafka topic from places that the caller knows: nothing is committed to the brokers.

Nothing here writes to Kafka, not even offsets: how far a topic was read is for the caller to keep.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from engine.data.topic_address import TopicAddress
from engine.errors import ConfigError, NotFound, StoreError, Unreachable

_LOG = logging.getLogger(__name__)
_CONNECT_SECONDS = 10.0
_MISSING = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.TOPIC_EXCEPTION)


@dataclass(frozen=True)
class TopicMessage:
    """A message; ``data`` is empty where it has no value."""

    partition: int
    offset: int
    data: bytes


class KafkaTopic:
    """A topic that is read from its start, or from where the caller was.

    Args:
        address: Of the topic.

    Raises:
        ConfigError: An option of the address is none of librdkafka's.
        Unreachable: No broker answers.
        NotFound: There is no such topic.

    Attributes:
        identity: What is the same as long as the topic is: one that is made anew under its name has
            another.
    """

    def __init__(self, address: TopicAddress) -> None:
        self._address = address
        settings: dict[str, str | int | float | bool] = {
            "bootstrap.servers": address.servers,
            **address.options,
        }
        try:
            found = _described(AdminClient(settings, logger=_LOG), address)
            self._consumer = Consumer(
                {
                    **settings,
                    "group.id": address.group,
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "auto.offset.reset": "earliest",
                },
                logger=_LOG,
            )
        except KafkaException as error:
            raise _translated(error.args[0], address) from error
        cluster = self._consumer.list_topics(address.topic, timeout=_CONNECT_SECONDS).cluster_id
        self.identity = f"kafka {cluster} {address.topic} {found.topic_id}"
        self._partitions = [one.id for one in found.partitions]

    def __enter__(self) -> "KafkaTopic":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._consumer.close()

    def start(self, places: Mapping[int, int]) -> None:
        """Begin at the offset of each partition; one that is not named is read from its start.

        Messages that the brokers removed before they were read are warned of.
        """
        places = {one: places.get(one, OFFSET_BEGINNING) for one in self._partitions}
        name = self._address.topic
        for partition, place in places.items():
            first, _ = self._consumer.get_watermark_offsets(
                TopicPartition(name, partition), timeout=_CONNECT_SECONDS
            )
            if 0 <= place < first:
                _LOG.warning(
                    "%s[%s]: the brokers removed messages %s to %s before they were read",
                    *(name, partition, place, first - 1),
                )
        self._consumer.assign([TopicPartition(name, *place) for place in places.items()])

    def batches(self, size: int, seconds: float) -> Iterator[list[TopicMessage]]:
        """Yield at most ``size`` messages, or what came in ``seconds``; [] while none do.

        Raises:
            StoreError: The brokers refuse to hand out messages.
        """
        while True:
            batch: list[TopicMessage] = []
            ends_at = time.monotonic() + seconds
            while len(batch) < size and (left := ends_at - time.monotonic()) > 0:
                batch += self._taken(size - len(batch), left)
            yield batch

    def _taken(self, size: int, seconds: float) -> Sequence[TopicMessage]:
        taken = []
        for message in self._consumer.consume(size, seconds):
            if (error := message.error()) is None:
                place = message.partition(), message.offset()
                taken.append(TopicMessage(*place, message.value() or b""))  # type: ignore[arg-type]
            elif not error.retriable():
                raise _translated(error, self._address)
        return taken


def _described(client: AdminClient, address: TopicAddress) -> Any:
    """Return the client's description of the topic: its id and its partitions."""
    topics = TopicCollection([address.topic])
    asked = client.describe_topics(topics, request_timeout=_CONNECT_SECONDS)
    return asked[address.topic].result()


def _translated(error: KafkaError, address: TopicAddress) -> StoreError | ConfigError | NotFound:
    if error.code() in _MISSING:
        return NotFound(
            f"there is no topic {address.topic} at {address.servers}",
            hint="check its name, or create it first",
        )
    if error.code() in (KafkaError._INVALID_ARG, KafkaError._CONFLICT):
        return ConfigError(
            f"{address.shown}: {error.str()}", hint="see docs/sources.md for the options"
        )
    if error.code() in (KafkaError._TIMED_OUT, KafkaError._TRANSPORT):
        return Unreachable(
            f"{address.shown} does not answer: {error.str()}",
            hint="check the address, and that the brokers advertise one that is reached from here",
        )
    return StoreError(
        f"{address.shown} hands out no messages: {error.str()}",
        hint="check the topic and this user's rights with Kafka's own tools",
    )
