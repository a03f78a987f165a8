"""Put pip into a virtual environment whose Python came without ensurepip: one pinned wheel, its hash checked.

The wheel installs itself: Python can run it as a zip file. PIP_INDEX_URL names another index than pypi.org.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"


def fetch(index: str) -> bytes:
    """The pinned wheel from a package index. Raises OSError where it cannot be had."""
    with urllib.request.urlopen(index, timeout=30) as page:
        links = re.findall(r'href="([^"]+)"', page.read().decode())
    for link in links:
        if urllib.parse.urlsplit(link).path.rsplit("/", 1)[-1] == WHEEL:
            with urllib.request.urlopen(urllib.parse.urljoin(index, link.replace("&amp;", "&")), timeout=60) as answer:
                return bytes(answer.read())
    raise OSError(f"{index} does not list {WHEEL}")


def main() -> int:
    """Fetch, check, install. 0: done; 1: said why not."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    try:
        wheel = fetch(index)
    except OSError as err:
        print(f"pip could not be fetched: {err}", file=sys.stderr)
        return 1
    if hashlib.sha256(wheel).hexdigest() != SHA256:
        print(f"{WHEEL} from {index} is not the file that was pinned; not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, WHEEL)
        file.write_bytes(wheel)
        return subprocess.call([sys.executable, f"{file}/pip", "install", "-q", "--no-index", str(file)])


if __name__ == "__main__":
    sys.exit(main())
