"""State what was put into an observation of a camera, for whoever wants to find it again."""

import json
from dataclasses import dataclass

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.pixels import bad_column, cosmic_ray_flag
from hstql_resources.archive.simulated.cameras.products import Simulation
from hstql_resources.archive.simulated.cameras.scene import (
    GALAXY_PLACE,
    SKY_RATE,
    Star,
    find_pixel,
    find_stars,
)
from hstql_resources.archive.simulated.sky.truth import Truth


@dataclass(frozen=True)
class FrameTruth:
    """What is in the science pixels of a chip.

    Attributes
    ----------
    extver, chip : int
        Version of its extensions, and its CCDCHIP.
    hot_pixels : int
        How many there are; DQ 16 in flt.
    cosmic_ray_pixels : int
        How many pixels a cosmic ray touched; flagged in flt only where `flag` is not 0.
    cosmic_ray_fraction : float
        The same over the number of pixels.
    bad_column : int, optional
        Column of science pixels, counted from 0, that sees nothing; DQ 4 in flt.
    galaxy : tuple of float
        Middle of the galaxy [science pixel, 0 is the centre of the first]; maybe outside.
    """

    extver: int
    chip: int
    rows: int
    columns: int
    hot_pixels: int
    cosmic_ray_pixels: int
    cosmic_ray_fraction: float
    bad_column: int | None
    galaxy: tuple[float, float]


@dataclass(frozen=True)
class ExposureTruth(Truth):
    """What was put into one exposure.

    Attributes
    ----------
    bias_dn, read_noise_e, gain : dict
        Bias level [DN], noise of one read [electron] and gain [electron/DN] of each amplifier.
    dark_rate_e_per_s : float
        Dark current of a pixel that is not hot.
    sky_rate_e_per_s : float
        Light of the empty sky in a pixel; 0 where it is not seen.
    cosmic_ray_flag : int
        What pixels with a cosmic ray are flagged with in flt; 0 if with nothing.
    frames : list of FrameTruth
        One for each chip.
    stars : list of Star
        All of them.
    """

    image_type: str
    detector: str
    start_mjd: float
    exposure_time_s: float
    binning: int
    bias_dn: dict[str, float]
    read_noise_e: dict[str, float]
    gain: dict[str, float]
    dark_rate_e_per_s: float
    sky_rate_e_per_s: float
    cosmic_ray_flag: int
    frames: list[FrameTruth]
    stars: list[Star]


def state_truth(simulation: Simulation) -> ExposureTruth:
    """Return what was put into an exposure."""
    exposure, detector = simulation.exposure, simulation.exposure.detector
    return ExposureTruth(
        rootname=exposure.rootname,
        target=exposure.target.name,
        seed=exposure.seed,
        image_type=exposure.slot.image_type,
        detector=detector.name,
        start_mjd=exposure.start_mjd,
        exposure_time_s=exposure.exposure_s,
        binning=exposure.binning,
        bias_dn=dict(detector.bias_dn),
        read_noise_e=dict(detector.read_noise_e),
        gain=dict(detector.gain),
        dark_rate_e_per_s=exposure.dark_rate,
        sky_rate_e_per_s=SKY_RATE if exposure.slot.is_external else 0.0,
        cosmic_ray_flag=cosmic_ray_flag(exposure),
        frames=_state_frames(simulation),
        stars=find_stars(exposure),
    )


def state_association(exposure: Exposure) -> str:
    """Return what an association is made of, as the text of a JSON file."""
    members = [place.rootname for place in exposure.place.members]
    truth = {
        "rootname": exposure.rootname,
        "target": exposure.target.name,
        "seed": exposure.seed,
        "members": members,
        "exposure_time_s": exposure.exposure_s,
    }
    return json.dumps(truth, indent=1) + "\n"


def _state_frames(simulation: Simulation) -> list[FrameTruth]:
    frames = []
    for images in simulation.calibrated:
        frame, touched = images.frame, int(images.cosmic_rays.sum())
        column, row = find_pixel(frame, *GALAXY_PLACE)
        frames.append(
            FrameTruth(
                extver=frame.extver,
                chip=frame.chip.number,
                rows=frame.rows,
                columns=frame.columns,
                hot_pixels=int(images.hot.sum()),
                cosmic_ray_pixels=touched,
                cosmic_ray_fraction=touched / (frame.rows * frame.columns),
                bad_column=bad_column(frame),
                galaxy=(round(column, 3), round(row, 3)),
            )
        )
    return frames
