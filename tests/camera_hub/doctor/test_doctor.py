"""Each check finds what it is for: on a real port, file, server, disk, limit or model wherever one can be had."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from camera_hub.doctor import CHECKS, Finding, Verdict, examine, machine, network, place, services, sight
from camera_hub.lock import RESTORING
from camera_hub.settings import Settings
from registry import migrate
from registry.store import Store
from registry.vault import Vault, load_key
from tests.camera_hub.watch.county import add_camera, place_village, settings_in
from tests.registry.tamper import unguard_file
from tests.services.process import free_port

HUB = Path(sys.executable).with_name("camera-hub")
GOOD, WARNING, FAULT = Verdict.GOOD, Verdict.WARNING, Verdict.FAULT


def told(finding: Finding, verdict: Verdict, *words: str) -> None:
    assert finding.verdict is verdict, finding
    for word in words:
        assert word in f"{finding.found} {finding.todo}", finding
    assert bool(finding.todo) is (verdict is not GOOD), finding


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "data", port=free_port())


@pytest.fixture
async def made(small: Settings) -> Settings:
    store = await Store.open(small.database, upgrade=True) if small.data_dir.mkdir() is None else None
    assert store is not None
    vault = Vault(load_key(None, small.data_dir))
    await place_village(store)
    await add_camera(store, vault, f"rtsp://127.0.0.1:{free_port()}/s", name="Silent")
    await store.close()
    return small


async def test_every_check_says_something_and_changes_nothing(small: Settings) -> None:
    findings = [one async for one in examine(small)]
    assert len(findings) == len(CHECKS)
    assert [one for one in findings if one.verdict is FAULT] == []
    assert not small.data_dir.exists()


async def test_a_check_that_breaks_is_told(small: Settings) -> None:
    async def broken(_settings: Settings) -> Finding:
        raise RuntimeError("no such thing")

    (finding,) = [one async for one in examine(small, (broken,))]
    told(finding, FAULT, "broke", "no such thing")


async def test_packages(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(await machine.packages(small), GOOD)
    rival = tmp_path / "opencv_python-4.9.dist-info"
    rival.mkdir()
    (rival / "METADATA").write_text("Metadata-Version: 2.1\nName: opencv-python\nVersion: 4.9\n", encoding="ascii")
    old = tmp_path / "a" / "redis-3.0.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: redis\nVersion: 3.0\n", encoding="ascii")
    monkeypatch.syspath_prepend(str(tmp_path))
    told(await machine.packages(small), FAULT, "opencv-python stands in the way")
    monkeypatch.syspath_prepend(str(tmp_path / "a"))
    told(await machine.packages(small), FAULT, "redis 3.0 is not")


async def test_python_that_is_too_old(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told(await machine.python(small), GOOD)
    monkeypatch.setattr(machine, "OLDEST_PYTHON", (9, 0))
    told(await machine.python(small), FAULT, "install Python")


async def test_more_workers_than_cores(tmp_path: Path) -> None:
    told(await machine.cores(settings_in(tmp_path, workers=64)), WARNING, "64 workers")


async def test_a_processor_without_avx2(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine._cpu_flags(tmp_path / "none") == frozenset()
    file = tmp_path / "cpuinfo"
    file.write_text("processor: 0\nflags\t\t: fpu sse sse2\n", encoding="ascii")
    flags = machine._cpu_flags(file)
    assert flags == {"fpu", "sse", "sse2"}
    monkeypatch.setattr(machine, "_cpu_flags", lambda: flags)
    told(await machine.cores(small), WARNING, "AVX2")


async def test_memory(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(await machine.memory(small), GOOD)
    limit = tmp_path / "memory.max"
    limit.write_text("300000000\n", encoding="ascii")
    assert machine._memory_limit(limit) == 300_000_000
    limit.write_text("max\n", encoding="ascii")
    assert machine._memory_limit(limit) is None
    monkeypatch.setattr(machine, "_memory_limit", lambda: 300_000_000)
    told(await machine.memory(small), FAULT, "fewer `workers`")


async def test_open_files(small: Settings) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        for limit, verdict in ((300, FAULT), (1024, WARNING)):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            told(await machine.open_files(small), verdict, str(limit), "LimitNOFILE")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_clock_that_is_wrong(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_kernel_clock", lambda: 5)
    told(await machine.clock(small), WARNING, "nothing keeps it right")
    monkeypatch.setattr(machine, "_kernel_clock", lambda: 0)
    told(await machine.clock(small), GOOD, "NTP")
    real = time.time

    def jumps() -> int:
        monkeypatch.setattr(machine.time, "time", lambda: real() + 90)
        return 0

    monkeypatch.setattr(machine, "_kernel_clock", jumps)
    told(await machine.clock(small), FAULT, "jumped by 90")
    monkeypatch.setattr(machine.time, "time", lambda: 86_400.0 * 365)
    told(await machine.clock(small), FAULT, "1971-01-01")


async def test_a_time_zone_without_data(small: Settings) -> None:
    told(await machine.time_zone(small), GOOD, "Asia/Shanghai", "+0800")
    told(await machine.time_zone(small.model_copy(update={"timezone": "Mars/Olympus"})), FAULT, "tzdata")


async def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told(await place.rights(settings_in(tmp_path / "file" / "data")), FAULT, "no folder")


async def test_a_half_restored_directory(made: Settings) -> None:
    told(await place.rights(made), GOOD)
    (made.data_dir / RESTORING).touch()
    told(await place.rights(made), FAULT, "restore again")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another account")
def test_rights_of_another_account(tmp_path: Path) -> None:
    data = Path("/tmp") / f"hub-doctor-{os.getpid()}"
    data.mkdir()
    try:
        data.chmod(0o755)
        said = as_nobody(data)
        assert (said["verdict"], "cannot be written" in said["found"]) == ("fault", True)
        data.chmod(0o777)
        (data / "hub.db").touch(0o600)
        said = as_nobody(data)
        assert (said["verdict"], "hub.db" in said["found"]) == ("fault", True)
    finally:
        (data / "hub.db").unlink(missing_ok=True)
        data.rmdir()


def as_nobody(data: Path) -> dict[str, str]:
    """The finding of another account: a fork, since that account may not read this checkout."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        finding = asyncio.new_event_loop().run_until_complete(place.rights(settings_in(data)))
        os.write(writing, json.dumps({"verdict": finding.verdict, "found": finding.found}).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as answer:
        return json.loads(answer.read())


@pytest.fixture
def fleeting(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 KB with 20 names on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    wanted = ["mount", "-t", "tmpfs", "-o", "size=200k,nr_inodes=20", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(wanted, check=False, capture_output=True).returncode:
        pytest.skip("this account may not mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_a_small_disk(fleeting: Path) -> None:
    small = settings_in(fleeting, min_free_gb=1)
    told(await place.room(small), FAULT, "no picture is written")
    told(await place.room(small.model_copy(update={"min_free_gb": 0.0})), WARNING, "fills up")
    told(await place.inodes(small), WARNING, "names")
    told(await place.rights(small), WARNING, "tmpfs", "restart")
    (fleeting / "full").write_bytes(b"x" * 196_608)
    told(await place.sync_speed(small), FAULT, "No space")


async def test_a_share_far_away(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_file_system", lambda _: "nfs4")
    told(await place.rights(made), FAULT, "nfs4", "local disk")


async def test_a_slow_disk(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told(await place.sync_speed(made), GOOD)
    monkeypatch.setattr(place, "SYNC_SLOW_MS", 0.0)
    told(await place.sync_speed(made), WARNING, "slow")
    monkeypatch.setattr(place, "SYNC_AWAY_MS", 0.0)
    told(await place.sync_speed(made), FAULT, "failing")


async def test_the_key(made: Settings) -> None:
    told(await place.key(made), GOOD)
    (made.data_dir / "key").chmod(0o644)
    told(await place.key(made), WARNING, "chmod 600")
    (made.data_dir / "key").write_text("short", encoding="ascii")
    finding = await place.key(made)
    told(finding, FAULT, "no key")
    assert "short" not in finding.found


async def test_a_path_too_long_for_a_socket(small: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    told(await place.socket_path(small), FAULT, "TMPDIR")
    assert list(deep.iterdir()) == []
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    told(await place.socket_path(small), FAULT, "TMPDIR")


async def test_the_port(small: Settings) -> None:
    told(await network.port(small), GOOD, "free")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", small.port))
        listener.listen()
        told(await network.port(small), FAULT, "taken by", str(os.getpid()))
    told(await network.port(small.model_copy(update={"host": "192.0.2.7"})), FAULT, "no address 192.0.2.7")


async def test_a_hub_on_the_port_is_no_fault(small: Settings) -> None:
    process = subprocess.Popen(
        [HUB, "--data-dir", small.data_dir, "serve", "--no-watch", "--port", str(small.port)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"hub is up")
        told(await network.port(small), GOOD, "a hub answers")
    finally:
        process.terminate()
        process.communicate()


async def test_who_reaches_the_page(small: Settings) -> None:
    told(await network.reached_safely(small), GOOD)
    told(await network.reached_safely(small.model_copy(update={"host": "0.0.0.0"})), WARNING, "TLS")
    behind = small.model_copy(update={"host": "0.0.0.0", "secure_cookies": True})
    told(await network.reached_safely(behind), WARNING, "trusted_proxies")
    told(await network.reached_safely(behind.model_copy(update={"trusted_proxies": ("10.0.0.1",)})), GOOD)


async def test_cameras_that_do_not_answer(made: Settings) -> None:
    (finding,) = await network.reach_cameras(made)
    told(finding, WARNING, "Silent", "device test")
    with sqlite3.connect(made.data_dir / "hub.db") as registry:
        (url,) = registry.execute("select main_url from cameras").fetchone()
    registry.close()
    with socket.socket() as camera:
        camera.bind(("127.0.0.1", int(url.split(":")[2].split("/")[0])))
        camera.listen()
        (finding,) = await network.reach_cameras(made)
        told(finding, GOOD, "answers")


async def test_looking_for_cameras_makes_no_database(tmp_path: Path) -> None:
    (finding,) = await network.reach_cameras(settings_in(tmp_path))
    told(finding, GOOD, "none yet")
    assert list(tmp_path.iterdir()) == []


async def test_sqlite(made: Settings) -> None:
    told(await services.database(made), GOOD, "SQLite")
    file = made.data_dir / "hub.db"
    with sqlite3.connect(file) as registry:
        unguard_file(registry)
        registry.execute("update audit set at = at + 3600000 where no = (select max(no) from audit)")
    told(await services.database(made), FAULT, "after now")
    with sqlite3.connect(file) as registry:
        registry.execute("update alembic_version set version_num = '9999'")
    registry.close()
    told(await services.database(made), FAULT, "newer than this program")
    file.write_bytes(b"no database at all" * 100)
    told(await services.database(made), FAULT, "damaged", "restore")


async def test_a_damaged_page_of_sqlite(made: Settings) -> None:
    file = made.data_dir / "hub.db"
    with sqlite3.connect(file) as registry:
        registry.execute("pragma wal_checkpoint(truncate)")
        (root,) = registry.execute("select rootpage from sqlite_master where name = 'ix_events_by_time'").fetchone()
        (size,) = registry.execute("pragma page_size").fetchone()
    registry.close()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\xff" * size)
    told(await services.database(made), FAULT, "damaged")


@pytest.mark.postgres
async def test_postgresql(tmp_path: Path, postgres_url: str) -> None:
    settings = settings_in(tmp_path, database_url=postgres_url)
    told(await services.database(settings), FAULT, "schema empty", "db upgrade")
    await migrate.upgrade(postgres_url)
    told(await services.database(settings), FAULT, "fsync", "power cut")  # the tests' server runs without
    away = settings_in(tmp_path, database_url=f"postgresql://hub:s3cret@127.0.0.1:{free_port()}/hub")
    finding = await services.database(away)
    told(finding, FAULT, "away", "database_url")
    assert "s3cret" not in str(finding)


@pytest.mark.redis
async def test_redis(tmp_path: Path, redis_url: str) -> None:
    settings = settings_in(tmp_path, redis_url=redis_url)
    told(await services.redis(settings), GOOD, "Redis")
    assert (await services.redis(settings_in(tmp_path))).verdict is GOOD
    port = int(redis_url.split(":")[2].split("/", maxsplit=1)[0])

    def tell(*words: str) -> None:
        with socket.create_connection(("127.0.0.1", port)) as link:
            link.sendall(" ".join(words).encode() + b"\r\n")
            assert link.recv(64) == b"+OK\r\n"

    try:
        tell("CONFIG", "SET", "maxmemory", "50000000")
        tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        told(await services.redis(settings), FAULT, "allkeys-lru", "noeviction")
        tell("CONFIG", "SET", "maxmemory", "0")
        tell("CONFIG", "SET", "appendonly", "no")
        told(await services.redis(settings), WARNING, "appendonly yes")
    finally:
        tell("CONFIG", "SET", "maxmemory", "0")
        tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
        tell("CONFIG", "SET", "appendonly", "yes")
    away = settings_in(tmp_path, redis_url=f"redis://:s3cret@127.0.0.1:{free_port()}/0")
    finding = await services.redis(away)
    told(finding, FAULT, "redis_url")
    assert "s3cret" not in str(finding)
    told(await services.redis(settings_in(tmp_path, redis_url="not an address")), FAULT, "redis_url")


async def test_codecs(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told(await sight.h264(small), GOOD, "10 pictures")
    told(await sight.h265(small), GOOD, "10 pictures")
    monkeypatch.setitem(sight.sample.ENCODERS, "hevc", "no such codec")
    told(await sight.h265(small), FAULT, "cannot be decoded", "av")
    monkeypatch.setitem(sight.sample.ENCODERS, "hevc", "libx264")
    told(await sight.h265(small), FAULT, "cannot be decoded")


async def test_the_model(small: Settings, tmp_path: Path) -> None:
    found = await sight.model(small)
    assert found.verdict is not FAULT, "how quick this machine is just now says whether a note is made"
    told(found, found.verdict, "centernet")
    for wrong, words in ((tmp_path / "none.onnx", "none.onnx"), (tmp_path / "bad.onnx", "does not load")):
        (tmp_path / "bad.onnx").write_bytes(b"no model")
        other = small.model_copy(update={"model": small.model.model_copy(update={"path": wrong})})
        told(await sight.model(other), FAULT, words, "model.path")
    unknown = tmp_path / "unknown.onnx"
    node = helper.make_node("Identity", ["images"], ["out"])
    shape = [1, 3, 32, 32]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)
    graph = helper.make_graph([node], "g", [images], [out])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), unknown)
    assert np.prod(shape) == 3072
    other = small.model_copy(update={"model": small.model.model_copy(update={"path": unknown})})
    told(await sight.model(other), FAULT, "does not load")
    told(await sight.model(small.model_copy(update={"detector_rate": 200_000.0})), FAULT, "cannot keep up")


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in (HUB, *words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command(made: Settings) -> None:
    free = str(free_port())
    said = run("--data-dir", made.data_dir, "doctor", "--json", "--cameras", HUB_PORT=free)
    findings = json.loads(said.stdout)
    assert {one["check"] for one in findings} >= {"python", "disk", "database", "model", "cameras"}
    assert said.returncode == 0, said.stdout
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(free)))
        listener.listen()
        said = run("--data-dir", made.data_dir, "doctor", HUB_PORT=free)
    assert said.returncode == 1
    assert "WRONG" in said.stdout
    assert "1 wrong" in said.stdout


def test_settings_that_are_wrong_are_told_with_the_rest(tmp_path: Path) -> None:
    (tmp_path / "hub.yml").write_text("prot: 80\nworkers: many\n", encoding="ascii")
    said = run("--config", tmp_path / "hub.yml", "doctor", "--json", HUB_DATA_DIR=str(tmp_path / "data"))
    findings = json.loads(said.stdout)
    assert said.returncode == 1
    wrong = [one["found"] for one in findings if one["check"] == "settings"]
    assert [text.partition(":")[0] for text in sorted(wrong)] == ["prot", "workers"]
    assert any(one["check"] == "model" for one in findings)
    assert not (tmp_path / "data").exists()
