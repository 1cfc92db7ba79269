"""Which modules of hstql import what, read from their source without importing any."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[2]
PACKAGES = ("hstql", "hstql_assets", "hstql_resources", "hstql_web")
_COMMENT = re.compile(r"#(?! noqa: [A-Z0-9, ]+$)")


class Import(NamedTuple):
    """One name that a module imports.

    Attributes
    ----------
    importer, imported : str
        Modules, with their packages.
    line : int
        Where it says so.
    is_late : bool
        True inside a function.
    is_for_types : bool
        True where only a type checker gets.
    has_reason : bool
        True with a comment on the line, or above the imports that it is one of.
    """

    importer: str
    imported: str
    line: int
    is_late: bool
    is_for_types: bool
    has_reason: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


@cache
def find_modules() -> dict[str, Path]:
    """Return the files of all modules by name; a package goes by its own."""
    return {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in sorted((PROJECT / package).rglob("*.py"))
    }


@cache
def read_imports() -> list[Import]:
    """Return what every module imports, in functions and for types as well."""
    return [
        found
        for name, path in find_modules().items()
        for found in _Reader(name, path.read_text()).read()
    ]


class _Reader:
    def __init__(self, name: str, source: str) -> None:
        self._name, self._lines, self._tree = name, source.split("\n"), ast.parse(source)

    def read(self) -> Iterator[Import]:
        yield from self._read(self._tree, is_late=False, is_for_types=False)

    def _read(self, node: ast.AST, *, is_late: bool, is_for_types: bool) -> Iterator[Import]:
        is_late |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        is_for_types |= isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                has_reason = self._has_reason(child)
                for name in _names(child):
                    yield Import(self._name, name, child.lineno, is_late, is_for_types, has_reason)
            else:
                yield from self._read(child, is_late=is_late, is_for_types=is_for_types)

    def _has_reason(self, node: ast.Import | ast.ImportFrom) -> bool:
        said = self._lines[node.lineno - 1 : node.end_lineno]
        first = node.lineno - 1
        while re.match(r" *(from|import) ", self._lines[first - 1]):
            first -= 1
        above = self._lines[first - 1].strip()
        return above.startswith("#") or any(_COMMENT.search(line) for line in said)


def _names(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Return the modules that a statement imports, such as `a.b` for `from a import b`."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if node.level or node.module is None:
        raise ValueError(f"Line {node.lineno} imports relatively.")
    inner = {f"{node.module}.{alias.name}" for alias in node.names}
    modules = inner & find_modules().keys()
    return modules if modules == inner else modules | {node.module}
