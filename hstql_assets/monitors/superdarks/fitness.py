"""Tell which darks of a window go together, and of the others why they do not."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hstql_assets.monitors.superdarks.frames import Dark
from hstql_assets.monitors.superdarks.selection import DarkSelection

NO_TIME = "no time"
EXCLUDED = "excluded"
SUBARRAY = "subarray"
BINNING = "binning"
GAIN = "gain"
SHUTTER = "shutter"
EXPOSURE_TIME = "exposure time"
DARK_TIME = "dark time"
EXPOSURE_FLAG = "exposure flag"
NO_FLASH_FILE = "no flash file"
FLASH_LEVEL = "flash level"
SUBTRACTED = "dark subtracted"
STEP = "step left out"
UNIT = "unit"
SHAPE = "shape"
SHUTTERS = ("A", "B")
# DARKTIME is EXPTIME and, with a post-flash or a readout, some seconds more.
MOST_DARK_TIME_S = 200.0


@dataclass(frozen=True)
class Unused:
    """A dark that is not used: rootname, a word or two to count by, a sentence with the numbers."""

    rootname: str
    reason: str
    detail: str


def choose_darks(
    darks: Sequence[Dark], selection: DarkSelection
) -> tuple[list[Dark], list[Unused]]:
    """Return the darks that are combined, by time, and those that are not.

    Each is looked at alone first. Of the rest those of the set-up that most have are taken.
    """
    unused: list[Unused] = []
    fit: list[Dark] = []
    for dark in darks:
        fault = _find_fault(dark, selection)
        if fault is None:
            fit.append(dark)
        else:
            unused.append(Unused(dark.rootname, *fault))
    for reason, name, setup in _SETUPS:
        fit, others = keep_most(fit, setup)
        usual = setup(fit[0]) if fit else ""
        unused += [
            Unused(one.rootname, reason, f"Its {name} is {setup(one)}; most have {usual}.")
            for one in others
        ]
    fit, wrong = _keep_own_flash(fit)
    unused += wrong
    return sorted(fit, key=order_of), sorted(unused, key=lambda one: one.rootname)


def order_of(dark: Dark) -> tuple[float, str]:
    """Return what darks are ordered by: time, then name."""
    return dark.start_mjd or 0.0, dark.rootname


def _find_fault(dark: Dark, selection: DarkSelection) -> tuple[str, str] | None:
    """Return why a dark is of no use whatever others there are; None if it is."""
    for check in (_find_odd, _find_time_fault, _find_step_fault):
        fault = check(dark, selection)
        if fault is not None:
            return fault
    return None


def _find_odd(dark: Dark, selection: DarkSelection) -> tuple[str, str] | None:
    across, up = (int(dark.number(f"BINAXIS{axis}") or 1) for axis in (1, 2))
    if dark.rootname in selection.excluded:
        return EXCLUDED, "The table of selection leaves it out."
    if dark.start_mjd is None:
        return NO_TIME, "EXPSTART says no time."
    if dark.find("SUBARRAY") is True:
        return SUBARRAY, "It is a subarray."
    if across != up or across not in selection.binnings:
        return BINNING, f"It is binned {across} x {up}, which the table of selection has not."
    if dark.word("SHUTRPOS") not in SHUTTERS and selection.instrument == "wfc3":
        return SHUTTER, f"SHUTRPOS is {dark.word('SHUTRPOS') or '(none)'}, neither A nor B."
    return None


def _find_time_fault(dark: Dark, selection: DarkSelection) -> tuple[str, str] | None:
    exposure, dark_time = dark.exposure_s, dark.number("DARKTIME")
    if exposure not in selection.exposure_s:
        known = ", ".join(f"{one:g}" for one in selection.exposure_s)
        return EXPOSURE_TIME, f"EXPTIME is {exposure:g} s; used are {known}."
    if dark_time is not None and not 0.0 <= dark_time - exposure <= MOST_DARK_TIME_S:
        return DARK_TIME, f"DARKTIME is {dark_time:g} s with an EXPTIME of {exposure:g} s."
    if dark.word("EXPFLAG") not in ("", "NORMAL"):
        return EXPOSURE_FLAG, f"EXPFLAG is {dark.word('EXPFLAG')}: how long it was is not sure."
    return None


def _find_step_fault(dark: Dark, _: DarkSelection) -> tuple[str, str] | None:
    done = {step for step in _STEPS if dark.word(step) == "COMPLETE"}
    for step in ("DARKCORR", "FLATCORR"):
        if step in done:
            return SUBTRACTED, f"{step} is COMPLETE: its dark current is not as it was."
    for step in ("BLEVCORR", "BIASCORR"):
        if step not in done:
            state, name = dark.word(step) or "(none)", dark.find("BIASFILE") or "(none)"
            return STEP, f"{step} is {state}, so the bias is in it; BIASFILE is {name}."
    if (dark.number("FLASHLVL") or dark.number("FLASHDUR") or 0.0) > 0 and "FLSHCORR" not in done:
        name = dark.find("FLSHFILE") or "(none)"
        return NO_FLASH_FILE, f"The post-flash was not taken off: FLSHFILE is {name}."
    if dark.word("BUNIT") != "ELECTRONS":
        return UNIT, f"BUNIT is {dark.word('BUNIT') or '(none)'}, not ELECTRONS."
    return None


_STEPS = ("DARKCORR", "FLATCORR", "BLEVCORR", "BIASCORR", "FLSHCORR")


def _describe_shape(dark: Dark) -> str:
    chips = sorted(dark.science.items())
    return ", ".join(f"chip {chip}: {one.shape[1]} x {one.shape[0]}" for chip, one in chips)


_SETUPS: Sequence[tuple[str, str, Callable[[Dark], str]]] = (
    (BINNING, "binning", lambda dark: f"{dark.number('BINAXIS1') or 1:g}"),
    (GAIN, "gain", lambda dark: f"CCDGAIN {dark.number('CCDGAIN')}, CCDAMP {dark.word('CCDAMP')}"),
    (SHAPE, "shape", _describe_shape),
    (FLASH_LEVEL, "level of post-flash", lambda dark: f"{dark.number('FLASHLVL') or 0.0:g}"),
)


def keep_most(darks: Sequence[Dark], setup: Callable[[Dark], str]) -> tuple[list[Dark], list[Dark]]:
    """Part darks into those of the set-up that most have (first of equal ones), and others."""
    counts = Counter(setup(dark) for dark in sorted(darks, key=order_of))
    usual = max(counts, key=lambda one: counts[one], default="")
    own = [dark for dark in darks if setup(dark) == usual]
    return own, [dark for dark in darks if setup(dark) != usual]


def _keep_own_flash(darks: Sequence[Dark]) -> tuple[list[Dark], list[Unused]]:
    """Part darks into those whose post-flash was of their side of the shutter, and others.

    Each side has a flash file of its own. Where one file was taken for both, the side that more
    have is right.
    """
    kept: list[Dark] = []
    wrong: list[Unused] = []
    for name, own in _by_flash_file(darks).items():
        good, others = keep_most(own, lambda dark: dark.word("SHUTRPOS")) if name else (own, [])
        kept += good
        wrong += [
            Unused(
                one.rootname,
                SHUTTER,
                f"SHUTRPOS is {one.word('SHUTRPOS')}, but its FLSHFILE {name} is that of the other "
                "side.",
            )
            for one in others
        ]
    return kept, wrong


def _by_flash_file(darks: Iterable[Dark]) -> dict[str, list[Dark]]:
    found: dict[str, list[Dark]] = {}
    for dark in darks:
        is_flashed = dark.word("FLSHCORR") == "COMPLETE"
        found.setdefault(str(dark.find("FLSHFILE") or "") if is_flashed else "", []).append(dark)
    return found
