"""The child process that reads a brought file; run by ``tabular.confined``, never imported.

It knows languages and nothing else of the portal: no settings, no keys, no database.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def main(asked: dict) -> None:
    limits = asked["limits"]
    os.nice(10)
    with contextlib.suppress(OSError):  # where memory ends, this goes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    _limit(resource.RLIMIT_AS, limits["memory"])
    _limit(resource.RLIMIT_CPU, limits["processor"])
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    if limits["whole"]:
        signal.alarm(int(limits["whole"]) + 5)  # ends it also when nobody is left to
    # The package itself starts Celery, which has no business here.
    package = ModuleType("poc_portal")
    package.__path__ = [str(ROOT / "poc_portal")]
    sys.modules["poc_portal"] = package
    sys.path[0] = str(ROOT)
    _speak(asked["language"])
    module, _colon, function = asked["reader"].partition(":")
    read = getattr(importlib.import_module(module), function)
    from poc_portal.tabular.report import FileRefused

    stream = os.fdopen(0, "rb")
    try:
        for piece in read(stream, asked["name"], limits, **asked["options"]):
            _send({"piece": piece})
        _send({"end": True})
    except MemoryError:
        os._exit(3)
    except FileRefused as refusal:
        _send({"refused": str(refusal)})


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _speak(language: str | None) -> None:
    import django
    from django.conf import settings
    from django.utils import translation

    settings.configure(USE_I18N=True, LOCALE_PATHS=[ROOT / "locale"], LANGUAGE_CODE="en")
    django.setup()
    if language:
        translation.activate(language)


def _send(frame: dict) -> None:
    body = json.dumps(frame).encode()
    whole = len(body).to_bytes(4, "big") + body
    sent = 0
    while sent < len(whole):
        sent += os.write(1, memoryview(whole)[sent:])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
