#!/bin/bash
# test.sh PYTHON [WHAT…]: the tests. All but the browser's run two at a time, a file to a process; a browser with a hub, its workers and
# their streams fills a small machine by itself, so those run alone, after them. With WHAT, pytest runs just that.
set -u
python=$1; shift
cd "$(dirname "$0")/../.."
if [ $# -gt 0 ]; then exec "$python" -m pytest "$@"; fi

said=$(mktemp); trap 'rm -f "$said"' EXIT
set -o pipefail
"$python" -m pytest -n 2 --dist loadfile --ignore tests/e2e | tee "$said"; first=$?
"$python" -m pytest tests/e2e | tee -a "$said"; second=$?
awk '/ tests ran, / { ran += $1; skipped += $4; not += $7 }
     END { print "in all: " ran " tests ran, " skipped " were skipped, " not " could not start" }' "$said"
exit $((first > second ? first : second))
