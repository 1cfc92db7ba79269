"""Plan target acquisitions over two years: ACQ/IMAGE, ACQ/PEAKXD and ACQ/PEAKD at each epoch.

The telescope points off by an offset that each guidance sensor has, which drifts, and jumps on two
days. The image shows the target that far off, and its slew takes the offset away; the two peaks
correct what is left. One target was not where the proposal said, one acquisition failed.
"""

import json
from dataclasses import asdict, dataclass

import numpy as np

from hstql_resources.archive.simulated.cos_monitoring.epochs import FIRST_MJD, YEAR_DAYS, epoch_mjd
from hstql_resources.archive.simulated.observing_program import (
    KINDS,
    Observation,
    Place,
    Target,
    make_target,
    name_exposure,
)
from hstql_resources.times import SECONDS_PER_DAY

LETTERS = "la"
SENSORS = ("F1", "F2", "F3")  # of the visits in turn
ACQUISITIONS = ("ACQ/IMAGE", "ACQ/PEAKXD", "ACQ/PEAKD")  # of a visit, in order of time
VISITS_PER_PROPOSAL = 30
SECONDS_APART = 600.0

# Days on which the offsets jump: realignment of the sensors, and of the star trackers.
JUMP_MJD = (58835.0, 58998.0)  # 2019.352 and 2020.150
# V2 and V3 of each sensor [arcsec]: offset at the first epoch, jumps; and slope [arcsec/yr].
OFFSETS = {"F1": (-0.20, 0.10), "F2": (0.15, -0.25), "F3": (0.05, 0.30)}
JUMPS = {
    "F1": ((0.40, -0.30), (-0.25, 0.20)),
    "F2": ((-0.35, 0.45), (0.30, -0.20)),
    "F3": ((-0.30, -0.35), (0.20, 0.30)),
}
SLOPES = {"F1": (-0.08, 0.05), "F2": (0.06, 0.10), "F3": (0.12, -0.09)}
BLIND_SCATTER_ARCSEC = 0.05  # along each axis: coordinates of targets and guide stars
PEAK_SCATTER_ARCSEC = 0.08
OUTLIER_VISIT, OUTLIER_SLEW_ARCSEC = 4, (1.9, 1.5)
FAILED_VISIT = 5

SETTINGS = (("PSA", "MIRRORA"), ("PSA", "MIRRORB"), ("PSA", "MIRRORA"), ("BOA", "MIRRORA"))
# Detector column and row of the lamp [pixel] at the first epoch, and drift of the column.
LAMPS = {"MIRRORA": (540.0, 810.0), "MIRRORB": (330.0, 812.0)}
LAMP_DRIFT_PER_YEAR = -8.0
_STREAM = 70_000_000  # of random numbers, apart from those of other parts


@dataclass(frozen=True)
class AcquisitionPlace(Place):
    """Where an index stands: three acquisitions of each visit."""

    index: int

    @property
    def visit(self) -> int:
        """Number of the epoch, from 0."""
        return self.index // len(ACQUISITIONS)

    @property
    def number(self) -> int:
        """Which acquisition of the visit, from 0."""
        return self.index % len(ACQUISITIONS)

    @property
    def proposal(self) -> int:
        """Number of the proposal, from 0."""
        return self.visit // VISITS_PER_PROPOSAL

    @property
    def rootname(self) -> str:
        """`la`, then proposal, visit and exposure in base 36, then `q`."""
        visit = self.visit % VISITS_PER_PROPOSAL
        return name_exposure(LETTERS, self.proposal, visit + 1, self.number + 1)

    @property
    def kind(self) -> str:
        """EXPTYPE."""
        return ACQUISITIONS[self.number]

    @property
    def sensor(self) -> str:
        """The guidance sensor of the dominant guide star."""
        return SENSORS[self.visit % len(SENSORS)]

    @property
    def detector(self) -> str:
        """FUV or NUV; images are always of the NUV detector."""
        return "NUV" if self.number == 0 or self.visit % 4 == 3 else "FUV"

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        return epoch_mjd(self.visit) + self.number * SECONDS_APART / SECONDS_PER_DAY

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [_STREAM + self.index, number]


