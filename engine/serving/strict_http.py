"""HTTP/1.1 as uvicorn reads it by httptools, with bounds on heads, connections and slow readers.

httptools refuses what proxies and servers may read differently (two lengths, a length and chunks, a
bare line feed, a folded header), and takes heads of any size for any time; h11 bounds the head, and
takes some of those.

``limit_concurrency`` counts connections here, and one more ends the one that has been idle longest:
connections over which nothing is asked keep nobody out. How many requests are in progress is
counted by ``admission``.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 16 * 1024

# A method that llhttp does not know, in what is otherwise the first line of a request.
_UNKNOWN_METHOD = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64} [/*][^\s]* HTTP/1\.[01]\r\n")


class StrictHttp(HttpToolsProtocol):
    """One connection; a head that is too long or too slow ends it.

    Attributes:
        head_seconds: In which the head of a request must arrive.
        write_seconds: In which a client must read what is more than its buffers and ours hold.
        linger_seconds: For which what a client still sends after a refusal is thrown away. A socket
            that is closed over bytes that nobody read is reset, and the answer may be lost with it.
    """

    head_seconds = 10.0
    write_seconds = 10.0
    linger_seconds = 1.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most_connections, self.limit_concurrency = self.limit_concurrency, None
        self._head_bytes = 0
        self._in_head = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._refused = False
        self._idle_at = self.loop.time()

    @property
    def idle_since(self) -> float | None:
        """Loop's time at which the last answer ended; None while a request is being answered."""
        if self.cycle is None or self.cycle.response_complete:
            return self._idle_at
        return None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first request its time."""
        super().connection_made(transport)
        # For whatever uvicorn closes by itself: its cycles hold the transport, not the protocol.
        self.transport = _ClosedGently(transport, self.close_gently)  # type: ignore[assignment]
        self._start_head_timer()
        if self._most_connections is not None and len(self.connections) > self._most_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._stop_head_timer()
        self._stop_write_timer()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head."""
        if self._linger_timer is not None:
            return
        if self._in_head:
            self._head_bytes += len(data)
            # The rest of what came with the head may be body, so only whole heads are judged below.
            if self._head_bytes > HEAD_BYTES + len(data):
                self._refuse(b"431 Request Header Fields Too Large")
                return
        self._received = data
        super().data_received(data)
        # Bytes between two requests begin none, and have ended uvicorn's wait for the next one.
        if self.idle_since is not None and self.timeout_keep_alive_task is None:
            self._start_head_timer()

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._in_head = True
        self._start_head_timer()

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._in_head, self._head_bytes = False, 0
        self._stop_head_timer()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Be idle from now on."""
        self._idle_at = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; for an unknown method the answer lists the known ones."""
        unknown = isinstance(sys.exception(), httptools.HttpParserInvalidMethodError)
        if unknown and _UNKNOWN_METHOD.match(self._received.lstrip(b"\r\n")):
            self._refuse(b"405 Method Not Allowed", b"allow: GET, HEAD, POST\r\n")
            return
        self._refused = True
        super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Give the client its time to read."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(self.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that time."""
        self._stop_write_timer()
        super().resume_writing()

    def close_gently(self, transport: asyncio.Transport) -> bool:
        """Send the end, and read on for a while; False where nothing is left to be read."""
        unread = self._refused or (self.cycle is not None and self.cycle.more_body)
        if not unread or transport.is_closing():
            return False
        self._unset_keepalive_if_required()
        self._stop_head_timer()
        try:
            transport.write_eof()
        except OSError:  # the client has gone already
            return False
        self._linger_timer = self.loop.call_later(self.linger_seconds, transport.abort)
        transport.resume_reading()
        return True

    def end(self) -> None:
        """End the connection at once, whatever it still has to send."""
        self.connections.discard(self)
        self.transport.abort()

    def _make_room(self) -> None:
        others = [
            one for one in self.connections if isinstance(one, StrictHttp) and one is not self
        ]
        idle = [(since, one) for one in others if (since := one.idle_since) is not None]
        if idle:
            min(idle, key=lambda pair: pair[0])[1].end()
        else:
            self._refuse(b"503 Service Unavailable", b"retry-after: 1\r\n")

    def _start_head_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if (self._in_head or self.idle_since is not None) and not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: bytes, headers: bytes = b"") -> None:
        self._refused = True
        self.transport.write(
            b"HTTP/1.1 " + status + b"\r\n" + headers + b"content-length: 0\r\nconnection: close"
            b"\r\n\r\n"
        )
        self.transport.close()


class _ClosedGently:
    """A transport whose ``close`` asks the protocol first how it is to be closed."""

    def __init__(
        self, transport: asyncio.Transport, gently: Callable[[asyncio.Transport], bool]
    ) -> None:
        self._transport, self._gently = transport, gently
        self._closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._closing or self._transport.is_closing()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            if not self._gently(self._transport):
                self._transport.close()
