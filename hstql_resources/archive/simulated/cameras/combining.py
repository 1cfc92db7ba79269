"""Combine all exposures of an association, or one, as the pipelines do: crj, crc, drz, drc."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure, make_exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.image_values import (
    coordinate_values,
    describe_pixels,
)
from hstql_resources.archive.simulated.cameras.pixels import (
    COSMIC_RAY,
    DRIZZLE_COSMIC_RAY,
    Calibrated,
)
from hstql_resources.archive.simulated.cameras.products import Simulation
from hstql_resources.archive.simulated.cameras.writing import Writer
from hstql_resources.archive.simulated.cards import load_cards
from hstql_resources.archive.simulated.sky.fitsfile import Values

REJECTED = COSMIC_RAY | DRIZZLE_COSMIC_RAY
DRIZZLE_STREAM = 95
ALL_CHIPS = -999  # the CCDCHIP of an image of several

Floats = NDArray[np.float32]


class Combination:
    """The exposures that a product is made of, drawn once."""

    def __init__(self, exposure: Exposure) -> None:
        self.exposure = exposure
        places = exposure.place.members or [exposure.place]
        self.members = [
            Simulation(make_exposure(exposure.seed, place, exposure.binning)) for place in places
        ]


def make_rejected(combination: Combination, filename: str, has_cte: bool = False) -> bytes:
    """Return a crj file, or a crc file: the sum of the exposures, without the cosmic rays."""
    exposure = combination.exposure
    tags = ("calibrated", "combined", *(("cte",) if has_cte else ()))
    writer = Writer(exposure, tags, is_raw=False)
    parts: list[bytes] = []
    for images in zip(*(member.calibrated for member in combination.members), strict=True):
        frame = images[0].frame
        values: Values = {"EXTVER": frame.extver, "NCOMBINE": len(images)}
        parts += writer.triplet(frame, _sum_up(images), "ELECTRONS", values)
    return writer.finish(filename, _time_values(exposure, has_cte), parts)


def make_drizzled(combination: Combination, filename: str, has_cte: bool = False) -> bytes:
    """Return a drz file, or a drc file: the chips in one image, a second of it, and its weight."""
    exposure = combination.exposure
    writer = Writer(exposure, ("drizzled", *(("cte",) if has_cte else ())), is_raw=False)
    images = [_assemble(member) for member in combination.members]
    weight: Floats = np.array([weight for _, weight in images]).sum(axis=0)
    light: Floats = np.array([rate * weight for rate, weight in images]).sum(axis=0)
    science = np.divide(light, weight, out=np.zeros_like(light), where=weight > 0.0)
    context = np.zeros(weight.shape, dtype=np.int32)
    for bit, (_, one) in enumerate(images):
        context |= (one > 0.0).astype(np.int32) << bit
    frame = exposure.frames[0]
    described = {**describe_pixels(science), **_mosaic_values(exposure, frame), "EXTVER": 1}
    described["NCOMBINE"] = len(images)
    parts = [
        writer.extension(frame, "SCI", science, "ELECTRONS/S", described),
        writer.extension(frame, "WHT", weight, "UNITLESS", described),
        writer.extension(frame, "CTX", context, "UNITLESS", described),
    ]
    values = {**_time_values(exposure, has_cte), "NDRIZIM": len(images) * len(exposure.frames)}
    return writer.finish(filename, values, parts, _drizzle_cards(combination, filename, has_cte))


def _sum_up(images: Sequence[Calibrated]) -> tuple[Floats, Floats, NDArray[np.int16]]:
    """Return the sum; where one exposure has a cosmic ray, the others stand for it.

    SCI, ERR [electron] and DQ, shape of the frame.
    """
    good = np.array([(one.flags & REJECTED) == 0 for one in images])
    share = good.sum(axis=0)
    # A pixel that all of them lost is kept as it is.
    weights = np.where(share > 0, good * (len(images) / np.maximum(share, 1)), 1.0)
    weighted = list(zip(images, weights, strict=True))
    science = np.sum([one.science * weight for one, weight in weighted], axis=0)
    variance = np.sum([(one.error * weight) ** 2 for one, weight in weighted], axis=0)
    flags = np.bitwise_or.reduce([one.flags & ~REJECTED for one in images])
    flags[share == 0] |= COSMIC_RAY
    return science.astype(np.float32), np.sqrt(variance).astype(np.float32), flags


def _assemble(simulation: Simulation) -> tuple[Floats, Floats]:
    """Return the chips of an exposure with their gap, and the weight: the time of good pixels."""
    exposure = simulation.exposure
    images = simulation.calibrated
    gap = exposure.detector.gap_rows // exposure.binning
    rows = sum(one.frame.rows for one in images) + gap * (len(images) - 1)
    rate = np.zeros((rows, images[0].frame.columns), dtype=np.float32)
    weight = np.zeros_like(rate)
    bottom = 0
    for one in images:
        box = slice(bottom, bottom + one.frame.rows)
        time_s = np.float32(1.0 if simulation.is_ramp else exposure.exposure_s)
        rate[box] = one.science / time_s
        weight[box] = np.where((one.flags & REJECTED) == 0, np.float32(exposure.exposure_s), 0.0)
        bottom += one.frame.rows + gap
    return rate, weight


def _mosaic_values(exposure: Exposure, frame: Frame) -> Values:
    values = coordinate_values(exposure, frame, is_raw=False)
    chip = frame.chip.number if len(exposure.detector.chips) == 1 else ALL_CHIPS
    return {**values, "CCDCHIP": chip}


def _time_values(exposure: Exposure, has_cte: bool) -> Values:
    total_s = exposure.exposure_s
    return {"TEXPTIME": total_s, "PCTECORR": "COMPLETE" if has_cte else "OMIT"}


def _drizzle_cards(combination: Combination, filename: str, has_cte: bool) -> str:
    """Return the cards D001VER, D001DATA ... of every chip of every exposure."""
    exposure = combination.exposure
    cards = load_cards("cameras/drizzle_input")
    rng = exposure.random_stream(DRIZZLE_STREAM)
    kind = "flc" if has_cte else "flt"
    scale = exposure.detector.scale_arcsec * exposure.binning
    texts: list[str] = []
    for member in combination.members:
        for frame in exposure.frames:
            name = f"{member.exposure.rootname}_{kind}.fits[sci,{frame.extver}]"
            values: Values = {
                "D001DATA": name,
                "D001DEXP": member.exposure.exposure_s,
                "D001OUDA": filename,
                "D001OUWE": filename.replace(".fits", "_wht.fits"),
                "D001OUCO": filename.replace(".fits", "_ctx.fits"),
                "D001MASK": f"{member.exposure.rootname}_sci{frame.extver}_mask.fits",
                "D001SCAL": scale,
                "D001ISCL": scale,
            }
            number = f"D{len(texts) + 1:03d}"
            texts.append(cards.fill(values, rng).replace("D001", number))
    return "".join(texts)
