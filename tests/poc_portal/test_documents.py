"""What the documents name is there: files, make's targets, commands, pages, and their own links."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from poc_portal.local.state import BASE_DIR

DOCUMENTS = [
    *(BASE_DIR / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((BASE_DIR / "docs").rglob("*.md")),
]
NOT_OURS = {"var", "node_modules"}  # made on the machine
TOP = sorted(
    path.name for path in BASE_DIR.iterdir()
    if path.is_dir() and path.name not in NOT_OURS and not path.name.startswith(".")
)  # fmt: skip
TREE = [path for name in TOP for path in (BASE_DIR / name).rglob("*")]
SUFFIXES = "py|md|html|css|js|json|csv|po|yml|toml|txt|sh|png"

FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# From the top, anywhere in the text; and within backticks also from further down: `bulk/`, `api.py`
FROM_TOP = re.compile(rf"(?<![\w/<>.…-])(?:{'|'.join(TOP)})/[\w./<>-]*(?<!\.)")
LOOSE = re.compile(rf"[\w<>-][\w.<>-]*(?:/[\w.<>-]+)*(?:/|\.(?:{SUFFIXES}))")
TARGET = re.compile(r"\bmake ([a-z][\w-]*)")
COMMAND = re.compile(r"\bmanage\.py ([a-z]\w*)")
PAGE = re.compile(r"/[\w/<>.-]+/")


def is_there(name: str) -> bool:
    """A file, directory or module; ``<name>`` stands for any one."""
    wanted = re.sub(r"<\w+>", "*", name).strip("/")
    if wanted.split("/")[0] in NOT_OURS:
        return True
    if any(True for end in ("", ".py") for _path in BASE_DIR.glob(wanted + end)):
        return True
    return wanted.split("/")[0] not in TOP and any(path.match(wanted) for path in TREE)


def is_page(address: str) -> bool:
    try:
        resolve(re.sub(r"<\w+>", "1", address))
    except Resolver404:
        return False
    return True


def missing(text: str, folder: Path) -> list[str]:
    """What ``text``, of a document in ``folder``, names and is not there."""
    spans = SPAN.findall(FENCED.sub("", text))
    code = "\n".join([*spans, *FENCED.findall(text)])
    targets = re.findall(r"^([a-z][\w-]*):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE)
    links = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:|#", link)]
    paths = {*FROM_TOP.findall(LINK.sub("]", text)), *filter(LOOSE.fullmatch, spans)}
    return [
        *(link for link in links if not (folder / link.split("#")[0]).exists()),
        *(path for path in sorted(paths) if not is_there(path)),
        *(f"make {name}" for name in TARGET.findall(code) if name not in targets),
        *(f"manage.py {name}" for name in COMMAND.findall(code) if name not in get_commands()),
        *(address for address in filter(PAGE.fullmatch, spans) if not is_page(address)),
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(document):
    assert not missing(document.read_text(), document.parent)


@pytest.mark.parametrize(
    "text",
    [
        "see [it](docs/none.md)", "`threats/none.py`", "in threats/none/ as well", "`none.py`",
        "`none/`", "`locale/<code>/none.po`", "`make none`", "```\nmake none  # it\n```",
        "`manage.py none`", "`python manage.py none --all`", "`/about/none/`",
    ],
)  # fmt: skip
def test_what_is_not_there_is_found(text):
    assert len(missing(text, BASE_DIR)) == 1


def test_what_names_nothing_of_ours_is_left_alone():
    text = (
        "`.zip` `application/problem+json` `https://example.org/a/` `POST /none/` make none `a/b`"
    )
    assert missing(text + " [it](https://example.org) `var/none`", BASE_DIR) == []
