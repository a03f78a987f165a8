#!/bin/bash
# packages.sh demo|test|bench: install the Debian packages these use, where this account may; otherwise say what is missing
# and what goes without it. Never fails: the tests skip, and the demo leaves out, what cannot be had.
set -u
cd "$(dirname "$0")/../.."
. tools/setup/privileged.sh

rtsp="python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-rtsp"
case "${1:-}" in
demo) wanted="$rtsp opencv-doc" ;;
test) wanted="$rtsp opencv-doc postgresql redis-server nginx-light chromium fonts-wqy-microhei" ;;
bench) wanted="$rtsp opencv-doc ffmpeg" ;;
*) echo "usage: $0 demo|test|bench" >&2; exit 2 ;;
esac

here() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

cost() {
    case "$1" in
    python3-gi | gir1.2-gst* | gstreamer1.0-*) echo "GStreamer's RTSP server: its tests are skipped, the demo leaves out the cameras with passwords" ;;
    opencv-doc) echo "a real recording: footage is fetched elsewhere or rendered" ;;
    postgresql) echo "PostgreSQL: its half of the registry tests is skipped" ;;
    redis-server) echo "Redis: the tests of the event channel over Redis are skipped" ;;
    nginx-light) echo "nginx: the example proxy is read by no real one" ;;
    chromium | fonts-*) echo "a browser with Chinese letters: the tests of the page are skipped" ;;
    ffmpeg) echo "the ffmpeg program: the baseline is not measured" ;;
    esac
}

missing=""
if command -v dpkg-query >/dev/null; then
    for package in $wanted; do here "$package" || missing="$missing $package"; done
else
    echo "This is no Debian: $wanted cannot be looked for." >&2
    exit 0
fi
[ -z "$missing" ] && exit 0

if may_install; then
    echo "Installing Debian packages:$missing"
    log=$(mktemp)
    if { privileged apt-get update -q && apt_install $missing; } >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    echo "apt-get could not install them; the end of what it said:" >&2
    tail -5 "$log" >&2
    rm -f "$log"
    still=""
    for package in $missing; do here "$package" || still="$still $package"; done
    missing=$still
fi
[ -z "$missing" ] && exit 0
echo "Not on this machine, and not installable by this account (neither root nor passwordless sudo, or no network):" >&2
echo " $missing" >&2
echo "What goes without them:" >&2
for package in $missing; do cost "$package"; done | sort -u | sed 's/^/  /' >&2
echo "To have them: sudo apt-get install$missing" >&2
exit 0
