#!/bin/sh
# A page, a file, a layer, a feed, and two rows sent at once; needs curl.
#   PORTAL=https://portal.example TOKEN=… MISSION=MINUSCA sh walk.sh
set -eu
api="$PORTAL/api/v1"
get() { curl --silent --show-error --fail --header "Authorization: Token $TOKEN" "$@"; }

echo "== the communities most at risk"
get "$api/communities/?mission=$MISSION&ordering=-probability&page_size=3&fields=name,probability,band"
echo

echo "== the whole list for a spreadsheet, with HXL tags"
get --compressed "$api/communities/?mission=$MISSION&format=csv&hxl=true" | head -n 3

echo "== a layer: what happened near Bambari in 2022"
get "$api/ogc/collections/incidents/items?mission=$MISSION&bbox=20.4,5.5,21,6.1&datetime=2022-01-01/2022-12-31&limit=1"
echo

echo "== alerts as a feed"
get "$api/alerts/feed/?mission=$MISSION&severity=Extreme" | head -c 200
echo

echo "== two rows at once, safe to send again"
printf '%s\n' \
    '{"external_id": "W1", "kind": "looting", "start_date": "2022-12-29", "date_precision": "day"}' \
    '{"external_id": "W2", "kind": "looting", "start_date": "2022-12-30", "date_precision": "day"}' |
    get --request POST --header "Content-Type: application/x-ndjson" --data-binary @- \
        "$api/incidents/bulk?mission=$MISSION&source=walk"
echo
