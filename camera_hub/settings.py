"""Every setting: `configs/hub.yml` documents them, `HUB_*` variables override, `HUB_*_FILE` name secret files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import tzinfo
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Generic, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)
from yaml import YAMLError, safe_load

from registry.ages import beyond
from registry.errors import FieldError, Invalid
from registry.model import Kind
from registry.policy import Keep, OfVideo, Policy
from registry.policy import load as load_policy
from registry.recordings.model import RecordMode, RecordPolicy, RecordStream

Origin = Literal["default", "file", "environment", "command"]
"""Who set a setting."""

_T = TypeVar("_T")

SECRETS = ("database_url", "redis_url", "key")


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


class ModelSettings(BaseModel):
    """Which detector model to use."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    path: Path | None = None
    """Model file; empty: the bundled CenterNet. `.onnx`, or `.pt` with the ultralytics extra (trusted files only)."""
    format: str = Field("auto", pattern="^(auto|centernet|yolox|yolov8|yolo_end2end|ultralytics)$")
    """How its outputs are read; auto looks at names and shapes and refuses what it does not know."""
    labels: Path | None = None
    """One label a line; empty: from the model's metadata, else COCO's 80."""


class SmtpSettings(BaseModel):
    """The mail server that alerts are sent through."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1, max_length=253)
    """Its name or address."""
    port: int = Field(587, ge=1, le=65535)
    """587 with starttls, 465 with tls, 25 with none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """none only inside a closed network: name and password would travel in the clear."""
    username: str = ""
    """Empty: no sign-in."""
    password: SecretStr = SecretStr("")
    """Its password; better as the variable HUB_SMTP__PASSWORD than in this file."""
    sender: str = Field(pattern=r"^[^\s<>@,;]+@[^\s<>@,;]+$", max_length=254)
    """The address alerts come from."""


class ByKind(BaseModel, Generic[_T]):
    """One value for each kind of camera that gives video."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public: _T
    social: _T
    civilian: _T

    def of(self) -> dict[Kind, _T]:
        """The values by kind."""
        return {Kind.PUBLIC: self.public, Kind.SOCIAL: self.social, Kind.CIVILIAN: self.civilian}


_Days = Annotated[int, Field(ge=1, le=3650)]


_BY_LAW = ByKind[_Days | None](public=None, social=None, civilian=None)


class RecordingSettings(BaseModel):
    """What is recorded and how long it is kept. A camera's own setting goes before its kind's."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    mode: ByKind[RecordMode] = ByKind[RecordMode](
        public=RecordMode.CONTINUOUS, social=RecordMode.CONTINUOUS, civilian=RecordMode.ON_EVENT
    )
    """continuous, on_event or none, for each kind of camera."""
    stream: ByKind[RecordStream] = ByKind[RecordStream](
        public=RecordStream.SUB, social=RecordStream.SUB, civilian=RecordStream.SUB
    )
    """sub, main or both; a camera with one stream has that recorded."""
    days: ByKind[_Days | None] = _BY_LAW
    """Recordings older than this go, unless they are held for a case. Empty: as the policy has it, which bounds it."""
    quota_gb: float = Field(200.0, gt=0)
    """Beyond this the oldest recordings go, whatever their age, unless they are held."""
    pre_s: float = Field(5.0, ge=0, le=30)
    """On event: recorded from this long before it."""
    post_s: float = Field(10.0, ge=1, le=300)
    """On event: recorded until this long after it."""
    segment_s: float = Field(60.0, ge=5, le=600)
    """Length of a file; what a damaged disk takes at once."""

    @field_validator("mode", "stream", "days", mode="before")
    @classmethod
    def _the_rest_as_it_is(cls, told: object, info: ValidationInfo) -> object:
        """What is said of one kind of camera says nothing of the others."""
        if not isinstance(told, dict):
            return told
        return cls.model_fields[str(info.field_name)].default.model_dump() | told


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

    retention_days: ByKind[_Days | None] = _BY_LAW
    """Events and their pictures older than this go, by kind; one number: for each. Empty: as the policy has it."""
    media_quota_gb: float = Field(20.0, gt=0)
    """Oldest snapshots are deleted beyond this many gigabytes."""
    min_free_gb: float = Field(1.0, ge=0)
    """Below this much free disk no picture is written; events go on and the fault is shown."""

    recording: RecordingSettings = RecordingSettings()
    """What is recorded."""

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

    @field_validator("retention_days", mode="before")
    @classmethod
    def _one_for_each(cls, told: object) -> object:
        """One number stands for every kind, and what is said of one kind says nothing of the others."""
        if isinstance(told, str) and told.isdecimal():
            told = int(told)
        if isinstance(told, int):
            return dict.fromkeys(type(_BY_LAW).model_fields, told)
        return _BY_LAW.model_dump() | told if isinstance(told, dict) else told

    @model_validator(mode="after")
    def _as_the_law_allows(self) -> Self:
        law = self.law.retention
        asked = (
            ("recording.days", self.recording.days, law.recordings),
            ("retention_days", self.retention_days, law.events),
        )
        for name, told, keeps in asked:
            for kind, days in told.of().items():
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

    @property
    def law(self) -> Policy:
        """The legal choices in force."""
        return load_policy(self.policy)

    @property
    def record_policy(self) -> RecordPolicy:
        """What is recorded and for how long it is kept, as the registry and the workers take it."""
        own = self.recording
        days = _told(own.days, self.law.retention.recordings)
        return RecordPolicy(own.mode.of(), own.stream.of(), days, own.pre_s, own.post_s, own.segment_s)

    @property
    def event_days(self) -> dict[Kind, int]:
        """For how many days events and their pictures are kept, by kind of camera."""
        return _told(self.retention_days, self.law.retention.events)

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the registry."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'hub.db'}"
        url = self.database_url.get_secret_value()
        return url.replace("postgresql://", "postgresql+asyncpg://", 1)


