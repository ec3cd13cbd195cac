"""A proxy before a real Neo4j that answers ``ROUTE`` itself: one server looks like a cluster.

Bolt: messages come in chunks, each after its length in two bytes, the last one empty; the second
byte of a message says what it is (neo4j.com/docs/bolt/current).
"""

import contextlib
import socket
import threading
from typing import Any

RUN, BEGIN, ROUTE = 0x10, 0x11, 0x66
_SUCCESS = b"\xb1\x70"
_MANIFEST = b"\x00\x00\x01\xff"
"""The proposal to negotiate by a list of versions; left out, the older handshake is spoken."""


class BoltProxy:
    """Passes on what clients and the server say.

    Attributes:
        table: What ``ROUTE`` is answered with: role to addresses.
        seen: The messages that clients sent, but ``ROUTE``.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.table: dict[str, list[str]] = {}
        self.seen: list[bytes] = []
        self._open: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def messages(self, kind: int) -> list[bytes]:
        """Return the messages of a kind."""
        return [one for one in self.seen if one[1] == kind]

    def close(self) -> None:
        """End every connection."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, far = self._listening.accept()[0], socket.create_connection(self._target)
                self._open += [near, far]
                for work, ends in ((self._of_client, (near, far)), (_of_server, (far, near))):
                    threading.Thread(target=work, args=ends, daemon=True).start()

    def _of_client(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError), near.makefile("rb") as said:
            far.sendall(said.read(20).replace(_MANIFEST, bytes(4)))
            while message := _message(said):
                if message[1] == ROUTE:
                    near.sendall(_chunked(_SUCCESS + _packed({"rt": self._routing_table()})))
                    continue
                self.seen.append(message)
                far.sendall(_chunked(message))
            far.shutdown(socket.SHUT_WR)

    def _routing_table(self) -> dict[str, Any]:
        servers = [{"role": role, "addresses": found} for role, found in self.table.items()]
        return {"ttl": 100, "db": "neo4j", "servers": servers}


def _of_server(far: socket.socket, near: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := far.recv(65_536):
            near.sendall(data)
        near.shutdown(socket.SHUT_WR)


def _message(said: Any) -> bytes:
    """Read one; empty at the end of the connection."""
    parts = []
    while head := said.read(2):
        if size := int.from_bytes(head, "big"):
            parts.append(said.read(size))
        elif parts:
            return b"".join(parts)
    return b""


def _chunked(message: bytes) -> bytes:
    chunks = [message[at : at + 0xFFFF] for at in range(0, len(message), 0xFFFF)]
    return b"".join(len(one).to_bytes(2, "big") + one for one in chunks) + b"\x00\x00"


def _packed(value: Any) -> bytes:
    """Write in PackStream a value of few and short parts."""
    if isinstance(value, int):
        return value.to_bytes(1, "big")
    if isinstance(value, str):
        text = value.encode()
        return b"\xd0" + len(text).to_bytes(1, "big") + text
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(_packed, value))
    pairs = b"".join(_packed(key) + _packed(one) for key, one in value.items())
    return bytes([0xA0 | len(value)]) + pairs
