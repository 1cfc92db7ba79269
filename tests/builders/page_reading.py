"""What stands on a page, taken apart by a parser of its own."""

import base64
import gzip
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

VOID = {"meta", "link", "img", "input", "br"}


@dataclass
class Page(HTMLParser):
    """Elements, text and data of a page."""

    path: Path
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._script = ""
        self.feed(self.path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "script":
            self._script = attributes.get("id") or attributes.get("data-figure") or "code"

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        else:
            self.text += data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    def json(self, name: str) -> Any:
        return json.loads(self.scripts[name])

    @property
    def links(self) -> list[str]:
        """Every address on the page, as it is written."""
        return [
            str(attributes[name])
            for _, attributes in self.elements
            for name in ("href", "src")
            if attributes.get(name) is not None
        ]

    @property
    def linked_files(self) -> list[Path]:
        """The files that the page links to; every address must be relative."""
        files = []
        for address in self.links:
            parts = urlsplit(address)
            if parts.scheme == "data" or address.startswith("#"):
                continue
            assert not parts.scheme, address
            assert not parts.netloc, address
            files.append((self.path.parent / unquote(parts.path)).resolve())
        return files

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The columns that the panels show."""
        return next(_columns(self.json("panels")))


def _columns(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("name") == "ColumnDataSource":
            yield {name: _decode(array) for name, array in value["attributes"]["data"]["entries"]}
        for inner in value.values():
            yield from _columns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _columns(inner)


def _decode(array: dict[str, Any]) -> np.ndarray:
    data = gzip.decompress(base64.b64decode(array["array"]["data"]))
    return np.frombuffer(data, array["dtype"])
