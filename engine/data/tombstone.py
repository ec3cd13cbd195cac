"""Tombstones: by what a forgotten user or item is recognised when its id turns up again.

A keyed hash (HMAC-SHA-256, RFC 2104) of the kind and the id. Without the key nobody can tell whose
it is by trying ids, which a plain hash of a short id would allow.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

ForgettableKind = Literal["user", "item"]
KINDS: tuple[ForgettableKind, ...] = ("user", "item")
KEY_BYTES = 32


@dataclass(frozen=True)
class TombstoneKey:
    """The key of one home.

    Attributes:
        secret: ``KEY_BYTES`` random bytes.
    """

    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What tells this key from another one, and says nothing about its secret."""
        return hmac.digest(self.secret, b"name", sha256).hex()[:16]

    def digest(self, kind: ForgettableKind, id_: str) -> str:
        """Return the tombstone of an id, 64 hexadecimal digits."""
        message = f"{kind}\x1f{id_}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, message, sha256).hex()
