"""Tell which darks of a window go together, and of the others why they do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.superdarks.fitness import (
    BINNING,
    EXCLUDED,
    EXPOSURE_FLAG,
    EXPOSURE_TIME,
    GAIN,
    NO_TIME,
    SHAPE,
    SUBARRAY,
    SUBTRACTED,
    Unused,
    keep_most,
    order_of,
)
from hstql_assets.monitors.superdarks.frames import Dark, describe_dark
from hstql_assets.monitors.unstable_pixels.anomaly import seconds_since_anomaly
from hstql_assets.monitors.unstable_pixels.dark_rates import FILETYPES, find_light_shape
from hstql_assets.monitors.unstable_pixels.selection import UnstableSelection
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

NO_FILE = "no file"
UNREADABLE = "unreadable"
ONE_READ = "one read"
FEW_READS = "too few reads"
SEQUENCE = "sample sequence"
ANOMALY = "after the anomaly"
ANOMALY_UNKNOWN = "anomaly not known"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A dark by the headers of its best file that can be used; and its spt."""

    dark: Dark
    spt: Path | None = None


def describe_candidates(
    files: Mapping[str, Sequence[InputFile]],
) -> tuple[list[Candidate], list[Unused]]:
    """Return what can be looked at of some exposures, and why there is nothing of others."""
    found: list[Candidate] = []
    unused: list[Unused] = []
    for rootname, own in sorted(files.items()):
        by_type = {file.filetype: file for file in own}
        spt = by_type["spt"].path if "spt" in by_type else None
        usable = [by_type[kind] for kind in FILETYPES if kind in by_type]
        best = _find_best(rootname, usable)
        if isinstance(best, Unused):
            unused.append(best)
        else:
            found.append(Candidate(best, spt))
    return found, unused


def _find_best(rootname: str, files: Sequence[InputFile]) -> Dark | Unused:
    """Return the first file that can be read and has its dark current in it, or why there is none.

    Parameters
    ----------
    rootname : str
    files : sequence of InputFile
        The better first.
    """
    problems: list[str] = []
    is_subtracted = False
    for file in files:
        try:
            dark = describe_dark(rootname, file)
        except (FitsError, NothingToMeasureError, OSError) as problem:
            problems.append(f"{file.filename} {problem}")
            continue
        if "COMPLETE" not in (dark.word("DARKCORR"), dark.word("FLATCORR")):
            return dark
        is_subtracted = True
    if is_subtracted:
        detail = "Its dark current or flat field was taken out, and there is no raw file."
        return Unused(rootname, SUBTRACTED, detail)
    if problems:
        return Unused(rootname, UNREADABLE, f"{'; '.join(problems)}.")
    return Unused(rootname, NO_FILE, "It has no flt, ima or raw file.")


def choose_darks(
    candidates: Sequence[Candidate], selection: UnstableSelection
) -> tuple[list[Dark], list[Unused]]:
    """Return the darks that are compared, by time, and those that are not.

    Each is looked at alone first. Of the rest those of the set-up that most have are taken.
    """
    unused: list[Unused] = []
    fit: list[Dark] = []
    for one in candidates:
        fault = _find_fault(one.dark, selection) or _find_anomaly(one, selection)
        if fault is None:
            fit.append(one.dark)
        else:
            unused.append(Unused(one.dark.rootname, *fault))
    for reason, name, setup in _SETUPS:
        fit, others = keep_most(fit, setup)
        usual = setup(fit[0]) if fit else ""
        unused += [
            Unused(one.rootname, reason, f"Its {name} is {setup(one)}; most have {usual}.")
            for one in others
        ]
    return sorted(fit, key=order_of), unused


def _find_fault(dark: Dark, selection: UnstableSelection) -> tuple[str, str] | None:
    across, up = (int(dark.number(f"BINAXIS{axis}") or 1) for axis in (1, 2))
    reads, flag = int(dark.number("NSAMP") or 0), dark.word("EXPFLAG")
    if dark.rootname in selection.excluded:
        return EXCLUDED, "The table of selection leaves it out."
    if dark.start_mjd is None:
        return NO_TIME, "EXPSTART says no time."
    if dark.find("SUBARRAY") is True:
        return SUBARRAY, f"It is a subarray, {dark.word('APERTURE') or _describe_shape(dark)}."
    if across != up or across not in selection.binnings:
        return BINNING, f"It is binned {across} x {up}, which the table of selection has not."
    if flag and flag not in selection.exposure_flags:
        known = ", ".join(selection.exposure_flags)
        return EXPOSURE_FLAG, f"EXPFLAG is {flag}; the table of selection has {known}."
    if reads < selection.least_reads:
        reason = ONE_READ if reads == 1 else FEW_READS
        return reason, f"NSAMP is {reads}; a rate needs {selection.least_reads} reads."
    if dark.exposure_s < selection.least_exposure_s:
        least = selection.least_exposure_s
        return EXPOSURE_TIME, f"EXPTIME is {dark.exposure_s:g} s; {least:g} s are asked for."
    return None


def _find_anomaly(one: Candidate, selection: UnstableSelection) -> tuple[str, str] | None:
    least_s, dark = selection.least_saa_s, one.dark
    if least_s <= 0.0:
        return None
    since_s = seconds_since_anomaly(
        dark.number("SAA_TIME"), one.spt, dark.start_mjd or 0.0, dark.exposure_s, least_s
    )
    if since_s is None:
        return ANOMALY_UNKNOWN, "Neither SAA_TIME nor an spt with a valid orbit says when it was."
    if since_s < least_s:
        return ANOMALY, f"It began {since_s:.0f} s after the South Atlantic Anomaly; {least_s:g} s."
    return None


def _describe_shape(dark: Dark) -> str:
    rows, columns = find_light_shape(dark)
    return f"{columns} x {rows} pixels"


_SETUPS: Sequence[tuple[str, str, Callable[[Dark], str]]] = (
    (BINNING, "binning", lambda dark: f"{dark.number('BINAXIS1') or 1:g}"),
    (
        SEQUENCE,
        "sample sequence",
        lambda dark: f"{dark.word('SAMP_SEQ') or '(none)'} of {dark.number('NSAMP') or 0:g} reads",
    ),
    (SHAPE, "size", _describe_shape),
    (GAIN, "gain", lambda dark: f"CCDGAIN {dark.number('CCDGAIN')}, CCDAMP {dark.word('CCDAMP')}"),
)
