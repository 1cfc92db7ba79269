"""Measure the lamp shifts of one exposure: a worker's task, from its lampflash file to rows."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.fits.errors import FitsError

if TYPE_CHECKING:  # importing them would import astropy, which only workers need
    from hstql_assets.monitors.osm_shifts.lampflash_file import Flash, LampFile
    from hstql_assets.monitors.osm_shifts.reference_tables import Reading

FILETYPE = "lampflash"


def measure(task: ExposureTask) -> Outcome:
    """Take the shifts of each flash and segment from the lampflash file of an exposure.

    `made` with a row of `osm_shifts` for each; `bad` if no file can be used.

    Raises
    ------
    FileNotFoundError
        If the file is not there any more.
    """
    # Imported here, because they take astropy along: only workers need it.
    from hstql_assets.monitors.osm_shifts.lampflash_file import read_lampflash
    from hstql_assets.monitors.osm_shifts.reference_tables import read_references

    bad: list[BadFile] = []
    rows: list[dict[str, object]] = []
    metadata: dict[str, object] = {}
    for file in task.of_types(FILETYPE):
        try:
            lamp = read_lampflash(file.path)
        except FileNotFoundError:
            raise
        except (FitsError, OSError) as error:
            bad.append(bad_file(file.filename, error))
        else:
            reading = read_references(lamp, task.references)
            rows += [_row(task.key, file.filename, lamp, flash, reading) for flash in lamp.flashes]
            metadata |= {"path": file.path, **_tell(lamp, reading)}
    if not rows:
        return all_bad(task.key, bad)
    return Outcome(
        task.key, "made", rows={"osm_shifts": rows}, bad_files=tuple(bad), metadata=metadata
    )


def _row(
    key: str, filename: str, lamp: "LampFile", flash: "Flash", reading: "Reading"
) -> dict[str, object]:
    fp_shift = reading.fp_pixel_shifts.get(flash.segment)
    is_known = fp_shift is not None and flash.shift_disp is not None
    return {
        "filename": filename,
        "segment": flash.segment,
        "flash": flash.number,
        "rootname": key,
        "filetype": FILETYPE,
        "detector": lamp.detector,
        "opt_elem": lamp.opt_elem,
        "cenwave": lamp.cenwave,
        "fppos": lamp.fppos,
        "life_adj": lamp.life_adj,
        "proposal_id": lamp.proposal_id,
        "exp_start_mjd": lamp.exp_start_mjd,
        "time_s": flash.time_s,
        "shift_disp": flash.shift_disp,
        "shift_xdisp": flash.shift_xdisp,
        "fp_pixel_shift": fp_shift,
        "shift_without_fppos": flash.shift_disp - fp_shift if is_known else None,  # type: ignore[operator]
        "is_found": flash.is_found,
        "lamptab": lamp.lamptab,
        "search_offset": reading.search_offset,
        "search_range": reading.search_range,
        "ingest_date": datetime.now(UTC),
    }


def _tell(lamp: "LampFile", reading: "Reading") -> dict[str, object]:
    """Return what the user interface shows of an exposure."""
    metadata: dict[str, object] = {
        "setting": f"{lamp.opt_elem} {lamp.cenwave}, FP-POS {lamp.fppos}",
        "flashes": max(flash.number for flash in lamp.flashes),
        "without a lamp": sum(flash.is_found is False for flash in lamp.flashes),
    }
    for segment in sorted({flash.segment for flash in lamp.flashes}):
        own = [flash for flash in lamp.flashes if flash.segment == segment]
        ends = own if len(own) == 1 else (own[0], own[-1])
        metadata[segment] = ", at the end ".join(
            f"{_pixels(flash.shift_disp)} along and {_pixels(flash.shift_xdisp)} across"
            for flash in ends
        )
    if reading.complaints:
        metadata["reference files"] = " ".join(reading.complaints)
    if lamp.spectrum.size:
        metadata["picture"] = _draw(lamp)
    return metadata


def _pixels(shift: float | None) -> str:
    return "unknown" if shift is None else f"{shift:.2f} px"


def _draw(lamp: "LampFile") -> Picture:
    segment = lamp.flashes[0].segment
    peak = float(lamp.spectrum.max())
    return draw_steps(
        lamp.spectrum,
        f"the lamp in {segment}, first flash: gross counts/s by pixel, from zero to {peak:.3g}",
        np.max,
    )
