"""What an outsider writes to extend the portal, tried on a copy of the source tree.

Each example says which of our files it touches, and how; a test holds the number down.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import polib
from django.db import connection

from poc_portal.local.state import BASE_DIR

LEFT_OUT = ("var", "tests", "docs", "static")


class Outsider:
    """A copy of the source tree, in which files can be added and changed."""

    def __init__(self, home: Path):
        self.home = home / "tree"
        self.touched: set[str] = set()  # files of ours
        without = shutil.ignore_patterns("__pycache__", ".*", *LEFT_OUT)
        shutil.copytree(BASE_DIR, self.home, ignore=without)
        (self.home / "static").symlink_to(BASE_DIR / "static")

    def add(self, path: str, content: str) -> None:
        """A file of their own."""
        target = self.home / path
        assert not target.exists(), path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def change(self, path: str, before: str, after: str) -> None:
        """One place in a file of ours; ``before`` must stand there once."""
        target = self.home / path
        text = target.read_text()
        assert text.count(before) == 1, f"{path}: {before!r}"
        target.write_text(text.replace(before, after))
        self.touched.add(path)

    def translate(self, language: str, plurals: dict[tuple[str, str], tuple[str, str]]) -> None:
        """Add messages, each singular and plural, to the catalogue of a language."""
        path = f"locale/{language}/LC_MESSAGES/django.po"
        catalogue = polib.pofile(str(self.home / path))
        for (one, many), translated in plurals.items():
            catalogue.append(
                polib.POEntry(
                    msgid=one, msgid_plural=many, msgstr_plural=dict(enumerate(translated))
                )
            )
        catalogue.save()
        catalogue.save_as_mofile(str((self.home / path).with_suffix(".mo")))
        self.touched |= {path, path.replace(".po", ".mo")}

    def run(self, code: str, database: str, **environment: str) -> str:
        """What a script prints, run in the tree with Django set up, on a database."""
        settings = connection.settings_dict
        place = quote(str(settings["HOST"]), safe="")
        url = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{place}:{settings['PORT']}"
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            cwd=self.home, capture_output=True, text=True, timeout=300, check=False,
            env=os.environ | {
                "DATABASE_URL": f"{url.removesuffix(':')}/{database}",
                "DJANGO_SETTINGS_MODULE": "poc_portal.settings",
                "PYTHONPATH": str(self.home), "PYTHONDONTWRITEBYTECODE": "1",
            } | environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr
