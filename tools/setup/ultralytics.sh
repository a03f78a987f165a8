#!/bin/bash
# ultralytics.sh PYTHON: prove the optional detector for real, in an environment of its own (it brings torch, several GB).
set -eu
cd "$(dirname "$0")/../.."
venv=.venv-ultralytics
if [ ! -e "$venv/installed" ] || [ pyproject.toml -nt "$venv/installed" ]; then
    HUB_SKIP_WEB=1 tools/setup/venv.sh "$1" "$venv" ultralytics
    "$venv/bin/python" -m pip install --disable-pip-version-check -q "pytest>=9,<10" "pytest-asyncio>=1.3,<2" "hypothesis>=6.140,<7" onnx
    # It brings opencv-python, which needs libGL, over the same module as our headless wheel: keep only the headless one.
    "$venv/bin/python" -m pip uninstall -q -y opencv-python
    "$venv/bin/python" -m pip install --disable-pip-version-check -q --force-reinstall --no-deps "opencv-python-headless>=5,<6"
    touch "$venv/installed"
fi
YOLO_OFFLINE=true YOLO_AUTOINSTALL=false HUB_REQUIRE_SERVICES=1 exec "$venv/bin/python" -m pytest -m ultralytics tests/detectors
