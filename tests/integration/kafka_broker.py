"""A real Kafka broker: one process that is its own controller, of the jars that the lock names.

They come as those of the engine's own Neo4j do, once for a machine: where they cannot be had the
tests fail, as every integration test does without a server.
"""

import json
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from engine.store.artifacts import Lock, LockedArtifact, cache_dir, fetch
from engine.store.java import find_java

_LOCK = Path(__file__).with_name("kafka.lock.json")
_SECONDS = 90.0
_CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
"""


class KafkaBroker:
    """A broker that runs; ``address`` is where."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._settings = {"bootstrap.servers": address, "log_level": 0}
        self._admin = AdminClient(self._settings)

    def wait(self) -> None:
        """Ask until it answers."""
        self._admin.list_topics(timeout=_SECONDS)

    def make(self, topic: str, partitions: int) -> str:
        """Create a topic and return its address for the engine."""
        made = self._admin.create_topics([NewTopic(topic, partitions, 1)])
        made[topic].result(_SECONDS)
        return f"kafka://{self.address}/{topic}"

    def remove(self, topic: str) -> None:
        """Delete a topic with its messages."""
        self._admin.delete_topics([topic])[topic].result(_SECONDS)

    def expire(self, topic: str, before: int) -> None:
        """Remove the first messages of a topic, as its retention would."""
        gone = self._admin.delete_records([TopicPartition(topic, 0, before)])
        for one in gone.values():
            one.result(_SECONDS)

    def send(self, topic: str, messages: Sequence[bytes | None], partition: int = 0) -> None:
        """Append messages to a partition, and wait until they are there."""
        producer = Producer(self._settings)
        for one in messages:
            producer.produce(topic, one, partition=partition)
        assert producer.flush(_SECONDS) == 0


@contextmanager
def broker(folder: Path) -> Iterator[KafkaBroker]:
    """Run a broker that keeps everything in a folder."""
    locked = (LockedArtifact(**one) for one in json.loads(_LOCK.read_text(encoding="utf-8")))
    jars = fetch(Lock("", "", tuple(locked)), cache_dir())
    java = [str(find_java().path), "-Xmx256m", "-cp", ":".join(map(str, jars))]
    port, controller = _free_port(), _free_port()
    properties = folder / "server.properties"
    text = _PROPERTIES.format(port=port, controller=controller, data=folder / "data")
    properties.write_text(text, encoding="utf-8")
    make = [*java, "kafka.tools.StorageTool", "format", "--standalone", "-t", _CLUSTER, "-c"]
    with (folder / "broker.log").open("wb") as log:
        made = subprocess.run([*make, properties], stdout=log, stderr=log, check=False)
        assert made.returncode == 0, (folder / "broker.log").read_text(errors="replace")
        command = [*java, "kafka.Kafka", str(properties)]
        with subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                address = f"127.0.0.1:{port}"
                running = KafkaBroker(address)
                running.wait()
                yield running
            finally:
                process.kill()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
