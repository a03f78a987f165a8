"""Both verifiers against mutations of every field: the first broken row is named, a cut tail back to the last anchor."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import audit
from registry.audit import AuditFilter, chain
from registry.audit.chain import Anchor, anchor_line, digest, read_export
from registry.audit.exporting import export
from registry.store import Store
from registry.tables import audit as rows
from registry.tables import audit_head
from registry.users import CONSOLE
from tests.registry.county import NOON, Clock
from tests.registry.tamper import unguard

ROWS = 12
FIELDS = [column.name for column in rows.columns]
Lines = list[dict[str, Any]]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An export as the hub makes it: 12 rows, the last of them its own."""

    async def make() -> bytes:
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('chain') / 'hub.db'}"
        store = await Store.open(url, clock=Clock(), upgrade=True)
        for number in range(ROWS - 1):
            async with store.write() as conn:
                await audit.append(
                    conn, CONSOLE, "test", now=NOON, detail=f"第 {number} 次 \x7f\u2028", span=(NOON, None)
                )
        made = await export(store, CONSOLE, AuditFilter(), "jsonl")
        told = b"".join([part async for part in made.lines()])
        await store.close()
        return told

    return asyncio.run(make())


def lines_of(exported: bytes) -> Lines:
    return [json.loads(line) for line in exported.splitlines()]


def sealed(lines: Lines) -> bytes:
    """The export again, with a SHA-256 and an end that fit what is in it: its forger is no fool."""
    told = [json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for line in lines[:-1]]
    end = {**lines[-1], "sha256": hashlib.sha256(b"".join(told)).hexdigest()}
    return b"".join([*told, json.dumps(end).encode() + b"\n"])


def proved(export: bytes, *anchors: Anchor) -> chain.Outcome:
    found, fits = read_export(io.BytesIO(export), anchors)
    assert fits
    return found


def anchor_at(lines: Lines, no: int, previous: str | None = None) -> Anchor:
    at = "2026-11-23T12:00:00+08:00"
    return Anchor.read(anchor_line(no, lines[no]["hash"], at, previous), f"{no}.json")


def rechain(lines: Lines, since: int) -> None:
    """Compute every hash anew from row `since` on, and the end: what who may write to the database can do."""
    for no in range(since, len(lines) - 1):
        lines[no]["prev_hash"] = lines[no - 1]["hash"] if no > 1 else chain.GENESIS
        lines[no]["hash"] = digest(lines[no])
    lines[-1]["head"] = {"no": lines[-2]["no"], "hash": lines[-2]["hash"]}


def test_the_whole_holds_and_says_what_is_unprotected(exported: bytes) -> None:
    lines = lines_of(exported)
    found = proved(exported, anchor_at(lines, 5))
    assert (found.broken, found.rows, found.first, found.last, found.anchored, found.beyond) == (None, 12, 1, 12, 5, 7)
    assert "rows 6 to 12 are chained, but lie beyond every anchor: unprotected" in chain.sentences(found, [])
    assert lines[-1]["broken"] is None


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.lists(st.text(max_size=3))
)


@given(st.integers(1, ROWS), st.sampled_from(FIELDS), ANY)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_field_of_any_row(exported: bytes, no: int, field: str, value: object) -> None:
    lines = lines_of(exported)
    if repr(lines[no][field]) == repr(value):
        return
    lines[no][field] = value
    if field == "hash" and no == ROWS:
        lines[-1]["head"]["hash"] = value
    found = proved(sealed(lines)).broken
    assert found is not None
    if field != "no":
        assert (found.no, found.code) == (no, "row_edited")
    assert found.no <= no


