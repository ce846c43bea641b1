#!/bin/sh
# The whole suite: first the tests that must be alone (the whole portal, the clock), then the others,
# two files at a time.
# Usage: run.sh PYTHON [pytest options for the first of the two]
python="$1"
shift
status=0
seen=$(mktemp)
run() { "$python" -m pytest "$@" || status=$?; }
{ run -m alone "$@"; echo "$status" >"$seen.status"; } 2>&1 | tee "$seen"
status=$(cat "$seen.status")
run -m "not alone" -n 2 --dist loadfile
echo "Before those, alone: $(tail -n 1 "$seen" | tr -d '=' | sed 's/^ *//; s/ *$//')"
rm -f "$seen" "$seen.status"
exit "$status"
