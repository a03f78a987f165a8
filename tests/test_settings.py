"""The settings: what the file documents is what the program takes, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from camera_hub.effective import effective
from camera_hub.settings import SECRETS, ModelSettings, Settings, SmtpSettings, load
from registry.errors import Invalid

DOCUMENT = Path(__file__).parents[1] / "configs" / "hub.yml"
OF_THE_MACHINE = {"workers"}
"""Settings whose default depends on the machine: documented in a comment, not as a value."""


@pytest.fixture(autouse=True)
def no_hub_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)


def documented() -> dict[str, object]:
    return yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    file = documented()
    assert set(file) | OF_THE_MACHINE == set(Settings.model_fields)
    assert set(file["model"]) == set(ModelSettings.model_fields)
    commented = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("# workers:")]
    assert len(commented) == 1


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - OF_THE_MACHINE - {"model"}))
def test_documented_values_are_the_defaults(name: str) -> None:
    default = Settings.model_fields[name].default
    said = documented()[name]
    if isinstance(default, BaseModel):
        default = default.model_dump(mode="json")
    assert (said if not isinstance(default, Path) else Path(said)) == (
        list(default) if isinstance(default, tuple) else default
    )


def test_each_setting_has_a_sentence_before_it() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    names = [*Settings.model_fields, *ModelSettings.model_fields]
    for name in names:
        at = next(i for i, line in enumerate(lines) if line.strip().removeprefix("# ").startswith(f"{name}:"))
        assert lines[at - 1].strip().startswith("# "), name


def test_the_documented_file_loads() -> None:
    read = load(DOCUMENT)
    assert read.port == 8080
    assert isinstance(read.model, BaseModel)


def test_order_of_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hub.yml"
    file.write_text("port: 1111\nretention_days: {social: 5, civilian: 5}\nlog_level: debug\n", encoding="utf-8")
    monkeypatch.setenv("HUB_PORT", "2222")
    monkeypatch.setenv("HUB_RETENTION_DAYS", '{"social": 6}')
    read = load(file, port=3333)
    assert (read.port, read.retention_days.social, read.log_level) == (3333, 6, "debug")


def test_config_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "other.yml"
    file.write_text("timezone: Europe/London\n", encoding="utf-8")
    monkeypatch.setenv("HUB_CONFIG", str(file))
    assert load().timezone == "Europe/London"


def test_what_is_said_of_one_kind_of_camera_leaves_the_others(tmp_path: Path) -> None:
    file = tmp_path / "hub.yml"
    file.write_text("recording: {mode: {public: none}}\n", encoding="utf-8")
    read = load(file).recording
    assert read.mode.model_dump(mode="json") == {"public": "none", "social": "continuous", "civilian": "on_event"}
    assert read.days == load().recording.days


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_come_from_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("postgresql://hub:s3cret@db/hub\n", encoding="utf-8")
    monkeypatch.setenv(f"HUB_{name.upper()}_FILE", str(file))
    read = load()
    assert getattr(read, name).get_secret_value() == "postgresql://hub:s3cret@db/hub"
    assert "s3cret" not in repr(read)


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_KEY_FILE", "/nowhere/key")
    with pytest.raises(Invalid, match="/nowhere/key"):
        load()


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("prot: 8080\n", {"prot"}),
        ("port: 70000\nanalysis_fps: 99\ntimezone: Mars/Base\n", {"port", "analysis_fps", "timezone"}),
        ("model:\n  format: tensorflow\n  colour: red\n", {"model.format", "model.colour"}),
    ],
)
def test_every_wrong_setting_is_named_at_once(text: str, fields: set[str], tmp_path: Path) -> None:
    file = tmp_path / "hub.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        load(file)
    assert {f.path for f in refused.value.fields} == fields


@pytest.mark.parametrize("text", ["port: [", "- a\n- b\n", "just words"])
def test_a_file_that_is_no_settings_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "hub.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=r"hub\.yml"):
        load(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no settings file"):
        load(tmp_path / "none.yml")


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORT", "s3cret")
    with pytest.raises(Invalid) as refused:
        load()
    assert "s3cret" not in str(refused.value)


def test_database_url_takes_the_async_driver(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path).database == f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    assert load(database_url="postgresql://u:p@h/hub").database == "postgresql+asyncpg://u:p@h/hub"


def test_a_list_in_a_variable_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_TRUSTED_PROXIES", '["10.0.0.2"]')
    assert load().trusted_proxies == ("10.0.0.2",)
    monkeypatch.setenv("HUB_TRUSTED_PROXIES", "10.0.0.2")
    with pytest.raises(Invalid, match=r"trusted_proxies.*JSON"):
        load()


def test_each_setting_tells_who_set_it_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hub.yml"
    file.write_text("retention_days: 30\nport: 9000\nmodel: {format: yolox}\nsmtp: {host: mail, sender: a@b.example}\n")
    (tmp_path / "key").write_text("not shown 1")
    monkeypatch.setenv("HUB_PORT", "9001")
    monkeypatch.setenv("HUB_SMTP__PASSWORD", "not shown 2")
    monkeypatch.setenv("HUB_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("HUB_LOG_LEVEL", "")
    settings = load(file, data_dir=tmp_path, database_url="postgresql://u:not-shown-3@h/hub")
    told = {one.name: one for one in effective(settings)}
    origins = {name: one.origin for name, one in told.items()}
    assert [origins[name] for name in ("retention_days.public", "port", "data_dir", "log_level", "key")] == [
        "file",
        "environment",
        "command",
        "default",
        "environment",
    ]
    assert [origins[name] for name in ("model.format", "model.path", "smtp.host", "smtp.password")] == [
        "file",
        "default",
        "file",
        "environment",
    ]
    assert (told["port"].value, told["model.format"].value) == ("9001", "yolox")
    assert [told[name].is_set for name in ("key", "smtp.password", "database_url", "redis_url")] == [True] * 3 + [False]
    assert "not shown" not in repr(told).replace("-", " ")
    assert all(one.doc for one in told.values())
    open_mail = effective(Settings(smtp=SmtpSettings(host="mail", sender="a@b.example")))
    assert [(one.secret, one.is_set) for one in open_mail if one.name == "smtp.password"] == [(True, False)]


def test_a_setting_within_a_group_of_a_group_tells_who_set_it(tmp_path: Path) -> None:
    file = tmp_path / "hub.yml"
    file.write_text("recording: {days: {public: 60, social: 3, civilian: 1}}\n", encoding="utf-8")
    told = {one.name: one for one in effective(load(file))}
    assert (told["recording.days.public"].value, told["recording.days.public"].origin) == ("60", "file")
    assert told["recording.mode.public"].origin == "default"
    assert "for each kind" in told["recording.mode.public"].doc


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("retention_days: 29\n", "retention_days.public is 29, and the law asks for at least 30 days"),
        ("retention_days: {civilian: 31}\n", "retention_days.civilian is 31, and the law allows at most 30 days"),
        ("recording: {days: {public: 7}}\n", "recording.days.public is 7"),
        ("recording: {days: {civilian: 60}}\n", "recording.days.civilian is 60"),
        ("policy: eu\nrecording: {days: {public: 31}}\n", "at most 30 days"),
    ],
)
def test_days_the_law_does_not_allow_are_refused_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "hub.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        load(file)


def test_days_that_are_not_said_are_the_policys(tmp_path: Path) -> None:
    file = tmp_path / "hub.yml"
    file.write_text("retention_days: {social: 90}\n", encoding="utf-8")
    read = load(file)
    assert read.event_days == {"public": 30, "social": 90, "civilian": 7}
    assert read.record_policy.days == {"public": 30, "social": 30, "civilian": 7}
    assert load(None, policy="eu").record_policy.days == {"public": 3, "social": 3, "civilian": 3}
    file.write_text("retention_days: 30\n", encoding="utf-8")
    assert load(file).event_days == {"public": 30, "social": 30, "civilian": 30}


def test_the_law_is_as_it_was_read_when_the_hub_began(tmp_path: Path) -> None:
    """Each timeline asks for it: a file that is edited meanwhile would be half in force, one that is broken refuse all."""
    own = tmp_path / "own.yml"
    own.write_text("preset: cn\nretention: {recordings: {civilian: {default_days: 5}}}\n", encoding="utf-8")
    read = load(None, policy=str(own))
    assert read.record_policy.days["civilian"] == 5
    own.write_text("preset: [", encoding="utf-8")
    assert read.record_policy.days["civilian"] == 5
    assert "law" not in read.model_dump(mode="json")
