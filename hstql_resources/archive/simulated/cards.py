"""Fill FITS headers that are texts: the cards of a real header, with blanks for what varies.

A text in the folder `cards/` of a room has one card a line. `KEY = ? / comment` is a blank that
takes a value as it is, `?%.6f` one with a format; `~1.5` is a measurement that scatters by a
thousandth from one exposure to the next; everything else is written as it stands. A line that
begins with `@` says for which files the cards after it are: `@ wfc|hrc raw` those that have the
tag `wfc` or `hrc`, and the tag `raw`; `@` alone all of them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from hstql_resources.archive.simulated.sky.fitsfile import CARD_CHARACTERS, Value, write_card

SCATTER = 1e-3  # of a measurement, relative

_BLANK = re.compile(r"([A-Z0-9_-]{1,8}) *= (\?(?:%\S+)?|~\S+)(?: / (.*))?")


@dataclass(frozen=True)
class Blank:
    """A card without its value.

    Attributes
    ----------
    keyword : str
        Eight characters at most.
    form : str
        A printf format, or empty where the value is written as it is.
    typical : float, optional
        What a measurement scatters about.
    comment : str
        What follows the slash; empty if there is none.
    """

    keyword: str
    form: str
    typical: float | None
    comment: str

    def write(self, value: Value) -> str:
        """Return the card, 80 characters, its comment cut where it must be."""
        text = write_card(self.keyword, value, self.form)
        if self.comment:
            text += f" / {self.comment}"
        return f"{text[:CARD_CHARACTERS]:{CARD_CHARACTERS}}"


@dataclass(frozen=True)
class Cards:
    """The cards of a kind of header: written ones, in runs, and blanks."""

    name: str
    parts: tuple[str | Blank, ...]

    @property
    def keywords(self) -> frozenset[str]:
        """The keywords of the blanks that take a value."""
        return frozenset(
            part.keyword for part in self.parts if isinstance(part, Blank) and part.typical is None
        )

    def fill(self, values: Mapping[str, Value], rng: np.random.Generator | None = None) -> str:
        """Return the cards with their values, without END.

        Parameters
        ----------
        values : mapping
            A value for every blank; others are left aside.
        rng : Generator, optional
            What measurements scatter with, where there are any.

        Raises
        ------
        ValueError
            If a blank has no value, or one that does not fit into its card.
        """
        scatter = iter(() if rng is None else 1.0 + SCATTER * rng.standard_normal(self._measured))
        return "".join(
            part if isinstance(part, str) else part.write(self._choose(part, values, scatter))
            for part in self.parts
        )

    @property
    def _measured(self) -> int:
        return sum(isinstance(part, Blank) and part.typical is not None for part in self.parts)

    def _choose(self, blank: Blank, values: Mapping[str, Value], scatter: Iterator[float]) -> Value:
        if blank.typical is not None:
            return float(f"{blank.typical * next(scatter):.6g}")
        if blank.keyword not in values:
            raise ValueError(f"the cards {self.name} have a blank {blank.keyword}: no value for it")
        return values[blank.keyword]


def fill_cards(
    name: str,
    values: Mapping[str, Value],
    tags: Collection[str] = (),
    rng: np.random.Generator | None = None,
) -> str:
    """Return the cards of a text for files with some tags, with their values, without END.

    Name and tags are those of `load_cards`, values and generator those of `Cards.fill`.
    """
    return load_cards(name, frozenset(tags)).fill(values, rng)


@cache
def load_cards(name: str, tags: frozenset[str] = frozenset()) -> Cards:
    """Return the cards of a text that are for files with these tags.

    Parameters
    ----------
    name : str
        Room and text, such as `cos/primary`.
    tags : frozenset of str
        What the conditions in the text are about.
    """
    room, text_name = name.split("/")
    text = (files(__package__) / room / "cards" / f"{text_name}.txt").read_text("ascii")
    parts: list[str | Blank] = []
    written: list[str] = []
    applies = True
    for line in text.splitlines():
        if line.startswith("@"):
            applies = all(tags & set(choice.split("|")) for choice in line[1:].split())
        elif applies:
            found = _BLANK.fullmatch(line)
            if found is None:
                written.append(_pad_card(name, line))
                continue
            parts.append("".join(written))
            parts.append(_read_blank(*found.groups()))
            written.clear()
    return Cards(name, tuple(part for part in (*parts, "".join(written)) if part != ""))


def _pad_card(name: str, line: str) -> str:
    if len(line) > CARD_CHARACTERS:
        raise ValueError(f"a card of {name} is longer than {CARD_CHARACTERS} characters: {line}")
    return line.ljust(CARD_CHARACTERS)


def _read_blank(keyword: str, form: str, comment: str | None) -> Blank:
    typical = float(form[1:]) if form.startswith("~") else None
    return Blank(keyword, "" if typical is not None else form[1:], typical, comment or "")