@dataclass(frozen=True)
class Acquisition(Observation):
    """One acquisition and everything true about it.

    Attributes
    ----------
    slew_x, slew_y : float or None
        Along and across the dispersion [arcsec], as the header has it: to 0.001 arcsec.
    lamp : tuple of float or None
        Detector column and row of the lamp [pixel]; images only.
    seed : int
        The archive's seed.
    """

    place: AcquisitionPlace
    target: Target
    aperture: str
    opt_elem: str
    slew_x: float | None
    slew_y: float | None
    is_failed: bool
    lamp: tuple[float, float] | None
    seed: int


def guess_index(_: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    visits = proposal * VISITS_PER_PROPOSAL + visit - 1
    return visits * len(ACQUISITIONS) + exposure - 1


def pointing_offset(sensor: str, mjd: float) -> tuple[float, float]:
    """Return the offset of a sensor along V2 and V3 [arcsec] at a time [MJD UTC]."""
    years = (mjd - FIRST_MJD) / YEAR_DAYS
    jumps = [jump for day, jump in zip(JUMP_MJD, JUMPS[sensor], strict=True) if mjd >= day]
    v2, v3 = (
        OFFSETS[sensor][axis] + SLOPES[sensor][axis] * years + sum(jump[axis] for jump in jumps)
        for axis in (0, 1)
    )
    return v2, v3


def lamp_pixel(mirror: str, mjd: float) -> tuple[float, float]:
    """Return column and row of the lamp [pixel] with a mirror at a time [MJD UTC]."""
    column, row = LAMPS[mirror]
    return column + LAMP_DRIFT_PER_YEAR * (mjd - FIRST_MJD) / YEAR_DAYS, row


def make_acquisition(seed: int, place: AcquisitionPlace) -> Acquisition:
    """Return the acquisition at a place."""
    rng = np.random.default_rng([seed, *place.random_key(0)])
    aperture, mirror = SETTINGS[place.visit % len(SETTINGS)]
    is_image = place.number == 0
    is_failed = is_image and place.visit == FAILED_VISIT
    x, y = (0.0, 0.0) if is_failed else _draw_slew(rng, place)
    column, row = lamp_pixel(mirror, place.start_mjd)
    return Acquisition(
        place=place,
        target=make_target(seed, place.proposal, place.visit % len(KINDS)),
        aperture=aperture if is_image else "PSA",
        opt_elem=mirror if is_image else _choose_grating(place),
        slew_x=None if place.kind == "ACQ/PEAKXD" else round(x, 3),
        slew_y=None if place.kind == "ACQ/PEAKD" else round(y, 3),
        is_failed=is_failed,
        lamp=(round(column, 1), row) if is_image else None,
        seed=seed,
    )


def state_acquisition_truth(acquisition: Acquisition) -> str:
    """Return what was put into an acquisition, as JSON."""
    place = acquisition.place
    v2, v3 = pointing_offset(place.sensor, place.start_mjd)
    truth = asdict(acquisition) | {
        "rootname": place.rootname,
        "target": acquisition.target.name,
        "start_mjd": place.start_mjd,
        "kind": place.kind,
        "sensor": place.sensor,
        "offset_v2_arcsec": v2,
        "offset_v3_arcsec": v3,
        "is_outlier": place.number == 0 and place.visit == OUTLIER_VISIT,
    }
    return json.dumps({key: value for key, value in truth.items() if key != "place"}, indent=1)


def _draw_slew(rng: np.random.Generator, place: AcquisitionPlace) -> tuple[float, float]:
    """Return the slew along and across the dispersion [arcsec]."""
    if place.number:
        x, y = rng.normal(0.0, PEAK_SCATTER_ARCSEC, 2)
        return float(x), float(y)
    if place.visit == OUTLIER_VISIT:
        return OUTLIER_SLEW_ARCSEC
    offset = pointing_offset(place.sensor, place.start_mjd)
    v2, v3 = -np.array(offset) + rng.normal(0.0, BLIND_SCATTER_ARCSEC, 2)
    # V2 = (x + y) / sqrt 2 and V3 = (x - y) / sqrt 2, the other way round.
    return float((v2 + v3) / np.sqrt(2.0)), float((v2 - v3) / np.sqrt(2.0))


def _choose_grating(place: AcquisitionPlace) -> str:
    return "G130M" if place.detector == "FUV" else "G225M"
