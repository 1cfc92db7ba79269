"""Strip from a target name what does not name the target: copies, visits, planet numbers.

Proposers repeat a target under another name, as every name of a proposal has to be new. The
classes of such endings are those that were found in eight years of COS and STIS TIME-TAG data.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

PREFIXES = re.compile(
    r"(NAME(?=[^A-Z0-9]+[A-Z0-9])|CL(?=[^A-Z0-9]+[A-Z]))[^A-Z0-9]+", re.IGNORECASE
)
SUFFIXES = re.compile(
    r"[\s_-]+((COPY|UPDATED|UPDAT|REVISED|REVISIT|REPEAT|TWEAK)[\s_-]?\d*"
    r"|(VISIT|EPOCH)[\s_-]?\d+|SECOND)\Z",
    re.IGNORECASE,
)
BODY_SUFFIXES = re.compile(r"[\s_-]+(\d+|STIS|COS|HST|FUV|NUV)\Z", re.IGNORECASE)
BODIES = frozenset(
    {
        "MERCURY", "VENUS", "MOON", "MARS", "CERES", "PALLAS", "JUNO", "VESTA", "JUPITER", "JUP",
        "EUROPA", "GANYMEDE", "CALLISTO", "SATURN", "SAT", "MIMAS", "ENCELADUS", "TETHYS", "DIONE",
        "RHEA", "TITAN", "IAPETUS", "PHOEBE", "URANUS", "MIRANDA", "ARIEL", "UMBRIEL", "TITANIA",
        "OBERON", "NEPTUNE", "TRITON", "PLUTO", "CHARON", "ERIS",
    }
)  # fmt: skip
# Also the name of a star's constellation (Io And), so not with anything else after it.
SHORT_BODY = re.compile(
    r"IO([\s_-]+(\d+|STIS|COS|HST|FUV|NUV|EAST|WEST|LEADING|TRAILING|ECLIPSE))*"
)

_SEPARATORS = re.compile(r"((?:(?!\+)[\W_])+)")


@dataclass(frozen=True)
class CleanName:
    """A target name without what does not belong to it.

    Attributes
    ----------
    name : str
        What is left, in the spelling of the header.
    key : str
        The same for all spellings of one name; see `fold_name`.
    is_body : bool
        Whether it is that of a planet, moon or dwarf planet, which moves over the sky.
    notes : tuple of str
        What was left out, such as `suffix -COPY2 left out`.
    """

    name: str
    key: str
    is_body: bool
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def clean_name(target_name: str) -> CleanName:
    """Leave out what does not name the target.

    Returns
    -------
    CleanName
        With the prefixes NAME- and CL- left out, the endings of repeated targets (-COPY, -VISIT2
        ...), and after a body of the solar system its number and the instrument. Something is
        always left of a name that has a letter or digit.
    """
    name, notes = target_name.strip(), []
    if match := PREFIXES.match(name):
        name = name[match.end() :]
        notes.append(f"prefix {match[0].rstrip()} left out")
    is_body = is_body_name(name)
    while match := SUFFIXES.search(name) or (BODY_SUFFIXES.search(name) if is_body else None):
        if not fold_name(name[: match.start()]):
            break
        name = name[: match.start()]
        notes.append(f"suffix {match[0].strip()} left out")
    return CleanName(name, fold_name(name) or target_name.strip(), is_body, tuple(notes))


def is_body_name(name: str) -> bool:
    """Tell whether a name begins with that of a planet, moon or dwarf planet."""
    words = re.split(r"[^A-Z]+", name.upper(), maxsplit=1)
    return words[0] in BODIES or SHORT_BODY.fullmatch(name.upper()) is not None


def fold_name(name: str) -> str:
    """Return what all spellings of a name have in common.

    Parameters
    ----------
    name : str
        Such as `GW-LIB`, `GW LIB`, `gw_lib` or `GWLIB`.

    Returns
    -------
    str
        Upper case without separators, such as `GWLIB`. Between two digits they stay, for there
        they are signs, decimal points or keep two numbers apart: `WD1145-017` is not `WD1145017`.
        A plus is never a separator. Empty if the name has no letter and no digit.
    """
    words = _SEPARATORS.split(name.upper())
    folded = words[0]
    for gap, word in zip(words[1::2], words[2::2], strict=True):
        between_digits = folded[-1:].isdigit() and word[:1].isdigit()
        folded += (_sign(gap) if between_digits else "") + word
    return folded if folded.strip("+") else ""


def _sign(gap: str) -> str:
    return next((sign for sign in "-." if sign in gap), " ")
