#!/bin/sh
# The whole suite: first the tests that start the whole portal and look at its clock, alone on the
# machine; then the others, two files at a time.
python="$1"
status=0
seen=$(mktemp)
run() { "$python" -m pytest "$@" || status=$?; }
{ run tests/browser; echo "$status" >"$seen.browser"; } 2>&1 | tee "$seen"
status=$(cat "$seen.browser")
run -n 2 --dist loadfile --ignore=tests/browser
echo "Before those, with the whole portal: $(tail -n 1 "$seen" | tr -d '=' | sed 's/^ *//; s/ *$//')"
rm -f "$seen" "$seen.browser"
exit "$status"
