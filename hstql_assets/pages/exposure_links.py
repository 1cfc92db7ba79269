"""Find the names of exposures in sentences and tables, and make links of them."""

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

_NAME = re.compile(r"\b[a-z][a-z0-9]{8}\b")


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of an exposure, as that of an image is not."""
    return _NAME.fullmatch(text) is not None


def find_names(texts: Iterable[str]) -> set[str]:
    """Return the words of some texts that may be exposures."""
    return {name for text in texts for name in _NAME.findall(text)}


def link_names(text: str, links: Mapping[str, str]) -> Markup:
    """Return a text as HTML, in which exposures lead somewhere.

    Parameters
    ----------
    text : str
        Any.
    links : mapping of str to str
        Addresses by exposure; other words stay words.
    """
    parts, end = [], 0
    for found in _NAME.finditer(text):
        name = found[0]
        if name in links:
            parts += [escape(text[end : found.start()]), _link(name, links[name])]
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _link(name: str, address: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, name)
