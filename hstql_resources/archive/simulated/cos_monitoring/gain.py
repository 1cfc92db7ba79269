"""Make exposures that show the gain of the FUV detector, and how it falls over two years.

At each epoch a few patches of both segments are lit evenly. The gain of a patch falls with the
light that it has seen, which is a steady flow: some patches lose their gain within the two years.
"""

import json
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import Events
from hstql_resources.archive.simulated.cos.instrument import G130M, TICK_S, Configuration, Readout
from hstql_resources.archive.simulated.cos.products import Simulation
from hstql_resources.archive.simulated.cos_monitoring.epochs import FIRST_MJD, EpochPlace, epoch_mjd
from hstql_resources.archive.simulated.cos_monitoring.events import Counts, list_events
from hstql_resources.archive.simulated.cos_monitoring.stims import add_stims, stim_values
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
HIGHEST = 31
Places = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]


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


def simulate_gain(exposure: Exposure) -> Simulation:
    """Return an exposure for the gain, whose events are drawn when they are asked for."""
    values = stim_values(exposure.duration_s)
    return Simulation(exposure, draw_gain_events, values, ("calibrated", "light", "stims"))


def draw_gain_events(exposure: Exposure, readout: Readout) -> Events:
    """Return the events of one segment: patches, background and stim pulses."""
    rng = exposure.random_stream(1 + exposure.configuration.readouts.index(readout))
    mjd = exposure.place.start_mjd
    parts = [_light_patch(rng, patch, mjd) for patch in list_patches(readout.segment)]
    parts.append(_draw_background(rng, readout))
    x, y, heights = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    time_s = rng.uniform(0.0, exposure.duration_s, x.size)
    counts = add_stims(rng, exposure, readout, Counts(time_s, x, y, heights))
    single = counts._replace(x=counts.x.astype(np.float32), y=counts.y.astype(np.float32))
    return list_events(exposure, readout, single)


def _light_patch(rng: np.random.Generator, patch: Patch, mjd: float) -> Places:
    size = rng.poisson(EVENTS_PER_SUPERPIXEL * patch.superpixels)
    # A pixel reaches from half a pixel before its number to half a pixel behind.
    x = rng.uniform(0.0, patch.columns * COLUMN_PIXELS, size) + patch.x * COLUMN_PIXELS - 0.5
    y = rng.uniform(0.0, patch.rows * ROW_PIXELS, size) + patch.y * ROW_PIXELS - 0.5
    heights = np.rint(rng.normal(modal_gain(patch, mjd), PEAK_WIDTH, size))
    return x, y, np.clip(heights, 0, HIGHEST).astype(np.uint8)


def _draw_background(rng: np.random.Generator, readout: Readout) -> Places:
    size = rng.poisson(BACKGROUND_EVENTS)
    x, y = readout.spread(rng, size)
    return x, y, rng.integers(0, HIGHEST + 1, size, dtype=np.uint8)
