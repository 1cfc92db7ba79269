"""Ask the name service Sesame of the CDS for positions of targets whose headers have none.

Asked for by a user's command only. Each name is asked about once, and the answer is kept, that
the name is not known too.
"""

import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from requests import RequestException
from sqlalchemy import select

from hstql_assets.targets import exposures as target_exposures
from hstql_assets.targets import inputs
from hstql_assets.targets.names import fold_name
from hstql_assets.targets.overrides import Overrides
from hstql_resources import tables
from hstql_resources.http_questions import NoAnswerError, QueryPolicy, make_session
from hstql_resources.postgres.database import Database

POLICY = QueryPolicy(attempts=3, read_s=10.0, answer_s=20.0, longest_wait_s=5.0)
CATALOGUES = "SNV"  # Simbad, the extragalactic database, VizieR
_POSITION = re.compile(
    r"^%J\s*([0-9]{1,3}(?:\.[0-9]{0,15})?) +([+-]?[0-9]{1,2}(?:\.[0-9]{0,15})?)", re.MULTILINE
)
PAUSE_S = 0.5  # between two questions, out of politeness
BUDGET_S = 300.0  # for all of them


@dataclass(frozen=True)
class Inquiry:
    """What came of asking.

    Attributes
    ----------
    known, unknown : int
        Names that Sesame has a position for, and that it has none for.
    left : int
        Names that were not asked about, for want of time or of an answer.
    fault : str or None
        Why it did not answer, one sentence.
    """

    known: int
    unknown: int
    left: int
    fault: str | None = None

    def __str__(self) -> str:
        said = f"Sesame: {self.known} names known, {self.unknown} unknown"
        return said + (f", {self.left} not asked about." if self.left else ".")


class SesameError(Exception):
    """Sesame did not answer; the message is one sentence."""


def ask_sesame(
    database: Database, overrides: Overrides, *, again: bool = False, budget_s: float = BUDGET_S
) -> Inquiry:
    """Ask about each name whose headers have no position, and store the answers.

    Parameters
    ----------
    database : Database
        Where exposures are and answers go.
    overrides : Overrides
        What people decided; names that they call one target anywhere need no position.
    again : bool
        Also ask about names that were asked about before.
    budget_s : float [s]
        No question begins after this time.
    """
    names = find_unplaced_names(database, overrides)
    if not again:
        names = [name for name in names if name not in _read_asked(database)]
    end = time.monotonic() + budget_s
    answers: dict[str, tuple[float, float] | None] = {}
    fault = None
    try:
        for name in names:
            if time.monotonic() >= end:
                break
            if answers:
                time.sleep(PAUSE_S)
            answers[name] = find_position(name)
    except SesameError as error:
        fault = str(error)
    finally:
        _store(database, answers)
    known = sum(answer is not None for answer in answers.values())
    return Inquiry(known, len(answers) - known, len(names) - len(answers), fault)


def find_unplaced_names(database: Database, overrides: Overrides) -> list[str]:
    """Return the names that go by place, of exposures whose headers have no position, sorted."""
    seen = target_exposures.read_target_exposures(
        inputs.read_target_exposures(database.read), overrides, {}
    )
    return sorted(
        {
            name.cleaned
            for index, name in enumerate(seen.read)
            if index not in seen.places
            and not seen.is_moving[index]
            and not name.is_anywhere
            and fold_name(name.cleaned)
        }
    )


def find_position(name: str) -> tuple[float, float] | None:
    """Ask Sesame for the position of one name, at its addresses in the order that astropy has.

    Returns
    -------
    (float, float) [deg] or None
        Right ascension and declination J2000; None if Sesame does not know the name.

    Raises
    ------
    SesameError
        If it does not answer, or not in its format.
    """
    # A third of a second that only those who ask should wait for.
    from astropy.coordinates.name_resolve import sesame_url

    fault = "it has no address"
    with make_session(POLICY, is_json=False) as session:
        for url in sesame_url.get():
            try:
                answer = session.get(f"{url.rstrip('/')}/{CATALOGUES}?{quote(name)}").text
            except NoAnswerError as error:
                fault = error.reason
            except RequestException:
                fault = "its address leads astray"
            else:
                return _read_position(answer)
    raise SesameError(f"Sesame does not answer: {fault}.")


def _read_position(answer: str) -> tuple[float, float] | None:
    found = _POSITION.search(answer)
    if found is None and answer.lstrip().startswith("#"):
        return None
    ra_deg, dec_deg = (float(found[1]), float(found[2])) if found else (math.nan, math.nan)
    if not (0 <= ra_deg <= 360 and -90 <= dec_deg <= 90):
        raise SesameError("Sesame does not answer properly: there is no position where one is due.")
    return ra_deg, dec_deg


def _read_asked(database: Database) -> frozenset[str]:
    return frozenset(
        row.target_name for row in database.read(select(tables.NamedPosition.target_name))
    )


def _store(database: Database, answers: dict[str, tuple[float, float] | None]) -> None:
    now = datetime.now(UTC)
    rows: Iterable[dict[str, object]] = [
        {
            "target_name": name,
            "ra_deg": None if answer is None else answer[0],
            "dec_deg": None if answer is None else answer[1],
            "asked_at": now,
        }
        for name, answer in answers.items()
    ]
    with database.write() as writer:
        writer.upsert(tables.NamedPosition, rows)
