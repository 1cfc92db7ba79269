"""Measure the bowtie of a visit: a worker's task, from flats to rows and a map."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.bowtie.product import find_product, remove_products, write_product
from hstql_assets.monitors.bowtie.ratios import ChipRatio, measure_blocks, measure_chips
from hstql_assets.monitors.bowtie.selection import ASSET, BowtieSelection
from hstql_assets.monitors.bowtie.visits import Triple, find_triples
from hstql_assets.monitors.cameras.exposure import RAW
from hstql_assets.monitors.flat_gains.flat_frames import (
    CALIBRATED,
    AmplifierFlat,
    describe_flat,
    is_plain,
    read_flat,
)
from hstql_assets.monitors.flat_gains.measure import NO_FILE, NO_LIGHT, UNREADABLE
from hstql_assets.monitors.flat_gains.pairs import Flat, Unused, find_fault
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.file_headers import read_headers

FIRST_MJD = 54993.0  # 11 June 2009, from which the institute counts days
EXPOSURE_FLAG = "exposure flag"
PARTLY = "saturated in part"
SATURATED_SHARE = 0.5  # of the pixels of a saturated flat, at least
MOST_SATURATED = 0.01  # of those of any other
Row = dict[str, object]


@dataclass(frozen=True)
class _Described:
    """A flat with the files that can be used, and the share of its pixels that is saturated."""

    flat: Flat
    files: Mapping[str, InputFile]
    saturated: float
    level: float

    @property
    def is_saturated(self) -> bool:
        return self.saturated >= SATURATED_SHARE


def measure_visit(task: SetTask) -> Outcome:
    """Measure the flats before and after each saturated one of a visit.

    `made` also where there is none: the rows of its members say why.
    """
    found = [
        _describe(rootname, files, task.selection) for rootname, files in sorted(task.files.items())
    ]
    described = {one.flat.rootname: one for one in found if isinstance(one, _Described)}
    unused = [one for one in found if isinstance(one, Unused)]
    triples, spare = find_triples(
        [one.flat for one in described.values()],
        {name: one.is_saturated for name, one in described.items()},
    )
    unused += spare
    files = task.references.filesystem
    remove_products(files, task.key)
    common = {"set_key": task.key, "ingest_date": datetime.now(UTC)}
    rows: list[Row] = []
    used: set[str] = set()
    for triple in triples:
        members = [
            described[one.rootname] for one in (triple.before, triple.saturated, triple.after)
        ]
        chips = _measure_triple(members)
        if isinstance(chips, Unused):
            unused += [Unused(one.flat.rootname, chips.reason, chips.detail) for one in members]
            continue
        path = find_product(files, task.key, triple.saturated.rootname)
        with files.write(path) as temporary:
            write_product(temporary, triple, chips)
        used |= {one.flat.rootname for one in members}
        place = {**common, "path": str(path)}
        rows += [place | _make_row(triple, members, chip, one) for chip, one in chips.items()]
    unused = [one for one in unused if one.rootname not in used]
    return Outcome(
        task.key,
        "made",
        rows={
            "exposure_sets": [common | task.describe(ASSET, len(used))],
            "exposure_set_members": task.list_members(
                {one.rootname: (one.reason, one.detail) for one in unused}
            ),
            "bowtie": rows,
        },
        metadata=_metadata(task, rows, unused),
    )


def _describe(
    rootname: str, files: Sequence[InputFile], selection: BowtieSelection
) -> _Described | Unused:
    """Read the headers of a flat, and how much of it is saturated; or say why it is of no use."""
    usable: dict[str, InputFile] = {}
    flat: Flat | None = None
    problems: list[str] = []
    for file in files:
        headers = read_headers(file.path, file.filetype)
        if headers.fault is not None:
            problems.append(f"{file.filename}: {headers.fault}")
            continue
        flat = flat or describe_flat(rootname, headers)
        flag = headers.find_word("EXPFLAG")
        if flag not in ("", "NORMAL"):
            return Unused(rootname, EXPOSURE_FLAG, f"EXPFLAG is {flag}: its light is not sure.")
        if file.filetype == RAW or is_plain(headers):
            usable[file.filetype] = file
    if flat is None or not usable:
        detail = "; ".join(problems) or "Its flt has its dark current or flat field taken out."
        return Unused(rootname, UNREADABLE if problems else NO_FILE, detail)
    fault = find_fault(flat, selection.binnings)
    if fault is not None:
        return fault
    file = usable.get(CALIBRATED) or usable[RAW]
    try:
        amplifiers = read_flat(file)
    except (FitsError, NothingToMeasureError, OSError) as problem:
        return Unused(rootname, UNREADABLE, f"{file.filename} {problem}.")
    return _weigh(flat, usable, amplifiers, selection)


def _weigh(
    flat: Flat,
    files: Mapping[str, InputFile],
    amplifiers: Mapping[str, AmplifierFlat],
    selection: BowtieSelection,
) -> _Described | Unused:
    """Tell whether a flat is saturated, dark, or of use; what is saturated in part is neither."""
    counts = np.concatenate([one.counts.ravel() for one in amplifiers.values()] or [np.empty(0)])
    if not counts.size:
        return Unused(flat.rootname, NO_LIGHT, "It has no amplifier that is known.")
    level, above = float(np.median(counts)), float(np.mean(counts >= selection.full_counts))
    flagged = float(np.mean([one.saturated for one in amplifiers.values()]))
    share = max(above, flagged)
    if level < selection.least_counts and share < SATURATED_SHARE:
        least = f"it needs {selection.least_counts:g}"
        return Unused(flat.rootname, NO_LIGHT, f"Its median is {level:.0f} counts; {least}.")
    if MOST_SATURATED < share < SATURATED_SHARE:
        detail = f"{share:.0%} of its pixels are saturated: neither few nor most."
        return Unused(flat.rootname, PARTLY, detail)
    return _Described(flat, files, share, level)


def _measure_triple(members: Sequence[_Described]) -> dict[int, ChipRatio] | Unused:
    """Divide the flat before by that after, from files of one type; by CCDCHIP."""
    first, saturated, last = members
    name = saturated.flat.rootname
    source = _find_source(first, last)
    if source is None:
        detail = f"Before and after {name} there are no files of one type."
        return Unused(name, NO_FILE, detail)
    try:
        before, after = read_flat(first.files[source]), read_flat(last.files[source])
    except (FitsError, NothingToMeasureError, OSError) as problem:
        return Unused(name, UNREADABLE, f"A flat next to {name} {problem}.")
    blocks = {
        amplifier: measure_blocks(one.counts, other.counts, one.is_good & other.is_good)
        for amplifier, one in before.items()
        if (other := after.get(amplifier)) is not None and other.counts.shape == one.counts.shape
    }
    return measure_chips(blocks) or Unused(
        name, NO_LIGHT, f"Before and after {name} there are too few good pixels in common."
    )


def _find_source(first: _Described, last: _Described) -> str | None:
    return next(
        (kind for kind in (CALIBRATED, RAW) if kind in first.files and kind in last.files), None
    )


def _make_row(triple: Triple, members: Sequence[_Described], chip: int, found: ChipRatio) -> Row:
    before, saturated, after = triple.before, triple.saturated, triple.after
    start = before.start_mjd or 0.0
    return {
        "rootname": saturated.rootname,
        "chip": chip,
        "before_rootname": before.rootname,
        "after_rootname": after.rootname,
        "detector": before.setup.detector,
        "lamp": before.setup.lamp,
        "filter_name": before.setup.filter_name,
        "exposure_s": before.setup.exposure_s,
        "saturated_exposure_s": saturated.setup.exposure_s,
        "binning": before.setup.binning[0],
        "source": _find_source(members[0], members[-1]),
        "before_mjd": start,
        "after_mjd": after.start_mjd or 0.0,
        "days": start - FIRST_MJD,
        "level": members[-1].level,
        "saturated_share": members[1].saturated,
        "ratio": found.ratio,
        "ratio_error": found.ratio_error,
        "normalised": found.normalised,
        "lamp_ratio": found.lamp_ratio,
        "pattern": found.pattern,
        "pattern_error": found.pattern_error,
        "pattern_range": found.pattern_range,
        "blocks": found.blocks,
        "pixels": found.pixels,
    }


def _metadata(task: SetTask, rows: Sequence[Row], unused: Sequence[Unused]) -> dict[str, object]:
    """Return what the user interface shows: ratios, and what was not used, by reason."""
    reasons = Counter(one.reason for one in unused)
    lines = [
        f"| {row['rootname']} | {row['chip']} | {row['ratio']:.4f} | {row['normalised']:.4f} "
        f"| {100 * float(str(row['pattern'])):.3f} |"
        for row in rows
    ]
    head = ["| saturated flat | chip | ratio | normalised | pattern (%) |", "|---|---|---|---|---|"]
    return {
        "flats": len(task.files),
        "not_used": ", ".join(f"{number} {why}" for why, number in sorted(reasons.items()))
        or "none",
        "ratios": "\n".join([*head, *lines]),
    }
