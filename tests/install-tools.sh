#!/bin/sh
# Installs what the marked tests need, where this machine allows it: root on Debian or Ubuntu.
# Elsewhere those tests are skipped and say what is missing.
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need chromium chromium
need ogrinfo gdal-bin
need curl curl
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing …"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 ||
        echo "Could not install$missing; the tests that need them will be skipped."
fi
exit 0
