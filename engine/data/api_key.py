"""API keys: made, taken apart, compared.

A key is ``engine_<id>_<secret>``: the id is public and finds the row, the secret is 256 random
bits. Only the SHA-256 of the whole key is stored. A slow, salted hash (bcrypt, Argon2) protects
what people choose; nobody can try 2^256 secrets, whatever one try costs, and a slow hash at every
request would be a lever for overload.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
LIVE_AT_ONCE = 2
"""Keys of one name that may live at once: the old one and the one that replaces it."""
_FORM = re.compile(r"engine_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class ApiKey:
    """A key as the registry keeps it.

    Attributes:
        id: Public part; it may stand in logs.
        name: Whose key it is.
        digest: SHA-256 of the whole key, in hex.
    """

    id: str
    name: str
    digest: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Tell whether the key opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def fits(self, text: str) -> bool:
        """Tell whether ``text`` is this key; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(self.digest, digest_of(text))


def new_key() -> tuple[str, str]:
    """Return the id and the whole text of a new key."""
    id_ = secrets.token_hex(6)
    return id_, f"engine_{id_}_{secrets.token_urlsafe(32)}"


def id_of(text: str) -> str | None:
    """Return the public part of a key, or None where the text is none."""
    found = _FORM.fullmatch(text)
    return found and found.group(1)


def digest_of(text: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