@given(st.integers(1, ROWS), st.sampled_from([one for one in FIELDS if one not in {"no", "hash", "prev_hash"}]), ANY)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_row_that_was_hashed_again_is_named(exported: bytes, no: int, field: str, value: object) -> None:
    """Its forger forgot the rows behind it."""
    lines = lines_of(exported)
    before = digest(lines[no])
    lines[no][field] = value
    if digest(lines[no]) == before:
        return
    lines[no]["hash"] = digest(lines[no])
    assert proved(sealed(lines)).broken == audit.Broken(no, "row_edited")


@given(st.integers(1, ROWS - 1), st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_row_that_is_removed_is_named(exported: bytes, no: int, data: st.DataObject) -> None:
    lines = lines_of(exported)
    del lines[no : no + data.draw(st.integers(1, ROWS - no))]
    found = proved(sealed(lines)).broken
    assert found == audit.Broken(no, "row_missing" if len(lines) - 2 >= no else "end_missing")


@given(st.integers(1, ROWS), st.integers(1, ROWS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_chain_that_was_written_anew_is_found_by_an_anchor(exported: bytes, no: int, anchored: int) -> None:
    """Every later hash fits: without an anchor behind the row nobody can tell, and the verifier says so."""
    true = lines_of(exported)
    lines = lines_of(exported)
    lines[no]["reason"] = "nothing to see"
    rechain(lines, no)
    found = proved(sealed(lines), anchor_at(true, anchored))
    if anchored >= no:
        assert found.broken == audit.Broken(anchored, "anchor_differs")
    else:
        assert (found.broken, found.anchored, found.beyond) == (None, anchored, ROWS - anchored)


@given(st.integers(1, ROWS - 1), st.integers(1, ROWS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_tail_is_found_back_to_the_last_anchor(exported: bytes, left: int, anchored: int) -> None:
    true = lines_of(exported)
    lines = lines_of(exported)
    del lines[left + 1 : -1]
    rechain(lines, left + 1)
    found = proved(sealed(lines), anchor_at(true, anchored))
    if anchored > left:
        assert found.broken == audit.Broken(left + 1, "end_missing")
    else:
        assert (found.broken, found.anchored) == (None, anchored)


def test_swapped_and_added_rows(exported: bytes) -> None:
    lines = lines_of(exported)
    lines[3], lines[4] = lines[4], lines[3]
    assert proved(sealed(lines)).broken == audit.Broken(3, "row_missing")
    lines = lines_of(exported)
    lines.insert(-1, {**lines[12], "no": 13, "prev_hash": lines[12]["hash"]})
    lines[13]["hash"] = digest(lines[13])
    assert proved(sealed(lines)).broken == audit.Broken(13, "row_added")


def test_a_selection_proves_each_row_and_says_so(exported: bytes) -> None:
    lines = lines_of(exported)
    lines[0]["selection"] = True
    del lines[4:7]
    found = proved(sealed(lines))
    assert (found.broken, found.rows, found.selection) == (None, 9, True)
    lines[8]["detail"] = "x"
    edited = proved(sealed(lines)).broken
    assert edited is not None
    assert edited.no == lines[8]["no"]


def test_a_clock_that_was_set_back_is_told(exported: bytes) -> None:
    lines = lines_of(exported)
    lines[7]["at"] -= 3_600_000
    rechain(lines, 7)
    found = proved(sealed(lines))
    assert (found.broken, found.back, found.times_back) == (None, ((7, 3_600_000),), 1)


def run(*files: Path) -> subprocess.CompletedProcess[str]:
    """The verifier as an outsider runs it: alone, isolated from our packages."""
    alone = files[0].parent / "verify_audit.py"
    alone.write_bytes(Path(chain.__file__).read_bytes())
    return subprocess.run(
        [sys.executable, "-I", str(alone), *map(str, files)], capture_output=True, text=True, cwd="/", check=False
    )


def test_the_single_file_runs_alone(exported: bytes, tmp_path: Path) -> None:
    lines = lines_of(exported)
    file, anchors = tmp_path / "export.jsonl", tmp_path / "anchors"
    file.write_bytes(exported)
    anchors.mkdir()
    (anchors / "1.json").write_bytes(anchor_line(4, lines[4]["hash"], "2026-11-23T00:00:00+08:00", None))
    said = run(file, anchors)
    assert (said.returncode, said.stderr) == (0, "")
    assert "proved by an anchor up to row 4" in said.stdout
    assert "rows 5 to 12" in said.stdout
    assert "the chain holds" in said.stdout

    lines[6]["user_name"] = "somebody"
    file.write_bytes(sealed(lines))
    said = run(file, anchors / "1.json")
    assert (said.returncode, "BROKEN at row 6: it was edited" in said.stdout) == (1, True)

    file.write_bytes(exported.replace(b'{"export"', b'{ "export"', 1))
    said = run(file)
    assert (said.returncode, "its SHA-256 differs" in said.stdout) == (1, True)

    (anchors / "2.json").write_bytes(anchor_line(9, lines[9]["hash"], "2026-11-24T00:00:00+08:00", "0" * 64))
    file.write_bytes(exported)
    assert "the anchor before 2.json is not among those given" in run(file, anchors).stdout


@pytest.mark.parametrize(
    "broken", [b"", b"\n", b"[]\n", b"{}\n", b"\xff\n", b"{" * 100_000, b'{"export":"camera-hub-audit/1"}\n']
)
def test_what_is_no_export_is_refused(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(broken)
    said = run(tmp_path / "x.jsonl")
    assert (said.returncode, "Traceback" in said.stderr) == (2, False)
    assert "cannot be read" in said.stderr


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"anchor":"camera-hub-audit/1","no":true,"hash":"x","at":""}'])
def test_what_is_no_anchor_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.json").write_bytes(raw)
    with pytest.raises(ValueError, match=r"a\.json"):
        chain.read_anchors([tmp_path])


@pytest.mark.parametrize("rewritten", [False, True])
async def test_the_hub_finds_what_the_file_finds(store: Store, rewritten: bool) -> None:
    """The same edits in the database, on both engines, against anchors kept before."""
    for number in range(8):
        async with store.write() as conn:
            await audit.append(conn, CONSOLE, "test", now=NOON, detail=str(number))
    async with store.read() as conn:
        kept = (await conn.execute(sa.select(rows.c.no, rows.c.hash).order_by(rows.c.no))).all()
    anchors = [Anchor.read(anchor_line(no, told, "2026-11-23T12:00:00Z", None)) for no, told in kept if no in {3, 6}]
    whole = await audit.examine(store, anchors)
    assert (whole.broken, whole.anchored, whole.beyond) == (None, 6, 2)
    async with store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.update(rows).where(rows.c.no == 4).values(reason="x"))
        if rewritten:
            await _rewrite(conn, 4)
    found = await audit.examine(store, anchors)
    assert found.broken == (audit.Broken(6, "anchor_differs") if rewritten else audit.Broken(4, "row_edited"))
    assert found.anchored == 3
    async with store.write() as conn:
        await conn.execute(sa.delete(rows).where(rows.c.no > 3))
        last = (await conn.execute(sa.select(rows.c.hash).where(rows.c.no == 3))).scalar_one()
        await conn.execute(sa.update(audit_head).values(audit_no=3, hash=last))
    assert (await audit.examine(store, anchors)).broken == audit.Broken(4, "end_missing")
    assert await audit.verify(store) is None


async def _rewrite(conn: Any, since: int) -> None:
    from registry.audit.verifying import batch

    previous = (await conn.execute(sa.select(rows.c.hash).where(rows.c.no == since - 1))).scalar_one()
    for row in await batch(conn, since - 1):
        row["prev_hash"] = previous
        previous = digest(row)
        await conn.execute(
            sa.update(rows).where(rows.c.no == row["no"]).values(prev_hash=row["prev_hash"], hash=previous)
        )
    await conn.execute(sa.update(audit_head).values(hash=previous))
