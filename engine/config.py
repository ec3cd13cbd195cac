"""Settings and where each value came from: ``engine.toml`` < environment ``ENGINE_*`` < flags.

Only the layers above it see ``Settings``; lower layers get plain values.

``engine.toml`` is that of the working folder, which may be anybody's. So an address that it names
is given the login that it gives, never one from the environment (docs/security.md).
"""

import os
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from platformdirs import user_data_path
from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from engine import logs
from engine.errors import ConfigError
from engine.online_gate_settings import OnlineGateSettings
from engine.service_settings import ServiceSettings

if TYPE_CHECKING:
    from engine.data.kind_weights import KindWeights

SettingSource = Literal["flag", "environment", "engine.toml", "default"]

# What PostgreSQL's own library takes a password from, whatever the address.
_POSTGRESQL_SECRETS = ("PGPASSWORD", "PGSERVICE")
_SCHEMES = ("neo4j://", "neo4j+s://", "neo4j+ssc://", "bolt://", "bolt+s://", "bolt+ssc://")


class Settings(ServiceSettings, OnlineGateSettings):
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
    neo4j_password: SecretStr | None = Field(
        default=None,
        description="password on that server; one of the environment is never sent to an address "
        "that engine.toml names",
    )
    neo4j_database: str = Field(default="neo4j", description="database on that server")
    registry_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the registry; none means SQLite under home"
    )
    db_start_seconds: float = Field(
        default=120.0,
        ge=1.0,
        le=86_400.0,
        description="time the engine's own Neo4j may write nothing to its logs while it starts",
    )
    keep_generations: int = Field(
        default=2, ge=2, description="generations kept in the graph, the one in service included"
    )
    event_days: float | None = Field(
        default=None,
        ge=1.0,
        description="engine tidy removes events that are older, and loads leave such rows out; "
        "none keeps all",
    )
    quarantine_days: float = Field(
        default=90.0, ge=0.0, description="engine tidy removes quarantine files that are older"
    )
    night_days: float = Field(
        default=365.0,
        ge=0.0,
        description="engine tidy forgets nights that are older; the last hundred stay",
    )
    log_days: float = Field(
        default=30.0,
        ge=0.0,
        description="engine tidy removes logs of the engine's own Neo4j, and tracebacks, that are "
        "older",
    )
    unfinished_days: float = Field(
        default=7.0,
        ge=0.0,
        description="engine tidy removes states of interrupted trainings that are older",
    )
    checkpoint_days: float = Field(
        default=30.0,
        ge=0.0,
        description="engine tidy removes checkpoints whose generations are gone for longer",
    )
    cache_days: float = Field(
        default=90.0,
        ge=0.0,
        description="engine tidy removes kept results of engine compare that are older",
    )
    index_attributes: tuple[str, ...] = Field(
        default=(),
        description="attributes of items, each one text, that the vector index looks at itself, "
        "as a JSON list; for servers that have SEARCH",
    )
    list_days: float = Field(
        default=90.0,
        ge=1.0,
        description="engine tidy removes remembered lists that are older, and keeps sums of them",
    )
    events: dict[str, float] = Field(
        default_factory=dict,
        description="what kinds of event weigh: a table [events] of KIND = FACTOR; 1 where a kind "
        "is not named, and of a kind with 0 or less nothing is learned",
    )
    lists: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="named lists: a table [lists.NAME] of options each; those of engine lists win",
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        default="auto", description="where models are trained; auto takes a GPU that torch can use"
    )
    log_level: str = Field(
        default="WARNING",
        description="DEBUG, INFO, WARNING or ERROR; ERROR hides progress too",
    )
    log_format: logs.LogFormat = Field(
        default="text", description="text or json: what stands on stderr, a line for each record"
    )

    _sources: dict[str, SettingSource] = PrivateAttr(default_factory=dict)

    def __init__(self, **flags: Any) -> None:
        super().__init__(**flags)
        given: tuple[tuple[SettingSource, Any], ...] = (
            ("engine.toml", TomlConfigSettingsSource(type(self))()),
            ("environment", EnvSettingsSource(type(self))()),
            ("flag", flags),
        )
        self._sources = {name: source for source, values in given for name in values}

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def event_weights(self) -> "KindWeights":
        """What kinds of event weigh.

        Raises:
            UsageError: A kind cannot be one, or its factor is out of range.
        """
        from engine.data.kind_weights import KindWeights  # noqa: PLC0415 NumPy: not for a help text

        return KindWeights(self.events)

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

    def oldest_event(self) -> int | None:
        """Return before which moment events are past ``event_days``, epoch ms; None: none are."""
        if self.event_days is None:
            return None
        return int((time.time() - self.event_days * 86_400.0) * 1_000)

    def oldest_list(self) -> int:
        """Return before which moment lists are past ``list_days``, epoch ms."""
        return int((time.time() - self.list_days * 86_400.0) * 1_000)

    @property
    def registry(self) -> str:
        """The registry's URL, the default worked out.

        Raises:
            ConfigError: engine.toml names the server and the environment its password.
        """
        url = self.registry_url or f"sqlite:///{self.home / 'registry.sqlite'}"
        secrets = [name for name in _POSTGRESQL_SECRETS if name in os.environ]
        if self.source_of("registry_url") == "engine.toml" and url.startswith("postgres"):
            login, at, _ = url.partition("://")[2].rpartition("@")
            if secrets and not (at and ":" in login):
                raise _not_sent(secrets, logs.scrub(url), "ENGINE_REGISTRY_URL", "registry_url")
        return url

    def source_of(self, name: str) -> SettingSource:
        """Return where the value of a setting came from."""
        return self._sources.get(name, "default")

    def neo4j_login(self) -> tuple[str, str]:
        """Return user and password for the server at ``neo4j_uri``.

        Raises:
            ConfigError: engine.toml names the server and something else the user or the password.
        """
        if self.source_of("neo4j_uri") == "engine.toml":
            foreign = [
                f"ENGINE_{name.upper()}"
                for name in ("neo4j_user", "neo4j_password")
                if self.source_of(name) not in ("engine.toml", "default")
            ]
            if foreign:
                address = logs.scrub(str(self.neo4j_uri))
                raise _not_sent(foreign, address, "ENGINE_NEO4J_URI", "neo4j_password")
        password = self.neo4j_password
        return self.neo4j_user, password.get_secret_value() if password else ""


