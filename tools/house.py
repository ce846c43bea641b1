"""Rules of the house that no other tool holds; ``make lint`` runs this.

Each check yields the places where its rule is broken, as ``path:line: what``.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE_LINE = 120
FLOORS = ("poc_portal", "missions", "records", "exchange", "threats", "strategies")
# The table, the one comparison with it, and the role of a member of whom nothing is said.
NAME_ROLES = {"missions/roles.py", "missions/access.py", "missions/models/membership.py"}
_BLOCKTRANS = re.compile(r"\{%\s*blocktrans(?:late)?\b(?![^%]*\btrimmed\b)")
_COMPONENT = re.compile(r"<c-[\w.-]+(?:\{\{.*?\}\}|\{%.*?%\}|[^>])*>", re.DOTALL)
_EVALUATED = re.compile(r"\s:[\w-]+=[\"'][^\"']*\{[{%]")


def template_lines() -> Iterator[str]:
    """No line of a template is longer than an editor shows."""
    for path, text in _templates():
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > TEMPLATE_LINE:
                yield f"{path}:{number}: {len(line)} characters, at most {TEMPLATE_LINE}"


def trimmed_messages() -> Iterator[str]:
    """``blocktrans`` is trimmed, so that folding its lines changes no message."""
    for path, text in _templates():
        for found in _BLOCKTRANS.finditer(text):
            yield f"{path}:{_line(text, found)}: blocktrans without trimmed"


def component_attributes() -> Iterator[str]:
    """``:name="{{ … }}"`` evaluates what people wrote as Python; ``name="{{ … }}"`` escapes it."""
    for path, text in _templates():
        for found in _COMPONENT.finditer(text):
            if _EVALUATED.search(found.group()):
                yield f"{path}:{_line(text, found)}: an attribute that evaluates its text"


def written_roles() -> Iterator[str]:
    """Only the table says what a role may do: elsewhere none is named, compared or selected by."""
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            name = path.relative_to(ROOT)
            if str(name) in NAME_ROLES or {"demo", "migrations"} & {*name.with_suffix("").parts}:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if _names_a_role(node):
                    yield f"{name}:{node.lineno}: a role; ask missions.access.can() instead"


def _names_a_role(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="Role"), attr=attribute):
            return attribute.isupper()
        case ast.Compare(left=left, comparators=others):
            return any(
                isinstance(it, ast.Attribute) and it.attr == "role" for it in (left, *others)
            )
        case ast.keyword(arg="role" | "role__in", value=ast.Constant() | ast.List() | ast.Set()):
            return True
    return False


CHECKS = [template_lines, trimmed_messages, component_attributes, written_roles]


def _templates() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT), path.read_text()


def _line(text: str, found: re.Match) -> int:
    return text.count("\n", 0, found.start()) + 1


def main() -> int:
    broken = [place for check in CHECKS for place in check()]
    for place in broken:
        print(place)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
