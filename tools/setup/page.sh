#!/bin/bash
# page.sh: type check, lint and unit tests of the page. Node and npm come from PATH: the virtual environment's come first.
set -eu
cd "$(dirname "$0")/../../api/web"
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund --loglevel=error
fi
npm run --silent check
