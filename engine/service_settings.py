"""Settings of ``engine serve``; ``engine/config.py`` reads them with the others."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

_RATE_STORES = ("redis://", "rediss://")


class ServiceSettings(BaseSettings):
    """Where the service listens, how much it takes on, and what it remembers."""

    serve_host: str = Field(default="127.0.0.1", description="address engine serve listens at")
    serve_port: int = Field(default=8000, ge=0, le=65_535, description="port; 0 takes a free one")
    serve_docs: bool | None = Field(
        default=None, description="show /docs; none means on a loopback address only"
    )
    serve_page: bool | None = Field(
        default=None, description="show the page at /; none means on a loopback address only"
    )
    serve_seconds: float = Field(
        default=2.0, ge=0.1, le=60.0, description="time an answer may take; Neo4j gets half of it"
    )
    serve_concurrency: int = Field(
        default=16, ge=1, le=256, description="answers made at once; one more gets a 503"
    )
    serve_connections: int = Field(
        default=1_000,
        ge=8,
        le=50_000,
        description="connections held open; one more ends the one that has been idle longest",
    )
    serve_rate: str = Field(default="500/second", description="requests a key may make")
    serve_user_events: str = Field(
        default="2000/hour", description="events of one user that are taken over HTTP"
    )
    serve_rate_store: SecretStr | None = Field(
        default=None,
        description="where rates are counted for several processes: redis://HOST:6379/0; none: "
        "each counts for itself",
    )
    serve_workers: int = Field(
        default=1, ge=1, le=64, description="processes of engine serve at one address"
    )
    serve_origins: tuple[str, ...] = Field(
        default=(), description="origins whose pages may ask (CORS), as a JSON list"
    )
    serve_proxies: tuple[str, ...] = Field(
        default=(), description="proxies whose X-Forwarded-* count, as a JSON list"
    )
    remember_lists: bool = Field(
        default=False,
        description="engine serve remembers its lists in the graph, for engine outcomes",
    )

    @field_validator("serve_rate_store")
    @classmethod
    def _known_store(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(_RATE_STORES):
            raise ValueError(f"must start with one of {', '.join(_RATE_STORES)}")
        return value

    @property
    def rate_store(self) -> str | None:
        """The URL of the store of rates, with its password."""
        store = self.serve_rate_store
        return None if store is None else store.get_secret_value()
