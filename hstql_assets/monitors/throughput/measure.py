"""Measure the light of the standard star of one exposure: a worker's task, from a file to a row."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import draw_steps
from hstql_assets.images.detectors import Detector, find_detector
from hstql_assets.images.layout import lay_out
from hstql_assets.images.reading import ImageFile, ScienceImage, read_images
from hstql_assets.monitors.cameras.amplifiers import WHOLE, find_regions
from hstql_assets.monitors.cameras.exposure import find_gain
from hstql_assets.monitors.cameras.flags import COSMIC_RAY, HOT_KINDS, SATURATED, has_flag
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.throughput.aperture import (
    Light,
    Sky,
    measure_sky,
    sum_light,
    weigh_circle,
)
from hstql_assets.monitors.throughput.pixel_areas import measure_areas
from hstql_assets.monitors.throughput.selection import (
    ThroughputSelection,
    find_star,
    load_throughput,
)
from hstql_assets.monitors.throughput.star_finding import FoundStar, find_bright
from hstql_assets.monitors.throughput.star_place import Place, move_star, predict_place
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

FILETYPES = ("flc", "flt")  # the first that there is is measured: its charge transfer is corrected
LOST = 1 | 2 | 4  # errors of the transmission, missing, dead: ACS and WFC3 Data Handbook, 3.3
CLEAR = "CLEAR"
Row = dict[str, object]


@dataclass(frozen=True, eq=False)
class Target:
    """The star on the chip that it should be on.

    Attributes
    ----------
    image : ScienceImage
    name : str
        As standard_stars.toml has it.
    place : Place
        Where it should be.
    start_mjd, exposure_s : float
    """

    image: ScienceImage
    name: str
    place: Place
    start_mjd: float
    exposure_s: float


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of a star; light and sky in electrons."""

    found: FoundStar
    light: Light
    sky: Sky
    area: float | None
    cosmic_ray_pixels: int
    flagged_pixels: int


def measure_star(task: ExposureTask) -> Outcome:
    """Measure the star of an exposure: in the flc file, or else in the flt file.

    `made` with a row of `throughput`; `none` where there is nothing to measure, with the reason in
    its first words; `bad` if the file cannot be read.
    """
    if gone := task.find_gone():
        return gone
    file = min(task.files, key=lambda one: FILETYPES.index(one.filetype))
    try:
        row = _measure(task.key, file, read_images(file.path))
    except NothingToMeasureError as nothing:
        return Outcome(task.key, "none", f"{nothing.reason}: {file.filename} {nothing}.")
    except (FitsError, OSError) as error:
        return all_bad(task.key, [bad_file(file.filename, error)])
    without = f"{file.filename} has no distortion: pixels are taken as nominal ones."
    return Outcome(
        task.key,
        "made",
        rows={"throughput": [row]},
        remarks=() if row["pixel_area"] is not None else (without,),
        metadata=_tell(file, row),
    )


def _measure(key: str, file: InputFile, content: ImageFile) -> Row:
    detector = find_detector(file.instrument, content.detector)
    selection = load_throughput().get(content.detector)
    if detector is None or selection is None or not content.images:
        what = content.detector or "no detector"
        raise NothingToMeasureError(f"is of {what}", "No such detector")
    _require_usual(content.images[0], selection)
    target = place_target(content)
    per_value, read_noise_e, amplifier = find_units(target, detector, selection)
    measured = measure_light(target, per_value, read_noise_e, selection)
    return {
        "rootname": key,
        "filename": file.filename,
        "filetype": file.filetype,
        "instrument": file.instrument,
        "detector": detector.name,
        "amplifier": amplifier,
        **_describe(target, detector),
        **_list(target, measured),
        "aperture": selection.aperture_px,
        "ingest_date": datetime.now(UTC),
    }


def _require_usual(image: ScienceImage, selection: ThroughputSelection) -> None:
    """Refuse an exposure whose light is not that of a star that stands still for EXPTIME."""
    selection.require_usual(image.find)
    flag = (image.find_text("EXPFLAG") or "NORMAL").upper()
    if flag not in selection.exposure_flags:
        raise NothingToMeasureError(f"has EXPFLAG {flag}", "Exposure not as planned")
    scan = (image.find_text("SCAN_TYP") or "N").upper()
    if scan not in ("N", "N/A", "NONE"):
        raise NothingToMeasureError(f"has SCAN_TYP {scan}", "Spatial scan")
    flat = (image.find_text("FLATCORR") or "COMPLETE").upper()
    if flat != "COMPLETE":
        raise NothingToMeasureError(f"has FLATCORR {flat}", "No flat field")


