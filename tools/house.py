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
TEMPLATE_LINE = 120  # characters
PYTHON_FILE = 400  # lines, but for tests and migrations
FLOORS = ("poc_portal", "missions", "records", "exchange", "threats", "strategies")
# The table, the one comparison with it, and the role of a member of whom nothing is said.
NAME_ROLES = {"missions/roles.py", "missions/access.py", "missions/models/membership.py"}
# In the frame, what names an app: its settings list apps, the models of people and of tokens.
FRAME_MAY_NAME = {"APPS", "AUTH_USER_MODEL", "KNOX_TOKEN_MODEL"}
_APP = re.compile(rf"^(?:{'|'.join(FLOORS[1:])})(?:[./]\w|$)")
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


def imports_that_point_up() -> Iterator[str]:
    """Imports point down the floors only."""
    for path, tree in _code():
        here = FLOORS.index(path.parts[0])
        for node in ast.walk(tree):
            for module in _imported(node):
                root = module.partition(".")[0]
                if root in FLOORS and FLOORS.index(root) > here:
                    yield f"{path}:{node.lineno}: imports {module}"  # type: ignore[attr-defined]


def apps_the_frame_names() -> Iterator[str]:
    """The frame names no app: no import, and no text that is an app or begins with one and a dot
    or a slash, but for the settings' list of apps and the models of people and of tokens."""
    for path, tree in _code():
        if path.parts[0] != FLOORS[0] or "migrations" in path.parts:
            continue
        allowed = {
            id(each)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and {it.id for it in node.targets if isinstance(it, ast.Name)} & FRAME_MAY_NAME
            for each in ast.walk(node)
        }
        for node in ast.walk(tree):
            named = [module for module in _imported(node) if _APP.match(module)]
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named += [node.value] if _APP.match(node.value) and id(node) not in allowed else []
            for each in named:
                yield f"{path}:{node.lineno}: names {each}"  # type: ignore[attr-defined]


def long_files() -> Iterator[str]:
    """A module that outgrows a screen or ten becomes a package, one concept a file."""
    for path, _tree in _code():
        lines = len((ROOT / path).read_text().splitlines())
        if lines > PYTHON_FILE and "migrations" not in path.parts:
            yield f"{path}: {lines} lines, at most {PYTHON_FILE}"


CHECKS = [
    imports_that_point_up,
    apps_the_frame_names,
    long_files,
    written_roles,
    template_lines,
    trimmed_messages,
    component_attributes,
]


def _code() -> Iterator[tuple[Path, ast.Module]]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text())


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def _templates() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT), path.read_text()


def _line(text: str, found: re.Match) -> int:
    return text.count("\n", 0, found.start()) + 1


def main() -> int:
    broken = {check.__name__.replace("_", " "): list(check()) for check in CHECKS}
    for name, places in broken.items():
        print(f"{name}: {len(places)}")
        for place in places:
            print(f"  {place}")
    longest = max(len(line) for _path, text in _templates() for line in text.splitlines())
    print(f"longest line of a template: {longest} of {TEMPLATE_LINE}")
    sizes = {path: len((ROOT / path).read_text().splitlines()) for path, _tree in _code()}
    size, path = max((n, p) for p, n in sizes.items() if "migrations" not in p.parts)
    print(f"longest Python file: {size} of {PYTHON_FILE} ({path})")
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
