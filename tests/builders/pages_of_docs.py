"""The pages of the documentation, and what is in them: commands, SQL, links."""

import re
import shlex
from pathlib import Path

from builders.places import PROJECT

DOCS = PROJECT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parts[-2] in ("docs", "tutorials"))
TEXTS = [*PAGES, *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md"))]
_CODE = re.compile(r"^(?: {4}|\$ |!)(.*)$", re.MULTILINE)
_SPAN = re.compile(r"`(hstql [^`]+)`")
_COMMAND = re.compile(r"(?:^|[;&!]\s*|\$\(|[A-Z]=\S*\s+)(?:\.venv/bin/)?hstql ([a-z][^;]*)")
_SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
_QUERY = re.compile(r'hstql query "([^"]+)"')
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def read_commands(page: Path) -> list[list[str]]:
    """Return the words of each command of hstql that a page names, without `hstql`."""
    text = page.read_text()
    lines = [*_CODE.findall(text), *_SPAN.findall(text)]
    return [_split(words) for line in lines for words in _COMMAND.findall(line)]


def _split(words: str) -> list[str]:
    words = words.partition(" 2>&1")[0]
    try:
        return shlex.split(words, comments=True)
    except ValueError:  # goes on in the next line, or stands in quotes itself
        return re.split(""" ["']|[)"'|]""", words)[0].split()


def read_statements(page: Path) -> list[str]:
    """Return each statement in SQL that a page has, but those with dots for what one likes."""
    text = page.read_text()
    return [sql for sql in (*_SQL.findall(text), *_QUERY.findall(text)) if "..." not in sql]


def read_python(page: Path) -> str:
    """Return the lines in Python that a page has, as one program."""
    return "\n".join(_PYTHON.findall(page.read_text()))


def read_console(page: Path) -> list[str]:
    """Return the lines that a page has its reader type, in order."""
    blocks = _CONSOLE.findall(page.read_text())
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def read_links(page: Path) -> list[Path]:
    """Return the files that a page links to."""
    return [page.parent / link for link in _LINK.findall(page.read_text())]


def read_listed() -> set[str]:
    """Return the pages that the site's tables of contents name, from the folder of docs."""
    listed = set()
    for page in PAGES:
        for block in re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text(), re.M | re.DOTALL):
            names = [
                line.split("<")[-1].rstrip(">")
                for line in block.splitlines()
                if line and line[0] != ":"
            ]
            listed |= {(page.parent / name).relative_to(DOCS).as_posix() for name in names}
    return listed
