"""Find files whose header says another exposure, instrument, detector or proposal than their name.

Real headers contradict their names all the time without harm: of 193 good files 68 have a header
with a FILENAME or ROOTNAME unlike their own. What is harmless is written down here, rule by rule,
so that what is left is worth a look.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hstql_assets.orchestration.consistency.findings import CONTRADICTION, Finding
from hstql_resources.filenames import INSTRUMENTS, exposure_of, parse_filename, stored_name

JITTER = frozenset({"jit", "jif"})
PROGRAM = 4  # characters of a rootname that say instrument and proposal
VISIT = 6  # and visit
UNKNOWN = "unknown"


@dataclass(frozen=True)
class NamedHeader:
    """What a file is called, and what its primary header says.

    Attributes
    ----------
    filename : str
        Without folder and without `.gz`.
    key : str
        The rootname of its folder.
    rootname, header_filename, instrument, detector, proposal : str or None
        ROOTNAME, FILENAME, INSTRUME, DETECTOR and PROPOSID of the header; None if it has none.
    known_detector, known_proposal : str or None
        What is known of the observation, from the file that is believed most.
    path : str
        Where it is.
    """

    filename: str
    key: str
    rootname: str | None = None
    header_filename: str | None = None
    instrument: str | None = None
    detector: str | None = None
    proposal: str | None = None
    known_detector: str | None = None
    known_proposal: str | None = None
    path: str = ""


@dataclass(frozen=True)
class Programmed:
    """An observation and its proposal; `path` is its folder."""

    rootname: str
    proposal: int
    path: str = ""


def find_header_mismatches(headers: Iterable[NamedHeader]) -> list[Finding]:
    """Return a finding for each file that is contradicted; its detail says by what."""
    return [
        Finding(CONTRADICTION, header.key, header.path or header.filename, " ".join(complaints))
        for header in headers
        if (complaints := list_complaints(header))
    ]


def list_complaints(header: NamedHeader) -> list[str]:
    """Return what contradicts the name or the folder of a file, one sentence each."""
    complaints = []
    if not is_of(header.filename[:9], header.key):
        complaints.append(f"It lies in the folder of {header.key}.")
    if not is_of(header.filename[:9], _clean(header.rootname)):
        complaints.append(f"ROOTNAME is {header.rootname}.")
    if not _is_same_file(header.filename, _clean(header.header_filename)):
        complaints.append(f"FILENAME is {header.header_filename}.")
    if not _is_same_instrument(header):
        complaints.append(f"INSTRUME is {header.instrument}.")
    if not _is_same_detector(header):
        complaints.append(f"DETECTOR is {header.detector}, and {header.known_detector} elsewhere.")
    if not _is_same_number(header.proposal, header.known_proposal):
        complaints.append(f"PROPOSID is {header.proposal}, and {header.known_proposal} elsewhere.")
    return complaints


def find_split_programs(observations: Iterable[Programmed]) -> list[Finding]:
    """Return the observations whose proposal is not that of most of their program.

    The first four characters of a rootname stand for instrument and proposal. Where no proposal
    has the most observations, all of them are returned.

    Parameters
    ----------
    observations : iterable of Programmed
        Any; those of programs with one proposal agree.
    """
    programs: dict[str, list[Programmed]] = defaultdict(list)
    for observation in observations:
        programs[observation.rootname[:PROGRAM]].append(observation)
    return [
        Finding(CONTRADICTION, one.rootname, one.path, _tell_proposals(one, numbers))
        for members in programs.values()
        if len(numbers := Counter(member.proposal for member in members)) > 1
        for one in members
        if numbers[one.proposal] < max(numbers.values()) or _is_tie(numbers)
    ]


def _is_tie(numbers: Counter[int]) -> bool:
    (_, first), (_, second) = numbers.most_common(2)
    return first == second


def _tell_proposals(one: Programmed, numbers: Counter[int]) -> str:
    others = ", ".join(str(proposal) for proposal in sorted(numbers) if proposal != one.proposal)
    program = one.rootname[:PROGRAM]
    return f"PROPOSID is {one.proposal}, and {others} in other observations of {program}."


def is_of(rootname: str, other: str) -> bool:
    """Tell whether a rootname in a header or folder may stand with a file of this rootname.

    It may be empty; a jitter file has the first eight characters of its exposure; and a product
    of an association (x1dsum, drz) may have the header of one of its members, which are of the
    same visit. Exposures end in a letter, associations in a digit.

    Parameters
    ----------
    rootname : str
        From the name of the file.
    other : str
        From its header or folder, in lower case; empty if there is none.
    """
    if not other or exposure_of(other) == exposure_of(rootname):
        return True
    is_member = rootname[-1].isdigit() and len(other) == len(rootname) and other[-1].isalpha()
    return is_member and other[:VISIT] == rootname[:VISIT]


def _is_same_file(filename: str, said: str) -> bool:
    """Tell whether FILENAME may stand in a file; that of a jit mostly says jif."""
    said = stored_name(said.rpartition("/")[2])
    if said in ("", filename):
        return True
    mine, other = parse_filename(filename), parse_filename(said)
    if mine is None or other is None or not is_of(mine.rootname, other.rootname):
        return False
    return mine.filetype == other.filetype or {mine.filetype, other.filetype} == JITTER


def _is_same_instrument(header: NamedHeader) -> bool:
    """Tell whether INSTRUME may stand: jitter files say FGS, whose jitter it is."""
    said = _clean(header.instrument)
    parsed = parse_filename(header.filename)
    if said == "fgs" and parsed is not None and parsed.filetype in JITTER:
        return True
    return said in ("", INSTRUMENTS.get(header.filename[:1], said))


def _is_same_detector(header: NamedHeader) -> bool:
    said, known = _clean(header.detector), _clean(header.known_detector)
    return said in ("", known) or known in ("", UNKNOWN)


def _is_same_number(said: str | None, known: str | None) -> bool:
    """Tell whether two texts are the same number, or one of them is none."""
    said, known = _clean(said), _clean(known)
    try:
        return "" in (said, known) or float(said) == float(known)
    except ValueError:
        return said == known


def _clean(text: str | None) -> str:
    return "" if text is None else text.strip().lower()
