"""Trail the charge that traps have caught into the overscan behind a flat."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.lamps import lamp_rates
from hstql_resources.archive.simulated.cameras.trap_model import Traps, clock

# Per pixel of the frame, whatever its binning; of the size of real losses at 160 electrons.
TRAPS_PER_YEAR = {"UVIS": 0.0039, "WFC": 0.00064}
POWERS = {"UVIS": 0.28, "WFC": 0.5}
SHARES, TIMES = (0.4, 0.35, 0.25), (0.3, 0.8, 1.5)  # of three kinds; transfers
ALL_OF_A_TRAIL = 3000  # transfers, after which no trap holds anything


def add_trails(
    rng: np.random.Generator, exposure: Exposure, frame: Frame, raw: NDArray[np.float32]
) -> None:
    """Add what trails behind the light to a raw image [DN], shape of the raw frame."""
    for name, columns, light in _split(exposure, frame):
        rows = frame.above or frame.below
        behind = clock(light, find_traps(exposure), rows)[len(light) :]
        electrons = rng.poisson(behind[:, np.newaxis], (rows, len(columns)))
        digital = (electrons / frame.detector.gain[name]).astype(np.float32)
        if frame.chip.virtual_above:
            raw[frame.science_rows.stop :, columns] += digital
        else:
            raw[: frame.below, columns] += digital[::-1]


def state_losses(exposure: Exposure) -> dict[str, float] | None:
    """Return the loss per transfer of each amplifier; None where no trail can be seen.

    All that ever trails behind the last row, over that row and the number of transfers.
    """
    if not exposure.slot.virtual_rows:
        return None
    losses: dict[str, float] = {}
    for frame in exposure.frames:
        for name, _, light in _split(exposure, frame):
            arrived = clock(light, find_traps(exposure), ALL_OF_A_TRAIL)
            rows = len(light)
            losses[name] = float(arrived[rows:].sum() / (arrived[rows - 1] * rows))
    return losses


def find_traps(exposure: Exposure) -> Traps:
    """Return the traps of a detector, of which there are more every year."""
    name = exposure.detector.name
    return Traps(TRAPS_PER_YEAR[name] * exposure.years, POWERS[name], SHARES, TIMES)


def _split(
    exposure: Exposure, frame: Frame
) -> Iterator[tuple[str, NDArray[np.intp], NDArray[np.float64]]]:
    """Return name, raw columns, and light by row [electron] of each amplifier, as it is read."""
    light = lamp_rates(exposure, frame) * exposure.exposure_s
    half = frame.columns // 2
    for name, part in zip(frame.chip.amplifiers[0], (slice(half), slice(half, None)), strict=True):
        rows = light[:, part].mean(axis=1)
        in_order = rows if frame.chip.virtual_above else rows[::-1]
        yield name, frame.science_columns[part], in_order
