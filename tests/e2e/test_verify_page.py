"""verify.html in a real browser: it says what verify.py says, of packs that were changed at random and by design."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from camera_hub.evidence import verify
from camera_hub.evidence.verify import CHUNK, check
from tests.camera_hub.evidence.packs import SECRET, files_of, print_of, unpacked

PAGE = Path(verify.__file__).with_suffix(".html")
MUTATIONS = 200

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser) -> Page:
    opened = await browser.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: pytest.fail(str(error)))
    await opened.goto(PAGE.as_uri())
    assert asked == [PAGE.as_uri()], "it asks for nothing but itself"
    return opened


async def said(page: Page, root: Path, key: str = "") -> set[tuple[str, str]]:
    await page.locator("#out").evaluate("(out) => { delete out.dataset.problems; out.className = '' }")
    await page.locator("#key").evaluate("(field, key) => { field.value = key }", key)
    await page.locator("#folder").set_input_files(root)
    await page.wait_for_selector("#out.good, #out.bad", timeout=20_000)
    found = await page.locator("#out").get_attribute("data-problems")
    return {(code, path) for code, path in json.loads(found or "null")}


def by_python(root: Path, key: str = "") -> set[tuple[str, str]]:
    return {(one.code, one.path) for one in check(str(root), key).problems}


def mutate(root: Path, dice: random.Random) -> None:
    """One change: bytes of a file, its length, its name; a file more or less."""
    file = dice.choice(files_of(root))
    raw = bytearray(file.read_bytes())

    def flip() -> None:
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)

    def cut() -> None:
        del raw[dice.randrange(len(raw)) :]

    def insert() -> None:
        raw.insert(dice.randrange(len(raw) + 1), dice.randrange(256))

    def swap() -> None:
        at = dice.randrange(len(raw))
        raw[at : at + 1] = dice.choice([b'"', b"0", b" ", b"\n", b"{", b"/", b"e"])

    if dice.random() < 0.15:
        file.rename(file.with_name("other" + file.name))
    elif dice.random() < 0.15:
        (file.parent / f"more{dice.randrange(9)}.txt").write_bytes(b"x")
    else:
        changes: list[Callable[[], None]] = [insert] if not raw else [flip, cut, insert, swap]
        dice.choice(changes)()
        file.write_bytes(raw)


async def test_both_verifiers_agree_on_random_mutations(page: Page, tmp_path: Path) -> None:
    good = unpacked(tmp_path / "good")
    assert await said(page, good) == by_python(good) == set()
    for seed in range(MUTATIONS):
        root = tmp_path / str(seed)
        shutil.copytree(good, root)
        mutate(root, random.Random(seed))
        python = by_python(root)
        assert await said(page, root) == python, seed
        assert python, f"mutation {seed} was not noticed"
        shutil.rmtree(root)


def fields(told: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every field and every element of a document, by the way that leads to it."""
    inner = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    return [path] * bool(path) + [one for key, each in inner for one in fields(each, (*path, key))]


async def test_both_name_each_file_and_each_field_that_was_changed(page: Page, tmp_path: Path) -> None:
    root = unpacked(tmp_path)
    for file in files_of(root):
        raw = file.read_bytes()
        for changed in ({raw[:-1] + bytes([raw[-1] ^ 1]), raw[:-1]} if raw else set[bytes]()) | {raw + b"x", None}:
            if changed is None:
                file.unlink()
            else:
                file.write_bytes(changed)
            python, name = by_python(root), file.relative_to(root).as_posix()
            assert await said(page, root) == python, name
            assert name in {path for _, path in python} or (name == verify.SIGNATURE and python), (name, python)
            file.write_bytes(raw)
    true = json.loads((root / verify.MANIFEST).read_bytes())
    for path in fields(true):
        for take in (False, True):
            told = json.loads(json.dumps(true))
            at = told
            for key in path[:-1]:
                at = at[key]
            if take:
                del at[path[-1]]
            else:
                at[path[-1]] = "ff" if at[path[-1]] != "ff" else "fe"
            (root / verify.MANIFEST).write_bytes(verify.canonical(told))
            python = by_python(root)
            assert verify.MANIFEST in {name for _, name in python}, path
            assert await said(page, root) == python, path


def signed_anew(root: Path, change: Callable[[dict[str, Any]], None]) -> None:
    told = json.loads((root / verify.MANIFEST).read_bytes())
    change(told)
    raw = verify.canonical(told)
    (root / verify.MANIFEST).write_bytes(raw)
    signature = json.loads((root / verify.SIGNATURE).read_bytes()) | {"sig": SECRET.sign(raw).hex()}
    (root / verify.SIGNATURE).write_bytes(verify.canonical(signature))


@pytest.mark.parametrize(
    "path", ["data/../x", "/x/y", "data/a\u0301", "data/x:y", "data/a.", "𝒳/data", "DATA/empty.txt"]
)
async def test_both_refuse_the_same_paths_of_a_signed_manifest(page: Page, tmp_path: Path, path: str) -> None:
    root = unpacked(tmp_path)
    entry = {"path": path, "bytes": 0, "sha256": "0" * 64, "role": "log"}
    signed_anew(root, lambda told: told["files"].append(entry))
    python = by_python(root)
    assert python
    assert await said(page, root) == python


async def test_damage_in_a_large_file_is_located_and_the_key_compared(page: Page, tmp_path: Path) -> None:
    root = unpacked(tmp_path, large=CHUNK * 2 + 5)
    assert await said(page, root, print_of(SECRET)[:24]) == set()
    assert await said(page, root, "0" * 24) == by_python(root, "0" * 24) == {("KEY", "manifest.sig.json")}
    with (root / "data" / "video" / "large.mp4").open("r+b") as opened:
        opened.seek(CHUNK + 7)
        opened.write(b"\0\0\0\0")
    assert await said(page, root) == by_python(root) == {("CHANGED", "data/video/large.mp4")}
    assert f"near byte {CHUNK}" in await page.locator("#out").inner_text()


async def test_without_ed25519_in_the_browser_its_own_is_used(page: Page, tmp_path: Path) -> None:
    root = unpacked(tmp_path)
    await page.evaluate("() => { crypto.subtle.importKey = () => Promise.reject(new Error('none')) }")
    assert await said(page, root) == set()
    signed_anew(root, lambda told: told.update(made="never"))
    raw = bytearray((root / verify.MANIFEST).read_bytes())
    (root / verify.MANIFEST).write_bytes(raw.replace(b"never", b"later"))
    assert await said(page, root) == by_python(root) == {("SIGNATURE", "manifest.json")}
    vectors = await page.evaluate(
        """() => Promise.all([["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"],
        ["3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"]]
        .map(([key, said, sig]) => signedByHand(bytes(key), bytes(said), bytes(sig))))"""
    )
    assert vectors == [True, True], "RFC 8032, 7.1"
