"""Every setting of a hub."""

from __future__ import annotations

import os
from datetime import tzinfo
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from camera_hub.settings.groups import BY_LAW, ModelSettings, RecordingSettings, SmtpSettings, TravelSettings
from registry.ages import beyond
from registry.errors import Invalid
from registry.model import Kind
from registry.policy import Days, Keep, OfVideo, Policy
from registry.policy import load as load_policy
from registry.recordings.model import RecordPolicy
from registry.travel import Paces

Origin = Literal["default", "file", "environment", "command"]
"""Who set a setting."""


def _no_slash(url: str) -> str:
    return url.rstrip("/")


def _known_policy(name: str) -> str:
    try:
        load_policy(name)
    except Invalid as err:
        raise ValueError(err.hint) from err
    return name


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as err:
        raise ValueError(f"unknown time zone {name!r}; use a name such as Asia/Shanghai") from err
    return name


class Settings(BaseSettings):
    """The hub's settings. Unknown names are refused."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
        use_attribute_docstrings=True,
    )
    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict)

    data_dir: Path = Path("hub-data")
    """Database (SQLite), snapshots, outboxes and key live here. One hub at a time."""
    database_url: SecretStr | None = None
    """Empty: SQLite in data_dir. County: postgresql://user:password@host/hub."""
    redis_url: SecretStr | None = None
    """Empty: events travel over a Unix socket. Set: over Redis Streams, redis://[:password@]host:6379/0."""
    key: SecretStr | None = None
    """Key that seals device passwords: 32 bytes as base64. Empty: made once in data_dir/key (mode 0600)."""

    host: str = "127.0.0.1"
    """Address to listen on. Give a certificate, or put a TLS proxy in front, before listening beyond this machine."""
    port: int = Field(8080, ge=0, le=65535)
    """Port to listen on."""
    tls_cert: Path | None = None
    """Certificate chain (PEM); with tls_key the hub speaks HTTPS itself. A renewed file is served within a minute."""
    tls_key: Path | None = None
    """Its private key (PEM, without a password, mode 0600)."""
    secure_cookies: bool | None = None
    """Send the session cookie over HTTPS only. Empty: when there is a certificate; true once a proxy does TLS."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed: who it really was, and whether over TLS."""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    """Local time of the villages: night windows, consent hours, day folders."""
    policy: Annotated[str, AfterValidator(_known_policy)] = "cn"
    """Legal choices: the preset cn or eu, or a .yml file of one's own that starts from one (docs/law.md)."""

    anchor_dir: Path | None = None
    """Where the register's daily anchors are written; empty: data_dir/anchors. Best a share somebody else keeps."""

    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=64)
    """Worker processes. Default: one per core."""
    analysis_fps: float = Field(5.0, ge=1, le=15)
    """Pictures a second looked at per camera."""
    detector_rate: float = Field(7.0, gt=0, le=200)
    """Detector calls a second and worker process, shared by its cameras."""
    model: ModelSettings = ModelSettings()
    """The detector model."""

    allow_file_sources: bool = False
    """Let cameras read local files (tests, demo)."""
    allow_loopback: bool = False
    """Let devices be at loopback or link-local addresses (tests, demo)."""

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks devices and webhooks may be in (10.8.0.0/16); empty: anywhere but this machine and its own link."""

    retention_days: OfVideo[Days | None] = BY_LAW
    """Events and their pictures older than this go, by kind; one number: for each. Empty: as the policy has it."""
    motion_days: OfVideo[Days | None] = BY_LAW
    """The motion index of days older than this goes, by kind; one number: for each. Empty: as the policy has it."""
    media_quota_gb: float = Field(20.0, gt=0)
    """Oldest snapshots are deleted beyond this many gigabytes."""
    min_free_gb: float = Field(1.0, ge=0)
    """Below this much free disk no picture is written; events go on and the fault is shown."""

    recording: RecordingSettings = RecordingSettings()
    """What is recorded."""
    upload_max_gb: float = Field(5.0, gt=0, le=1024)
    """The largest file somebody may send in for a case."""

    travel: TravelSettings = TravelSettings()
    """How fast one gets along."""

    smtp: SmtpSettings | None = None
    """Mail server for alerts; empty: none, and no e-mail is sent."""
    public_url: Annotated[str, AfterValidator(_no_slash)] = Field("", pattern=r"^(https?://[^\s]+)?$", max_length=200)
    """Where people reach the page, for links in alerts: https://hub.example; empty: no links."""

    contact: str = Field("", max_length=200)
    """Whom owners reach, printed on consents and receipts: a unit's name and telephone number."""

    session_hours: float = Field(12.0, gt=0, le=168)
    """A sign-in lasts this long."""
    purpose_hours: float = Field(12.0, gt=0, le=168)
    """A purpose closes by itself after this long."""
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")
    """debug, info, warning or error; JSON lines on standard error."""

    @field_validator("retention_days", "motion_days", mode="before")
    @classmethod
    def _one_for_each(cls, told: object) -> object:
        """One number stands for every kind, and what is said of one kind says nothing of the others."""
        if isinstance(told, str) and told.isdecimal():
            told = int(told)
        if isinstance(told, int):
            return dict.fromkeys(type(BY_LAW).model_fields, told)
        return BY_LAW.model_dump() | told if isinstance(told, dict) else told

    @model_validator(mode="after")
    def _as_the_law_allows(self) -> Self:
        law = self.law.retention
        asked = (
            ("recording.days", self.recording.days, law.recordings),
            ("retention_days", self.retention_days, law.events),
            ("motion_days", self.motion_days, law.motion),
        )
        for name, told, keeps in asked:
            for kind, days in told.by_kind().items():
                if days is not None and (why := beyond(keeps.of(kind), days)) is not None:
                    raise ValueError(f"{name}.{kind} is {days}, and {why[1]} (policy {self.policy})")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, the YAML file given to `load`."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)

    @property
    def origins(self) -> dict[str, Origin]:
        """Where settings were set that are not as the program has them, `model.path` for what is grouped."""
        return self._origins

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together; give both or neither")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach the page by TLS alone: by the hub's own, or a proxy's."""
        return self.tls_cert is not None if self.secure_cookies is None else self.secure_cookies

    @property
    def tz(self) -> tzinfo:
        """The villages' time zone."""
        return ZoneInfo(self.timezone)

    @property
    def anchors(self) -> Path:
        """The folder of the register's anchors."""
        return self.anchor_dir or self.data_dir / "anchors"

    @cached_property
    def law(self) -> Policy:
        """The legal choices in force: as they were read when the hub began, whatever their file says by now."""
        return load_policy(self.policy)

    @property
    def record_policy(self) -> RecordPolicy:
        """What is recorded and for how long it is kept, as the registry and the workers take it."""
        own = self.recording
        days = _told(own.days, self.law.retention.recordings)
        return RecordPolicy(own.mode.by_kind(), own.stream.by_kind(), days, own.pre_s, own.post_s, own.segment_s)

    @property
    def paces(self) -> Paces:
        """How fast one gets along, as the registry takes it."""
        return Paces(self.travel.foot_kmh, self.travel.ebike_kmh, self.travel.van_kmh)

    @property
    def event_days(self) -> dict[Kind, int]:
        """For how many days events and their pictures are kept, by kind of camera."""
        return _told(self.retention_days, self.law.retention.events)

    @property
    def index_days(self) -> dict[Kind, int]:
        """For how many days the motion index is kept, by kind of camera."""
        return _told(self.motion_days, self.law.retention.motion)

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the registry."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'hub.db'}"
        url = self.database_url.get_secret_value()
        return url.replace("postgresql://", "postgresql+asyncpg://", 1)


def _told(told: OfVideo[int | None], keeps: OfVideo[Keep]) -> dict[Kind, int]:
    """The days that are said, and the law's own where none are."""
    return {kind: keeps.of(kind).default_days if days is None else days for kind, days in told.by_kind().items()}
