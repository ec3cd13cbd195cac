"""Settings and where each value came from: ``engine.toml`` < environment ``ENGINE_*`` < flags.

Only the layers above it see ``Settings``; lower layers get plain values.
"""

from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from engine.errors import ConfigError

_SCHEMES = ("neo4j://", "neo4j+s://", "neo4j+ssc://", "bolt://", "bolt+s://", "bolt+ssc://")


class Settings(BaseSettings):
    """Everything that can be set; each field is also ``ENGINE_<NAME>`` and a key of engine.toml."""

    model_config = SettingsConfigDict(
        env_prefix="ENGINE_", toml_file="engine.toml", extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("engine-recsys", appauthor=False),
        description="folder of everything the engine keeps on disk",
    )
    neo4j_uri: str | None = Field(
        default=None, description="a Neo4j server; none means the engine runs its own"
    )
    neo4j_user: str = Field(default="neo4j", description="user on that server")
    neo4j_password: SecretStr | None = Field(default=None, description="password on that server")
    neo4j_database: str = Field(default="neo4j", description="database on that server")
    registry_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the registry; none means SQLite under home"
    )
    keep_generations: int = Field(
        default=2, ge=2, description="generations kept in the graph, the one in service included"
    )
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
    serve_origins: tuple[str, ...] = Field(
        default=(), description="origins whose pages may ask (CORS), as a JSON list"
    )
    serve_proxies: tuple[str, ...] = Field(
        default=(), description="proxies whose X-Forwarded-* count, as a JSON list"
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        default="auto", description="where models are trained; auto takes a GPU that torch can use"
    )
    log_level: str = Field(
        default="WARNING",
        description="DEBUG, INFO, WARNING or ERROR; ERROR hides progress too",
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("neo4j_uri")
    @classmethod
    def _known_scheme(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(_SCHEMES):
            raise ValueError(f"must start with one of {', '.join(_SCHEMES)}")
        return value or None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, engine.toml, defaults."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def registry(self) -> str:
        """The registry's URL, the default worked out."""
        return self.registry_url or f"sqlite:///{self.home / 'registry.sqlite'}"


def load(**flags: Any) -> Settings:
    """Read the settings; flags that are None do not count.

    Raises:
        ConfigError: A value is malformed; the message names the field.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(
            f"setting {name}: {problem['msg']}",
            hint=f"set ENGINE_{name.upper()} or {name} in engine.toml; see: engine config show",
        ) from error


def provenance(settings: Settings, flags: dict[str, Any]) -> list[dict[str, str]]:
    """Return name, value, source and help of every setting; secrets are hidden."""
    from_env = EnvSettingsSource(Settings)()
    from_toml = TomlConfigSettingsSource(Settings)()
    rows = []
    for name, field in Settings.model_fields.items():
        if flags.get(name) is not None:
            source = "flag"
        elif name in from_env:
            source = "environment"
        elif name in from_toml:
            source = "engine.toml"
        else:
            source = "default"
        value = str(getattr(settings, name))
        rows.append(
            {"name": name, "value": value, "source": source, "help": field.description or ""}
        )
    return rows
