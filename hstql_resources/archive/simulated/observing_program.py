"""Plan what all simulated instruments share: targets, proposals, rootnames, dates.

A proposal has the same three targets for every instrument, so that a target has lightcurves
of several; which exposures each instrument makes of them is in its own catalogue.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date

import numpy as np

from hstql_resources.archive.protocol import Proposal
from hstql_resources.archive.simulated.sky.fitsfile import Values
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S
from hstql_resources.archive.simulated.sky.spectrum import Spectrum
from hstql_resources.archive.simulated.sky.variability import Variability
from hstql_resources.times import SECONDS_PER_DAY, mjd_to_datetime

KINDS = ("CONSTANT", "SINE", "ECLIPSE")
MAXIMUM_PROPOSALS = 36**2
FIRST_PROPOSAL_ID = 90000  # above those of real proposals
TITLE = "Simulated observations with known truth"
INVESTIGATOR_LAST, INVESTIGATOR_FIRST = "Simulator", "Sam"
GOLDEN_RATIO = 0.6180339887498949  # its multiples modulo 1 are spread evenly, however many

CLOCK = "%Y.%j:%H:%M:%S"  # how the telescope writes a time
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
FIRST_CYCLE = 25  # which began in October 2017, when the first exposures were taken
CYCLES = 4


class Place(ABC):
    """Where an exposure stands in the observing program; all counts begin at 0."""

    index: int

    @property
    @abstractmethod
    def rootname(self) -> str:
        """Nine lower-case characters: letters of the instrument, three counts, `q`."""

    @property
    @abstractmethod
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""

    @property
    def start_date(self) -> date:
        """Day of the observation, UTC."""
        return mjd_to_datetime(self.start_mjd).date()

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number]


class Observation:
    """What the exposures of all instruments have."""

    place: Place
    target: "Target"
    seed: int

    @property
    def rootname(self) -> str:
        """Nine lower-case characters."""
        return self.place.rootname

    def random_stream(self, number: int) -> np.random.Generator:
        """Return the exposure's own stream of random numbers of that number."""
        return np.random.default_rng([self.seed, *self.place.random_key(number)])


@dataclass(frozen=True)
class Target:
    """A simulated star; all exposures of it share this."""

    name: str
    ra_deg: float
    dec_deg: float
    spectrum: Spectrum
    variability: Variability


def make_target(seed: int, proposal: int, number: int) -> Target:
    """Return one of the targets of a proposal; those of the first have plain names."""
    rng = np.random.default_rng([seed, proposal, number, 1])
    suffix = f"-{proposal:04d}" if proposal else ""
    return Target(
        name=f"SIM-{KINDS[number]}{suffix}",
        ra_deg=round(rng.uniform(0.0, 360.0), 8),
        dec_deg=round(float(np.rad2deg(np.arcsin(rng.uniform(-0.95, 0.95)))), 8),
        spectrum=Spectrum(flux_1300=float(f"{rng.uniform(1.0, 1.5) * 1e-15:.4g}")),
        variability=_make_variability(rng, KINDS[number]),
    )


def schedule(number: int, exposure: int, first_mjd: float, last_mjd: float) -> float:
    """Return the start of an exposure [MJD UTC]: one orbit after the last one of its visit.

    Parameters
    ----------
    number : int
        Of the visit to one target, over all proposals.
    exposure : int
        Which one of that visit, from 0.
    first_mjd, last_mjd : float
        Between which the visits are spread.
    """
    visit_mjd = first_mjd + (number * GOLDEN_RATIO) % 1.0 * (last_mjd - first_mjd)
    return visit_mjd + exposure * PERIOD_S / SECONDS_PER_DAY


def observation_values(
    place: Place, target: Target, filename: str, line: int | None = None
) -> Values:
    """Return what the headers of all files of an exposure say: names, target, proposal, dates.

    Parameters
    ----------
    place : Place
        Whose rootname says the proposal.
    target : Target
        What it looks at.
    filename : str
        Of the file.
    line : int, optional
        Number of the exposure in its visit, from 1; else what the rootname has.
    """
    rootname, start = place.rootname, mjd_to_datetime(place.start_mjd)
    next_mjd = place.start_mjd + 1.0
    return {
        "DATE": mjd_to_datetime(next_mjd).date().isoformat(),
        "FILENAME": filename,
        "ROOTNAME": rootname,
        "EXPNAME": rootname,
        "TARGNAME": target.name,
        **dict.fromkeys(("RA_TARG", "RA_V1", "RA_APER"), target.ra_deg),
        **dict.fromkeys(("DEC_TARG", "DEC_V1", "DEC_APER"), target.dec_deg),
        "PROPOSID": FIRST_PROPOSAL_ID + int(rootname[2:4], 36),
        "LINENUM": f"{rootname[4:6].upper()}.{line or int(rootname[6:8], 36):03d}",
        "PR_INV_L": INVESTIGATOR_LAST,
        "PR_INV_F": INVESTIGATOR_FIRST,
        "PR_INV_M": "",
        "OBSET_ID": rootname[4:6].upper(),
        "PROPTTL1": TITLE,
        "PROGRMID": rootname[1:4].upper(),
        "OBSERVTN": rootname[6:8].upper(),
        "PROCTIME": next_mjd,
        "PSTRTIME": f"{start:{CLOCK}}",
        "DATE-OBS": f"{start:%Y-%m-%d}",
        "TIME-OBS": f"{start:%H:%M:%S}",
        "EXPSTART": place.start_mjd,
    }


def name_exposure(letters: str, proposal: int, visit: int, exposure: int) -> str:
    """Return a rootname: two letters, then three counts in base 36, then `q`.

    Parameters
    ----------
    letters : str
        The first two characters, the first of which says the instrument.
    proposal, visit, exposure : int
        Each less than 36 squared.
    """
    counts = (DIGITS[count // 36] + DIGITS[count % 36] for count in (proposal, visit, exposure))
    return letters + "".join(counts) + "q"


def read_rootname(rootname: str) -> tuple[int, int, int] | None:
    """Return the three counts of a rootname; None if they are none."""
    try:
        proposal, visit, exposure = (int(rootname[i : i + 2], 36) for i in (2, 4, 6))
    except ValueError:
        return None
    return proposal, visit, exposure


def _make_variability(rng: np.random.Generator, kind: str) -> Variability:
    if kind == "SINE":
        return Variability(
            kind="sinusoidal",
            period_s=round(rng.uniform(30.0, 60.0), 3),
            amplitude=round(rng.uniform(0.3, 0.6), 3),
        )
    if kind == "ECLIPSE":
        period_s = round(rng.uniform(90.0, 140.0), 3)
        return Variability(
            kind="eclipsing",
            period_s=period_s,
            eclipse_duration_s=round(0.2 * period_s, 3),
            eclipse_ingress_s=round(0.03 * period_s, 3),
            eclipse_depth=round(rng.uniform(0.6, 0.9), 3),
        )
    return Variability(kind="constant")


def describe_proposal(proposal_id: int) -> Proposal | None:
    """Return a proposal of the observing program; None if it is not part of it."""
    number = proposal_id - FIRST_PROPOSAL_ID
    if not 0 <= number < MAXIMUM_PROPOSALS:
        return None
    return Proposal(
        title=TITLE,
        proposal_type="GO",
        investigator_last=INVESTIGATOR_LAST,
        investigator_first=INVESTIGATOR_FIRST,
        cycle=FIRST_CYCLE + number % CYCLES,
    )
