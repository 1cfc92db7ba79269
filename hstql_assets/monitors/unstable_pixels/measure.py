"""Map the unstable pixels of a window of darks: a worker's task, from files to a map and rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.superdarks.fitness import Unused
from hstql_assets.monitors.superdarks.frames import Dark
from hstql_assets.monitors.superdarks.measure import TOO_FEW
from hstql_assets.monitors.unstable_pixels.dark_rates import read_rates
from hstql_assets.monitors.unstable_pixels.fitness import (
    UNREADABLE,
    choose_darks,
    describe_candidates,
)
from hstql_assets.monitors.unstable_pixels.map_file import find_map, tell_worse, write_map
from hstql_assets.monitors.unstable_pixels.mapping import PixelMap, Stack, map_pixels
from hstql_assets.monitors.unstable_pixels.selection import ASSET, UnstableSelection
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

NO_RATE = "no rate"
AMPLIFIERS = "ABCD"
Row = dict[str, Any]


def map_unstable(task: SetTask) -> Outcome:
    """Make the map of a window, and list its unstable pixels.

    `made` also where there are too few darks: the rows of its members say why.
    """
    selection, files = task.selection, task.references.filesystem
    candidates, unused = describe_candidates(task.files)
    fit, unfit = choose_darks(candidates, selection)
    unused += unfit
    path = find_map(files, task.key)
    with files.scratch() as folder:
        stack, darks, unread = _stack(fit, selection, folder)
        unused += unread
        enough = stack is not None and len(darks) >= selection.least_frames
        found = map_pixels(stack, selection) if enough and stack is not None else None
    remark: str | None = None
    if found is None:
        unused += [_name_few(dark, len(darks), selection) for dark in darks]
        files.remove(path)
        darks = []
    else:
        remark = tell_worse(path, found, len(darks))
        with files.write(path) as temporary:
            write_map(temporary, task.key, found, darks, selection, remark)
    rows = _list_rows(task, found, darks, unused, remark)
    return Outcome(
        task.key,
        "made",
        rows=rows,
        remarks=(remark,) if remark else (),
        metadata=_metadata(rows, path if found else None),
    )


def _stack(
    fit: Sequence[Dark], selection: UnstableSelection, folder: Path
) -> tuple[Stack | None, list[Dark], list[Unused]]:
    """Read darks one after the other; return those that were used, and why others were not."""
    stack: Stack | None = None
    used: list[Dark] = []
    unused: list[Unused] = []
    for dark in fit:
        try:
            found = read_rates(dark.file, selection.read_noise_e)
        except NothingToMeasureError as nothing:
            detail = f"{dark.file.filename} {nothing}."
            unused.append(Unused(dark.rootname, nothing.reason.lower(), detail))
            continue
        except (FitsError, OSError) as problem:
            unused.append(Unused(dark.rootname, UNREADABLE, f"{dark.file.filename} {problem}."))
            continue
        if not np.isfinite(found.rates).any():
            detail = f"{dark.file.filename} has no pixel that is good."
            unused.append(Unused(dark.rootname, NO_RATE, detail))
            continue
        shape = found.rates.shape[0], found.rates.shape[1]
        if stack is None:
            stack = Stack(folder / "rates", len(fit), shape, found.regions)
        stack.add(found.rates, found.errors)
        used.append(dark)
    return stack, used, unused


def _name_few(dark: Dark, number: int, selection: UnstableSelection) -> Unused:
    detail = f"{number} darks go together; a map needs {selection.least_frames}."
    return Unused(dark.rootname, TOO_FEW, detail)


def _list_rows(
    task: SetTask,
    found: PixelMap | None,
    darks: Sequence[Dark],
    unused: Sequence[Unused],
    remark: str | None,
) -> dict[str, list[Row]]:
    why = {one.rootname: one for one in unused}
    members = [
        {
            "set_key": task.key,
            "rootname": name,
            "reason": why[name].reason if name in why else None,
            "detail": why[name].detail if name in why else None,
        }
        for name in sorted(task.files)
    ]
    now = datetime.now(UTC)
    common = {"set_key": task.key, "ingest_date": now}
    maps = [] if found is None else [common | _describe_map(task, found, darks, remark)]
    return {
        "exposure_sets": [common | task.describe(ASSET, len(darks))],
        "exposure_set_members": members,
        "unstable_pixel_maps": maps,
        "unstable_pixels": [] if found is None else list_pixels(found, task.key),
    }


def _describe_map(task: SetTask, found: PixelMap, darks: Sequence[Dark], remark: str | None) -> Row:
    judged, unstable = found.is_judged, found.is_unstable
    first = darks[0]
    own = found.rate[judged & ~unstable]
    sources = sorted({dark.file.filetype for dark in darks})
    row: Row = {
        "detector": task.detector,
        "binning": int(first.number("BINAXIS1") or 1),
        "sample_sequence": first.word("SAMP_SEQ"),
        "reads": int(first.number("NSAMP") or 0),
        "source": ", ".join(sources),
        "first_mjd": first.start_mjd,
        "last_mjd": darks[-1].start_mjd,
        "frames": len(darks),
        "judged": int(np.count_nonzero(judged)),
        "unstable": int(np.count_nonzero(unstable)),
        "not_judged": int(np.count_nonzero(~judged)),
        "median_rate": float(np.median(own)) if own.size else None,
        "remark": remark,
        "path": str(find_map(task.references.filesystem, task.key)),
    }
    for name in AMPLIFIERS:
        area = found.regions.get(name)
        for column, plane in (("judged", judged), ("unstable", unstable)):
            count = None if area is None else int(np.count_nonzero(area.cut(plane)))
            row[f"{column}_{name.lower()}"] = count
    return row


def list_pixels(found: PixelMap, key: str) -> list[Row]:
    """Return the rows of `unstable_pixels`: one for each pixel that is unstable."""
    amplifier = np.full(found.flags.shape, "", "U8")
    for name, area in found.regions.items():
        area.cut(amplifier)[:] = name if name in AMPLIFIERS else ""
    rows, columns = np.nonzero(found.is_unstable)
    planes = {
        name: getattr(found, name)[rows, columns].tolist()
        for name in ("share", "rate", "rate_error", "off_rate", "off_spread", "frames")
    }
    return [
        {"set_key": key, "pix1": column + 1, "pix2": row + 1, "amplifier": name or None,
         **dict(zip(planes, values, strict=True))}
        for row, column, name, *values in zip(
            rows.tolist(), columns.tolist(), amplifier[rows, columns].tolist(), *planes.values(),
            strict=True,
        )
    ]  # fmt: skip


def _metadata(rows: Mapping[str, Sequence[Row]], path: Path | None) -> dict[str, object]:
    """Return what the user interface shows: what was found, and what was not used, why."""
    reasons = Counter(row["reason"] for row in rows["exposure_set_members"] if row["reason"])
    counts = [f"{number} {reason}" for reason, number in sorted(reasons.items())]
    told: dict[str, object] = {
        "darks": len(rows["exposure_set_members"]),
        "not_used": ", ".join(counts) or "none",
    }
    for row in rows["unstable_pixel_maps"]:
        share = row["unstable"] / max(row["judged"], 1)
        told |= {"path": path, "unstable": row["unstable"], "unstable_share": f"{share:.2%}",
                 "not_judged": row["not_judged"]}  # fmt: skip
    return told
