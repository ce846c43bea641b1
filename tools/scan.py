"""Scans a running portal with Wapiti: ``make scan``, with the address and an account of the demonstration.

Installs the pinned scanner into an environment of its own under ``var/``; what it found goes into
``var/scan.txt``. What stands in docs/scan.md was found and explained.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "var" / "scanner"
WAPITI = "wapiti3==3.2.3"
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,http_headers,methods,permanentxss,redirect,sql,"
    "ssl,ssrf,timesql,upload,xss,xxe"
)
# What would end the session, or ask the portal to send something.
LEFT_OUT = ("/sign-out/", "/language/", "/admin/logout/")


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("address", help="e.g. http://127.0.0.1:8000/")
    given.add_argument("--account", default="viewer")
    given.add_argument("--password", help="of the demonstration; without it nobody signs in")
    given.add_argument("--seconds", type=int, default=600, help="for all of it, about")
    asked = given.parse_args()
    command = [
        str(_scanner()), "--url", asked.address, "--scope", "folder", "--flush-session",
        "--module", MODULES, "--max-scan-time", str(asked.seconds // 2),
        "--max-attack-time", str(max(10, asked.seconds // 20)), "--depth", "4",
        "--max-links-per-page", "60", "--verify-ssl", "0",
        "--format", "txt", "--output", str(ROOT / "var" / "scan.txt"), "--color",
    ]  # fmt: skip
    for path in LEFT_OUT:
        command += ["--exclude", urllib.parse.urljoin(asked.address, path)]
    if asked.password:
        cookies = _sign_in(asked.address, asked.account, asked.password)
        command += ["--header", f"Cookie: {cookies}"]
    return subprocess.run(command, check=False).returncode


def _scanner() -> Path:
    program = PLACE / "bin" / "wapiti"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        pip = [PLACE / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, WAPITI], check=True)
    return program


def _sign_in(address: str, account: str, password: str) -> str:
    """The cookies of a session, as a header gives them."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = urllib.parse.urljoin(address, "/sign-in/")
    with browser.open(page) as answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
    assert token is not None
    form = {"csrfmiddlewaretoken": token[1], "username": account, "password": password}
    request = urllib.request.Request(
        page,
        urllib.parse.urlencode(form).encode(),
        {"Referer": page, "Origin": address.rstrip("/")},
    )
    browser.open(request).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


if __name__ == "__main__":
    sys.exit(main())