def place_target(content: ImageFile) -> Target:
    """Return the star on that image of a file that should have it.

    Raises
    ------
    NothingToMeasureError
        If no star has its name, its place cannot be told, or is on no image.
    """
    first = content.images[0]
    told = first.find_text("TARGNAME") or ""
    if (star := find_star(told)) is None:
        raise NothingToMeasureError(f"is of {told or 'no target'}", "No standard star")
    start_mjd = first.find_number("EXPSTART", float("nan"))
    exposure_s = first.find_number("EXPTIME", float("nan"))
    if not exposure_s > 0.0:
        raise NothingToMeasureError(f"has EXPTIME {first.find('EXPTIME')}", "No exposure time")
    position = move_star(star[1], start_mjd)
    places = [(image, predict_place(image, *position)) for image in content.images]
    known = [(image, place) for image, place in places if place is not None]
    if not known:
        raise NothingToMeasureError("has none that tell where the star is", "No coordinates")
    image, place = min(known, key=lambda one: _find_distance(one[0], one[1]))
    return Target(image, star[0], place, start_mjd, exposure_s)


def _find_distance(image: ScienceImage, place: Place) -> float:
    """Return how far a place is from the pixels of an image [pixel]; 0 on it."""
    rows, columns = image.values.shape
    x, y, _ = place
    return float(np.hypot(max(-x, x - columns + 1, 0.0), max(-y, y - rows + 1, 0.0)))


def find_units(
    target: Target, detector: Detector, selection: ThroughputSelection
) -> tuple[float, float, str]:
    """Return electrons that a value of 1 is, the read noise [electron], and the amplifier.

    Raises
    ------
    NothingToMeasureError
        If BUNIT does not say, or the gain of counts is not known.
    """
    image = target.image
    amplifier = _find_amplifier(target, detector)
    noise = image.find_number(f"READNSE{amplifier}", 0.0)
    unit = (image.unit or "").upper().replace(" ", "")
    word, _, time = unit.partition("/")
    gain = {"ELECTRONS": 1.0, "COUNTS": find_gain(image, amplifier)}.get(word)
    if word not in ("ELECTRONS", "COUNTS") or time not in ("", "S"):
        raise NothingToMeasureError(f"has BUNIT {unit or '(none)'}", "Unknown unit")
    if not gain:
        raise NothingToMeasureError(
            f"has counts, and no ATODGN of amplifier {amplifier}", "No gain"
        )
    return (
        gain * (target.exposure_s if time else 1.0),
        noise if noise > 0.0 else selection.read_noise_e,
        amplifier,
    )


def _find_amplifier(target: Target, detector: Detector) -> str:
    image = target.image
    shape = image.values.shape[0], image.values.shape[1]
    chip = detector.chip_of(image.chip, image.version)
    layout = lay_out(detector, shape, chip, image.binning, image.offset)
    column, row = round(target.place[0]), round(target.place[1])
    regions = find_regions(detector, layout, chip, str(image.find("CCDAMP") or ""), image.binning)
    for region in regions:
        light = region.light
        if light.row <= row < light.end_row and light.column <= column < light.end_column:
            return region.amplifier
    return regions[0].amplifier if len(regions) == 1 else WHOLE


def measure_light(
    target: Target,
    per_value: float,
    read_noise_e: float,
    selection: ThroughputSelection,
) -> Measured:
    """Measure a star.

    Parameters
    ----------
    target : Target
    per_value : float
        Electrons that a value of 1 is.
    read_noise_e : float
        Of a pixel [electron].
    selection : ThroughputSelection

    Raises
    ------
    NothingToMeasureError
        If it is not there, or its light cannot be trusted; with the reason.
    """
    image, (x, y, scale_arcsec) = target.image, target.place
    reach_px = selection.search_arcsec / scale_arcsec
    if _find_distance(image, target.place) > reach_px:
        chip = "" if image.chip is None else f" of chip {image.chip}"
        raise NothingToMeasureError(
            f"should have the star at column {x:.0f}, row {y:.0f}{chip}, which is not in the image",
            "Star off the chip",
        )
    pixels = image.values * per_value
    flags = image.flags if image.flags is not None else np.zeros(pixels.shape, np.int16)
    found = find_bright(
        pixels,
        has_flag(flags, LOST | HOT_KINDS),
        has_flag(flags, COSMIC_RAY),
        (x, y),
        reach_px,
        selection.core_px,
    )
    if found is None:
        raise NothingToMeasureError(
            f"has none within {reach_px:.0f} pixels of column {x:.0f}, row {y:.0f}", "No star"
        )
    return _trust(pixels, flags, found, read_noise_e, selection, image)