def _told(told: ByKind[int | None], keeps: OfVideo[Keep]) -> dict[Kind, int]:
    """The days that are said, and the law's own where none are."""
    return {kind: keeps.of(kind).default_days if days is None else days for kind, days in told.of().items()}


def load(file: Path | None = None, **overrides: object) -> Settings:
    """Read the settings: overrides, then `HUB_*`, then `file` (or the one HUB_CONFIG names).

    Raises Invalid with one field error per wrong setting; a secret's value is never in it.
    """
    path = file or (Path(os.environ["HUB_CONFIG"]) if "HUB_CONFIG" in os.environ else None)
    if path is not None and not path.is_file():
        raise Invalid(f"no settings file at {path}", FieldError("file", "missing", str(path)))
    for name in SECRETS:
        if secret := os.environ.get(f"HUB_{name.upper()}_FILE"):
            overrides.setdefault(name, _secret(name, Path(secret)))

    class FromFile(Settings):
        model_config = SettingsConfigDict(yaml_file=path)

    try:
        read = FromFile(**overrides)  # type: ignore[arg-type]
    except ValidationError as err:
        fields = [
            FieldError(".".join(map(str, e["loc"])), e["type"], e["msg"])
            for e in err.errors(include_input=False, include_url=False)
        ]
        hint = "; ".join(f"{f.path}: {f.hint}" for f in fields)
        raise Invalid(f"settings are wrong: {hint}", *fields) from None
    except SettingsError as err:  # a list or model in a variable that is no JSON; the text names the setting only
        raise Invalid(f"settings are wrong: {err}; lists and models in HUB_* variables are written as JSON") from None
    except (YAMLError, TypeError, ValueError) as err:
        raise Invalid(f"{path} is no settings file: {err}", FieldError("file", "yaml", str(err))) from err
    read._origins.update(_origins_of(path, overrides))  # noqa: SLF001 - its own module
    return read


def _origins_of(path: Path | None, overrides: Mapping[str, object]) -> dict[str, Origin]:
    """Who set what, the strongest last: the file, the environment, the command line."""
    found: dict[str, Origin] = {}
    told = safe_load(path.read_text(encoding="utf-8")) if path else None
    for name, value in (told or {}).items():
        found |= {f"{name}.{inner}": "file" for inner in value} if isinstance(value, dict) else {name: "file"}
    for variable, text in os.environ.items():
        name = variable.upper().removeprefix("HUB_")
        if name != variable.upper() and text:
            found[name.lower().replace("__", ".")] = "environment"
    for name in overrides:
        found[name] = "environment" if f"HUB_{name.upper()}_FILE" in os.environ else "command"
    return found


def _secret(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        hint = f"HUB_{name.upper()}_FILE names {file}, which cannot be read ({err.__class__.__name__})"
        raise Invalid(hint, FieldError(name, "secret_file", hint)) from err
