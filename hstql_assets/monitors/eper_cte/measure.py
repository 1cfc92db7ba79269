"""Measure the charge that trails behind a flat: a worker's task, from a raw file to rows."""

from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.images.detectors import Detector, find_detector
from hstql_assets.images.exposure_flag import tell_flag
from hstql_assets.images.layout import Layout, lay_out
from hstql_assets.images.reading import ImageFile, ScienceImage, read_images
from hstql_assets.monitors.cameras.amplifier_numbers import HIGHEST_COUNT
from hstql_assets.monitors.cameras.amplifiers import WHOLE, Region, find_regions
from hstql_assets.monitors.cameras.exposure import RAW, find_gain
from hstql_assets.monitors.eper_cte.deferred_charge import DeferredCharge, measure_deferred
from hstql_assets.monitors.eper_cte.selection import EperSelection, load_eper
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

FILETYPES = (RAW,)
Row = dict[str, object]


def measure_trails(task: ExposureTask) -> Outcome:
    """Measure the trails of a flat, by amplifier.

    `made` with a row of `eper_cte` for each amplifier with light; `none` where there is nothing to
    measure, with the reason in its first words; `bad` if the file cannot be read.
    """
    if gone := task.find_gone():
        return gone
    (file,) = task.files
    try:
        rows, remarks = _measure(task.key, read_images(file.path), file)
    except NothingToMeasureError as nothing:
        return Outcome(task.key, "none", f"{nothing.reason}: {file.filename} {nothing}.")
    except (FitsError, OSError) as error:
        return all_bad(task.key, [bad_file(file.filename, error)])
    return Outcome(
        task.key, "made", rows={"eper_cte": rows}, remarks=tuple(remarks),
        metadata={"path": file.path, "trails": _tabulate(rows), "picture": _draw(rows)},
    )  # fmt: skip


def _measure(key: str, content: ImageFile, file: InputFile) -> tuple[list[Row], list[str]]:
    """Return the rows of all chips, and a sentence for each amplifier that is left out."""
    detector, selection = find_detector(file.instrument, content.detector), None
    if detector is not None:
        selection = load_eper().get(detector.name)
    if detector is None or selection is None:
        raise NothingToMeasureError(
            f"is of {content.detector or 'no detector'}", "No such detector"
        )
    if not content.images:
        raise NothingToMeasureError("has no image", "No image")
    selection.require_usual(content.images[0].find)
    lamp = str(content.primary.values.get("SCLAMP") or "NONE").strip().upper()
    if lamp == "NONE":
        raise NothingToMeasureError("has SCLAMP NONE", "Lamp off")
    rows: list[Row] = []
    remarks = list(tell_flag(content.images[0].find("EXPFLAG")))
    for image in content.images:
        chip = detector.chip_of(image.chip, image.version)
        shape = image.values.shape[0], image.values.shape[1]
        layout = lay_out(detector, shape, chip, image.binning, image.offset)
        _require_overscan(layout, image, selection)
        ccd_amp = str(image.find("CCDAMP") or "")
        for region in find_regions(detector, layout, chip, ccd_amp, image.binning):
            row = _measure_amplifier(image, layout, region, selection)
            if isinstance(row, str):
                remarks.append(f"Amplifier {region.amplifier}: {row}.")
            else:
                rows.append({**_describe(key, file, image, detector, lamp), **row})
    if not rows:
        raise NothingToMeasureError(f"has none in any amplifier. {' '.join(remarks)}", "No light")
    return rows, remarks


def _require_overscan(layout: Layout, image: ScienceImage, selection: EperSelection) -> None:
    rows = (layout.virtual.shape[0] if layout.virtual else 0) * image.binning[1]
    if not layout.is_full or rows < selection.fewest_rows:
        raise NothingToMeasureError(
            f"has {rows} rows of overscan behind {'all' if layout.is_full else 'a part'} of the "
            f"chip, and {selection.fewest_rows} are needed behind all",
            "No larger overscan",
        )


def _measure_amplifier(
    image: ScienceImage, layout: Layout, region: Region, selection: EperSelection
) -> Row | str:
    """Return the columns that belong to the trail of an amplifier, or why it has none."""
    light, virtual = region.light, layout.virtual
    if region.amplifier == WHOLE or virtual is None:
        return "the header does not say what it read"
    whole = image.values[:, light.column : light.end_column]
    is_above = virtual.row >= light.end_row
    overscan = whole[virtual.row : virtual.end_row][:: 1 if is_above else -1].astype(np.float64)
    last = whole[light.end_row - 1 if is_above else light.row]
    if (last >= HIGHEST_COUNT).mean() > 0.01:
        return "its last row is saturated"
    trail_rows = round(selection.trail_share * len(overscan))
    found = measure_deferred(last.astype(np.float64), overscan, trail_rows)
    if found is None:
        return "it has too few columns, or no row beyond the trail"
    if not found.deferred_error > 0.0:
        return "its overscan has no noise"
    gain, source = _choose_gain(image, region.amplifier, selection)
    signal_e = found.signal * gain
    if not selection.lowest_e <= signal_e <= selection.highest_e:
        return (
            f"{signal_e:.0f} electrons are not within {selection.lowest_e:g} and "
            f"{selection.highest_e:g}"
        )
    transfers = light.shape[0]
    return {
        "amplifier": region.amplifier,
        "gain": gain,
        "gain_source": source,
        **_columns(found, gain, transfers),
        "trail_rows": trail_rows,
        "bias_rows": len(overscan) - trail_rows,
    }


def _choose_gain(image: ScienceImage, name: str, selection: EperSelection) -> tuple[float, str]:
    gain = find_gain(image, name)
    return (gain, "header") if gain else (selection.gains_e.get(name, 1.0), "table")


def _columns(found: DeferredCharge, gain: float, transfers: int) -> Row:
    cti, error = found.find_inefficiency(transfers)
    return {
        "bias_level": found.bias,
        "signal": found.signal * gain,
        "signal_error": found.signal_error * gain,
        "deferred": found.deferred * gain,
        "deferred_error": found.deferred_error * gain,
        "transfers": transfers,
        "cti": cti,
        "cti_error": error,
        "columns": found.columns,
    }


def _describe(
    key: str, file: InputFile, image: ScienceImage, detector: Detector, lamp: str
) -> Row:  # fmt: skip
    filters = (image.find_text(name) for name in ("FILTER", "FILTER1", "FILTER2"))
    return {
        "rootname": key,
        "filename": file.filename,
        "instrument": file.instrument,
        "detector": detector.name,
        "exp_start_mjd": image.find_number("EXPSTART", float("nan")),
        "exp_time_s": image.find_number("EXPTIME", 0.0),
        "lamp": lamp,
        "filter_name": " ".join(name for name in filters if name),
        "binning": image.binning[1],
        "ingest_date": datetime.now(UTC),
    }


def _tabulate(rows: list[Row]) -> str:
    lines = ["| amplifier | signal (e-) | trail (e-) | loss per transfer |", "|---|---|---|---|"]
    lines += [
        f"| {row['amplifier']} | {row['signal']:.1f} | {row['deferred']:.2f} ± "
        f"{row['deferred_error']:.2f} | {row['cti']:.3g} ± {row['cti_error']:.1g} |"
        for row in rows
    ]
    return "\n".join(lines)


def _draw(rows: list[Row]) -> Picture:
    values = np.array([float(str(row["cti"])) for row in rows])
    names = ", ".join(str(row["amplifier"]) for row in rows)
    return draw_steps(values, f"loss per transfer of amplifiers {names}")