def _not_sent(secrets: list[str], address: str, trusted: str, beside: str) -> ConfigError:
    return ConfigError(
        f"{' and '.join(secrets)} is not sent to {address}, which engine.toml of this folder names",
        hint=f"if you trust that address, set {trusted} to it, or give the login in engine.toml "
        f"too ({beside})",
    )


def load(**flags: Any) -> Settings:
    """Read the settings; flags that are None do not count.

    Raises:
        ConfigError: A value is malformed; the message names the field.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(
            f"engine.toml of this folder cannot be read: {error}",
            hint="mend it: a line is name = value, text stands in quotes",
        ) from error
    except SettingsError as error:
        raise ConfigError(
            f"a setting has no value that can be read: {error}",
            hint="a list is written as JSON: ENGINE_SERVE_ORIGINS='[\"https://shop.example\"]'",
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(
            f"setting {name}: {problem['msg']}",
            hint=f"set ENGINE_{name.upper()} or {name} in engine.toml; see: engine config show",
        ) from error


def provenance(settings: Settings, flags: dict[str, Any]) -> list[dict[str, str]]:
    """Return name, value, source and help of every setting; secrets are hidden."""
    rows = []
    for name, field in Settings.model_fields.items():
        source = "flag" if flags.get(name) is not None else settings.source_of(name)
        value = logs.scrub(str(getattr(settings, name)))
        rows.append(
            {"name": name, "value": value, "source": source, "help": field.description or ""}
        )
    return rows
