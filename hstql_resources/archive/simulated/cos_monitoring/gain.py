"""Plan exposures that show the gain of the FUV detector, and how it falls over two years.

At each epoch a few patches of both segments are lit evenly. The gain of a patch falls with the
light that it has seen, which is a steady flow: some patches lose their gain within the two years.
The files are made in `gain_files`.
"""

import json
from dataclasses import dataclass
from types import MappingProxyType

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import G130M, TICK_S, Configuration
from hstql_resources.archive.simulated.cos_monitoring.epochs import (
    FIRST_MJD,
    EpochPlace,
    epoch_mjd,
)
from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.observing_program import Target
from hstql_resources.archive.simulated.sky.orbit import Orbit
from hstql_resources.archive.simulated.sky.spectrum import Spectrum
from hstql_resources.archive.simulated.sky.variability import Variability

HOURS_AFTER_EPOCH = 6.0  # after the exposures for other monitors
DURATION_S = 600.0
COLUMN_PIXELS, ROW_PIXELS = 8, 2  # of a superpixel
EVENTS_PER_SUPERPIXEL = 400.0  # in one exposure
FLUENCE_PER_DAY = 1000.0  # events of a superpixel, from all exposures that there would be
PEAK_WIDTH = 1.1  # of the pulse heights before they become whole numbers
BACKGROUND_EVENTS = 1500  # all over a segment, of all pulse heights


@dataclass(frozen=True)
class Patch:
    """A rectangle of superpixels that is lit.

    Attributes
    ----------
    segment : str
        FUVA or FUVB.
    x, y : int
        First column and row of superpixels.
    columns, rows : int
        Number of superpixels.
    first_gain : float
        Modal gain at FIRST_MJD, pulse height.
    loss : float
        Fall of the gain for 1e6 events of a superpixel, pulse height.
    """

    segment: str
    x: int
    y: int
    columns: int
    rows: int
    first_gain: float
    loss: float

    @property
    def superpixels(self) -> int:
        """How many there are."""
        return self.columns * self.rows


PATCHES = load_data("cos_monitoring/gain", dict[str, tuple[Patch, ...]])["patches"]


def fluence(mjd: float) -> float:
    """Return how many events each superpixel of a patch has had since FIRST_MJD."""
    return FLUENCE_PER_DAY * (mjd - FIRST_MJD)


def modal_gain(patch: Patch, mjd: float) -> float:
    """Return the modal gain of a patch [pulse height] at an MJD; it falls with the fluence."""
    return patch.first_gain - patch.loss * 1e-6 * fluence(mjd)


def list_patches(segment: str) -> list[Patch]:
    """Return the patches of a segment."""
    return [patch for patch in PATCHES if patch.segment == segment]


class GainPlace(EpochPlace):
    """Where an exposure for the gain stands in the program; its number is that of its epoch."""

    letters = MappingProxyType({"FUV": "lg"})
    first_index = 60_000_000

    @property
    def configuration(self) -> Configuration:
        """The instrument setting, for its two segments."""
        return G130M

    @property
    def start_mjd(self) -> float:
        """Start of the exposure, MJD UTC."""
        return epoch_mjd(self.epoch) + HOURS_AFTER_EPOCH / 24.0


def make_gain_exposure(seed: int, place: GainPlace) -> Exposure:
    """Return an exposure: the same for the same seed, whatever else exists."""
    target = Target("ANY", 0.0, 0.0, Spectrum(flux_1300=0.0), Variability(kind="constant"))
    ticks = round(DURATION_S / TICK_S)
    return Exposure(place, target, ticks, None, Orbit(0.0, 0.0), 0.0, 0.0, seed)


def state_gain_truth(exposure: Exposure) -> str:
    """Return what was put into an exposure as JSON: the modal gain of each patch."""
    mjd = exposure.place.start_mjd
    patches = [
        {
            **{name: getattr(patch, name) for name in ("segment", "x", "y", "columns", "rows")},
            "modal_gain": modal_gain(patch, mjd),
            "peak_width": PEAK_WIDTH,
            "events_per_superpixel": EVENTS_PER_SUPERPIXEL,
        }
        for patch in PATCHES
    ]
    truth = {"rootname": exposure.rootname, "start_mjd": mjd, "patches": patches}
    return json.dumps(truth, indent=1) + "\n"
