"""Keep a copy of the incidents, report one, and correct it. Needs Python and requests.

PORTAL=https://portal.example TOKEN=… MISSION=MINUSCA python follow.py
"""

import os
import uuid

import requests

PORTAL, MISSION = os.environ["PORTAL"].rstrip("/"), os.environ["MISSION"]
session = requests.Session()
session.headers["Authorization"] = f"Token {os.environ['TOKEN']}"


def follow(address: str, copy: dict[int, dict]) -> str:
    """Bring the copy up to date; returns where to go on the next time."""
    while True:
        answer = session.get(address, timeout=60)
        if answer.status_code == 410:  # too long ago, or other access: from the beginning
            copy.clear()
            address = beginning
            continue
        answer.raise_for_status()
        page = answer.json()
        for record in page["results"]:
            copy[record["id"]] = record
        for key in page["removed"]:
            copy.pop(key, None)
        if page["next"] is None:
            return page["follow"]
        address = page["next"]


# 1. The whole list, and then only what changed.
beginning = f"{PORTAL}/api/v1/incidents/?mission={MISSION}&modified_since=start&page_size=1000"
copy: dict[int, dict] = {}
place = follow(beginning, copy)
print(f"copied {len(copy)} incidents")

# 2. A report over a bad line: the key makes it safe to send again.
report = {
    "mission": MISSION, "kind": "looting", "start_date": "2022-12-30",
    "date_precision": "day", "place_precision": "exact",
    "longitude": 20.65, "latitude": 8.41, "notes": "Shops were looted at the market.",
}  # fmt: skip
key = {"Idempotency-Key": str(uuid.uuid4())}
for _attempt in range(2):
    answer = session.post(f"{PORTAL}/api/v1/incidents/", json=report, headers=key, timeout=60)
    answer.raise_for_status()
record = answer.json()
print(f"reported incident once, replayed: {answer.headers.get('Idempotency-Replayed')}")

# 3. A correction that undoes nobody else's.
address, tag = f"{PORTAL}/api/v1/incidents/{record['id']}/", answer.headers["ETag"]
answer = session.patch(address, json={"injured": 3}, headers={"If-Match": tag}, timeout=60)
answer.raise_for_status()
stale = session.patch(address, json={"injured": 4}, headers={"If-Match": tag}, timeout=60)
print(f"a correction of an old version is answered {stale.status_code}")

# 4. The copy learns of both; then the report is withdrawn, and the copy learns of that.
place = follow(place, copy)
print(f"the copy says {copy[record['id']]['injured']} injured")
session.delete(address, params={"reason": "An example."}, timeout=60).raise_for_status()
follow(place, copy)
print(f"gone from the copy: {record['id'] not in copy}")
