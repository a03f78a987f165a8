"""Build the web page into api/static before a wheel, or an editable install, is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuild(BuildHookInterface[Any]):
    """Runs `npm ci && npm run build` in api/web when the page is older than its source."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build api/static; HUB_SKIP_WEB=1 installs without the page. Raises SystemExit where npm is missing."""
        if self.target_name == "wheel" and version == "standard":  # an editable install finds it in configs/
            build_data["force_include"]["configs/places-220882.csv"] = "camera_hub/demo/places-220882.csv"
        web = Path(self.root, "api", "web")
        index = Path(self.root, "api", "static", "index.html")
        sources = [p for p in web.rglob("*") if p.is_file() and "node_modules" not in p.parts]
        newest = max((p.stat().st_mtime for p in sources), default=0.0)
        if os.environ.get("HUB_SKIP_WEB") or (index.exists() and index.stat().st_mtime >= newest):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm (Node 20+) is needed to build the web page; set HUB_SKIP_WEB=1 to install without it")
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=web, check=True)
