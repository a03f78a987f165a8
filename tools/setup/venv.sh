#!/bin/bash
# venv.sh PYTHON VENV EXTRAS: make the virtual environment if it is not there and install the hub into it, editable, with
# the named extras. The page is built on the way (tools/hatch_build.py; Node comes from PyPI).
set -eu
cd "$(dirname "$0")/../.."
. tools/setup/privileged.sh
python=${1:-} venv=$2 extras=$3

if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed. Install it (Debian 12 and newer: apt-get install python3), or name one: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
fi

with_pip() { [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }

if ! with_pip; then
    rm -rf "$venv"
    echo "Making $venv with $("$python" --version)"
    if ! "$python" -m venv "$venv" >/dev/null 2>&1 || ! with_pip; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if may_install; then
            echo "Installing python$version-venv"
            { privileged apt-get update -q && apt_install "python$version-venv"; } >/dev/null 2>&1 || true
        fi
        rm -rf "$venv"
        "$python" -m venv "$venv" >/dev/null 2>&1 || true
        if ! with_pip; then
            rm -rf "$venv"
            echo "No virtual environment could be made. Install it with: sudo apt-get install python$version-venv" >&2
            exit 1
        fi
    fi
fi

echo "Installing the hub into $venv (extras: $extras)"
"$venv/bin/python" -m pip install --disable-pip-version-check -q -e ".[$extras]"
