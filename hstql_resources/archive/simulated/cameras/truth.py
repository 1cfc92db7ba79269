"""State what was put into an observation of a camera, for whoever wants to find it again."""

from dataclasses import asdict

import numpy as np

from hstql_resources.archive.simulated.cameras.blob_catalogue import list_blobs
from hstql_resources.archive.simulated.cameras.bowtie_catalogue import BowtiePlace
from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.lamps import lamp_drift
from hstql_resources.archive.simulated.cameras.pixels import Calibrated, bad_column, cosmic_ray_flag
from hstql_resources.archive.simulated.cameras.products import Simulation
from hstql_resources.archive.simulated.cameras.ramps import reference_offsets
from hstql_resources.archive.simulated.cameras.scene import (
    GALAXY_PLACE,
    SKY_RATE,
    find_area,
    find_pixel,
    find_stars,
)
from hstql_resources.archive.simulated.cameras.snowballs import fall
from hstql_resources.archive.simulated.cameras.standard_stars import StandardPlace
from hstql_resources.archive.simulated.cameras.star_light import share_within
from hstql_resources.archive.simulated.cameras.telegraph import find_steps
from hstql_resources.archive.simulated.cameras.trails import state_losses
from hstql_resources.archive.simulated.cameras.traps import persistence_rates
from hstql_resources.archive.simulated.sky.truth import Truth, name_observation


def state_truth(simulation: Simulation) -> Truth:
    """Return what was put into an exposure.

    Notes
    -----
    bias_dn, read_noise_e, gain
        Bias level [DN], noise of one read [electron] and gain [electron/DN] of each amplifier.
    reference_offsets_dn
        By how much all levels of each read are above the bias levels [DN], the zeroth read first;
        none of detectors that are read once.
    dark_rate_e_per_s
        Dark current of a pixel that is not hot.
    lamp_drift
        How bright the lamp of a flat is, over what it is meant to be; none of others.
    bowtie_offset
        By how much the efficiency of a flat is off where the bowtie is strongest, as a fraction;
        none of others.
    telegraph_pixels
        How many pixels of a yearly dark of the infrared detector go between two levels of dark
        current; 0 of others.
    persistence_above_003, highest_persistence_e_per_s
        Share of the pixels of the infrared detector with more than 0.03 electron/s of persistence,
        and the most that one has; none of others.
    transfer_losses
        Share of its charge that a packet loses in a transfer, of each amplifier of a flat with a
        larger overscan; none of others.
    flash_e
        Light of the post-flash [electron]; in flt it is taken off.
    sky_rate_e_per_s
        Light of the empty sky in a pixel; 0 where it is not seen.
    standard
        Light of the standard star [electron/s], its shares within 3 and 10 pixels, what it gains
        in a year, and the area of its pixels over a nominal one; none of others.
    cosmic_ray_flag
        What pixels with a cosmic ray are flagged with in flt; 0 if with nothing.
    """
    exposure, detector = simulation.exposure, simulation.exposure.detector
    is_infrared = detector.name == "IR"
    left = persistence_rates(exposure, exposure.frames[0]) if is_infrared else None
    return {
        **name_observation(exposure),
        "image_type": exposure.slot.image_type,
        "detector": detector.name,
        "start_mjd": exposure.start_mjd,
        "exposure_time_s": exposure.exposure_s,
        "binning": exposure.binning,
        "bias_dn": detector.bias_dn,
        "read_noise_e": detector.read_noise_e,
        "gain": detector.gain,
        "reference_offsets_dn": _state_offsets(exposure),
        "dark_rate_e_per_s": exposure.dark_rate,
        "lamp_drift": lamp_drift(exposure) if exposure.slot.lamp_e else None,
        "bowtie_offset": (
            exposure.place.offset if isinstance(exposure.place, BowtiePlace) else None
        ),
        "persistence_above_003": None if left is None else float((left > 0.03).mean()),
        "highest_persistence_e_per_s": None if left is None else float(left.max()),
        "telegraph_pixels": int(np.count_nonzero(find_steps(exposure, exposure.frames[0]))),
        "transfer_losses": state_losses(exposure),
        "flash_e": exposure.slot.flash_e,
        "sky_rate_e_per_s": SKY_RATE if exposure.slot.is_external else 0.0,
        "cosmic_ray_flag": cosmic_ray_flag(exposure),
        "frames": [_state_frame(image) for image in simulation.calibrated],
        "snowballs": [asdict(one) for one in fall(exposure)] if detector.name == "IR" else [],
        "standard": _state_standard(exposure),
        "blobs": [asdict(one) for one in list_blobs(exposure)],
        "stars": [asdict(star) for star in find_stars(exposure)],
    }


def _state_standard(exposure: Exposure) -> Truth | None:
    place = exposure.place
    if not isinstance(place, StandardPlace):
        return None
    return {
        "rate_e_per_s": place.rate,
        "within_3": share_within(exposure, 3.0),
        "within_10": share_within(exposure, 10.0),
        "growth_per_year": place.slot.star_growth,
        "pixel_area": find_area(exposure, exposure.frames[0]),
    }


def _state_offsets(exposure: Exposure) -> list[int] | None:
    if exposure.detector.name != "IR":
        return None
    return [int(offset) for offset in reference_offsets(exposure)]


def state_association(exposure: Exposure) -> Truth:
    """Return what an association is made of."""
    return {
        **name_observation(exposure),
        "members": [place.rootname for place in exposure.place.members],
        "exposure_time_s": exposure.exposure_s,
    }


def _state_frame(image: Calibrated) -> Truth:
    """Return what is in the science pixels of a chip.

    Notes
    -----
    extver, chip
        Version of its extensions, and its CCDCHIP.
    hot_pixels
        How many there are; DQ 16 in flt.
    cosmic_ray_pixels, cosmic_ray_fraction
        How many pixels a cosmic ray touched; flagged in flt only where the flag is not 0.
    bad_column
        Column of science pixels, counted from 0, that sees nothing; DQ 4 in flt.
    galaxy
        Middle of the galaxy [science pixel, 0 is the centre of the first]; maybe outside.
    """
    frame, touched = image.frame, int(image.cosmic_rays.sum())
    column, row = find_pixel(frame, *GALAXY_PLACE)
    return {
        "extver": frame.extver,
        "chip": frame.chip.number,
        "rows": frame.rows,
        "columns": frame.columns,
        "hot_pixels": int(image.hot.sum()),
        "cosmic_ray_pixels": touched,
        "cosmic_ray_fraction": touched / (frame.rows * frame.columns),
        "bad_column": bad_column(frame),
        "galaxy": (round(column, 3), round(row, 3)),
    }