def _trust(
    pixels: NDArray[np.float64],
    flags: NDArray[np.integer],
    found: FoundStar,
    read_noise_e: float,
    selection: ThroughputSelection,
    image: ScienceImage,
) -> Measured:
    """Return the light of a star that was found, unless something spoils it."""
    radius = selection.aperture_px
    _require_alone(found, pixels.shape, selection)
    first_row, first_column = int(found.y - radius) - 1, int(found.x - radius) - 1
    size = int(2 * radius) + 4
    cut = np.s_[
        max(first_row, 0) : first_row + size,
        max(first_column, 0) : first_column + size,
    ]
    own, marks = pixels[cut], flags[cut]
    middle = found.x - max(first_column, 0), found.y - max(first_row, 0)
    weights = weigh_circle((own.shape[0], own.shape[1]), *middle, radius)
    core = weigh_circle((own.shape[0], own.shape[1]), *middle, selection.core_px) > 0.0
    in_circle = weights > 0.0
    _require_clean(own, marks, in_circle, core)
    is_good = ~has_flag(flags, -1)
    sky = measure_sky(
        pixels, is_good, (found.x, found.y), selection.sky_inner_px, selection.sky_outer_px
    )
    if sky is None or sky.share < selection.least_sky:
        raise NothingToMeasureError(
            f"has {0.0 if sky is None else sky.share:.0%} of the ring for the sky, and "
            f"{selection.least_sky:.0%} are needed",
            "No sky",
        )
    grid = np.indices(own.shape).astype(np.float64)
    areas = measure_areas(image, grid[1] + max(first_column, 0), grid[0] + max(first_row, 0))
    light = sum_light(
        own, np.ones(own.shape) if areas is None else areas, weights, sky, read_noise_e
    )
    if light.peak > selection.highest_peak:
        raise NothingToMeasureError(
            f"has {min(light.peak, 9.99):.0%} of the light in one pixel", "Cosmic ray in the core"
        )
    is_hit = has_flag(marks, COSMIC_RAY) & in_circle
    is_other = has_flag(marks, ~COSMIC_RAY) & in_circle
    return Measured(
        found,
        light,
        sky,
        None if areas is None else float((areas * weights).sum() / weights.sum()),
        int(is_hit.sum()),
        int(is_other.sum()),
    )


def _require_alone(
    found: FoundStar, shape: tuple[int, ...], selection: ThroughputSelection
) -> None:
    """Raise NothingToMeasureError if an aperture is not all in the image, or has another star."""
    rows, columns = shape
    edge = min(found.x, found.y, columns - 1 - found.x, rows - 1 - found.y)
    if edge + 0.5 < selection.aperture_px:
        raise NothingToMeasureError(
            f"has the star {edge + 0.5:.1f} pixels from the edge, and the aperture has "
            f"{selection.aperture_px:g}",
            "Star off the chip",
        )
    if found.second >= selection.second_star:
        raise NothingToMeasureError(
            f"has another one {found.second_px:.0f} pixels from it with {found.second:.0%} of its "
            "light",
            "Two stars",
        )


def _require_clean(
    own: NDArray[np.float64],
    marks: NDArray[np.integer],
    in_circle: NDArray[np.bool_],
    core: NDArray[np.bool_],
) -> None:
    """Refuse a star with saturated, dead or hit pixels where they count; all of one shape."""
    for reason, flag, where in (
        ("Saturated", SATURATED, in_circle),
        ("Bad pixels in the core", LOST, core),
        ("Cosmic ray in the core", COSMIC_RAY, core),
    ):
        if number := int((has_flag(marks, flag) & where).sum()):
            part = "the aperture" if where is in_circle else "the core of the star"
            raise NothingToMeasureError(f"has {number} such pixels in {part}", reason)
    if number := int((~np.isfinite(own) & in_circle).sum()):
        raise NothingToMeasureError(
            f"has {number} pixels without a value in the aperture", "No values"
        )


def _describe(target: Target, detector: Detector) -> Row:
    image = target.image
    filters = (image.find_text(name) for name in ("FILTER", "FILTER1", "FILTER2"))
    used = [name for name in filters if name and not name.upper().startswith(CLEAR)]
    return {
        "chip": detector.chip_of(image.chip, image.version),
        "filter_name": " ".join(used) or CLEAR,
        "pivot": image.find_number("PHOTPLAM", 0.0) or None,
        "star": target.name,
        "exp_start_mjd": target.start_mjd,
        "exp_time_s": target.exposure_s,
        "is_subarray": image.is_subarray,
    }


def _list(target: Target, measured: Measured) -> Row:
    light, sky, time_s = measured.light, measured.sky, target.exposure_s
    x, y, _ = target.place
    return {
        "rate": light.total / time_s,
        "rate_error": light.error / time_s,
        "photon_error": light.photon_error / time_s,
        "read_error": light.read_error / time_s,
        "sky_error": light.sky_error / time_s,
        "sky_level": sky.level / time_s,
        "sky_sigma": sky.sigma / time_s,
        "sky_pixels": sky.pixels,
        "pixel_area": measured.area,
        "image_column": measured.found.x,
        "image_row": measured.found.y,
        "offset": float(np.hypot(measured.found.x - x, measured.found.y - y)),
        "peak": light.peak,
        "cosmic_ray_pixels": measured.cosmic_ray_pixels,
        "flagged_pixels": measured.flagged_pixels,
    }


def _tell(file: InputFile, row: Row) -> dict[str, object]:
    parts = ("photon_error", "read_error", "sky_error")
    errors = np.array([float(str(row[name])) for name in parts])
    return {
        "path": file.path,
        "star": row["star"],
        "rate_e_per_s": row["rate"],
        "rate_error_e_per_s": row["rate_error"],
        "offset_px": row["offset"],
        "picture": draw_steps(errors, "errors by photons, reading and sky [e-/s]"),
    }
