"""A proxy before a real server: connections can be cut, or kept and answered no more."""

import contextlib
import socket
import threading

from engine.store.graph_client import Neo4jTarget


class TcpProxy:
    """Passes bytes to a server and back.

    Attributes:
        uri: Where it listens.
        accepted: How many connections there ever were.
        unanswered: Of how many a client has sent something since ``freeze``.
    """

    def __init__(self, target: Neo4jTarget) -> None:
        host, _, port = target.uri.rpartition("/")[2].rpartition(":")
        self._target = host, int(port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.uri = f"bolt://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._frozen, self._ended = threading.Event(), threading.Event()
        self._words = b""
        self.accepted = self.unanswered = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Take connections and bytes from now on and say nothing, as a stopped process does."""
        self._frozen.set()

    def freeze_at(self, words: bytes) -> None:
        """Freeze as soon as a client says something with these words in it; it is not passed on."""
        self._words = words

    def wait_until_frozen(self, seconds: float = 60.0) -> None:
        """Return once a client has said the words."""
        assert self._frozen.wait(seconds), f"no client said {self._words!r}"

    def thaw(self) -> None:
        """Break what is frozen; what is said on new connections is passed on."""
        self._words = b""
        self.cut()
        self._frozen.clear()

    def cut(self) -> None:
        """Break every connection there is; new ones are accepted."""
        while self._open:
            one = self._open.pop()
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        """End every connection, and listen no more."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended.is_set():
                near = self._listening.accept()[0]
                far = socket.create_connection(self._target)
                self._open += [near, far]
                self.accepted += 1
                for ends in ((near, far, 1), (far, near, 0)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, unanswered: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if unanswered and self._words and self._words in data:
                    self._frozen.set()
                if self._frozen.is_set():
                    self.unanswered += unanswered
                    self._ended.wait()
                    return
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
