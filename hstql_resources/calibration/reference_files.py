"""Find the reference files of the runs, all of them before anything runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from astropy.io import fits

from hstql_resources.calibration.errors import CalibrationError, MissingReferencesError
from hstql_resources.calibration.pipelines import PIPELINES
from hstql_resources.calibration.reference_needs import is_needed
from hstql_resources.calibration.units import CalibrationUnit
from hstql_resources.filenames import stored_name
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import read_primary

Choice = Mapping[str, str]
_NOT_NAMES = {"", "N/A", "NOT APPLICABLE"}


@dataclass(frozen=True)
class ReferenceSet:
    """The reference files of one run.

    Attributes
    ----------
    paths : dict
        Path of each by the name that the pipeline looks for.
    chosen : dict
        By name of a raw file, plain, the keywords that its copy gets, such as
        `{"FLATFILE": "lref$abc_flat.fits"}`; nothing where the header decides.
    """

    paths: dict[str, Path]
    chosen: dict[str, dict[str, str]] = field(default_factory=dict)


def assemble_references(
    units: Iterable[CalibrationUnit],
    find: Callable[[str], Path | None],
    choices: Mapping[str, Choice] | None = None,
) -> dict[str, ReferenceSet | CalibrationError]:
    """Find what every run needs.

    Parameters
    ----------
    units : iterable of CalibrationUnit
        The runs.
    find : callable
        Returns the path for a value such as `lref$abc_flat.fits`, or None; `References.find`. It
        is called once for each value.
    choices : mapping, optional
        By name of a raw file, plain, what is to be used instead of what its header names:
        filenames by keyword.

    Returns
    -------
    dict
        By name of the unit its files, or the error that lists what is missing.
    """
    places: dict[str, Path | None] = {}

    def find_once(value: str) -> Path | None:
        if value not in places:
            places[value] = find(value)
        return places[value]

    return {unit.name: _assemble(unit, find_once, choices or {}) for unit in units}


def wanted_references(instrument: str, header: fits.Header) -> dict[str, str]:
    """Return the reference files that a raw file needs.

    Parameters
    ----------
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    header : astropy.io.fits.Header
        Its primary header.

    Returns
    -------
    dict
        By keyword the value, such as `lref$abc_flat.fits`, in the order of the header.
    """
    prefix = f"{PIPELINES[instrument].variable}$"
    return {
        keyword: value.strip()
        for keyword, value in header.items()
        if isinstance(value, str)
        and value.strip().startswith(prefix)
        and is_needed(instrument, keyword, header)
    }


def choose_values(
    instrument: str, header: fits.Header, choice: Choice
) -> tuple[fits.Header, dict[str, str]]:
    """Return a header with the chosen reference files, and the keywords that are changed."""
    variable = PIPELINES[instrument].variable
    changed = {}
    for keyword, filename in choice.items():
        value = "N/A" if filename.upper() in _NOT_NAMES else f"{variable}${filename}"
        if (keyword in header or value != "N/A") and str(header.get(keyword, "")).strip() != value:
            changed[keyword] = value
    amended = header.copy()
    amended.update(changed)
    return amended, changed


def _assemble(
    unit: CalibrationUnit, find: Callable[[str], Path | None], choices: Mapping[str, Choice]
) -> ReferenceSet | CalibrationError:
    paths: dict[str, Path] = {}
    chosen: dict[str, dict[str, str]] = {}
    missing: dict[str, list[str]] = {}
    for raw in unit.raws:
        name = stored_name(raw.name)
        try:
            header = read_primary(raw)
        except (OSError, FitsError) as error:
            return CalibrationError(f"{raw.name} cannot be read: {error}.")
        header, changed = choose_values(unit.instrument, header, choices.get(name, {}))
        if changed:
            chosen[name] = changed
        for keyword, value in wanted_references(unit.instrument, header).items():
            path, filename = find(value), value.partition("$")[2]
            if path is not None:
                paths[filename] = path
            elif keyword not in missing.setdefault(filename, []):
                missing[filename].append(keyword)
    return _name_missing(unit, missing) if missing else ReferenceSet(paths, chosen)


def _name_missing(unit: CalibrationUnit, missing: dict[str, list[str]]) -> MissingReferencesError:
    files = ", ".join(f"{name} ({', '.join(keys)})" for name, keys in sorted(missing.items()))
    number = (
        "a reference file that is"
        if len(missing) == 1
        else (f"{len(missing)} reference files that are")
    )
    variable = PIPELINES[unit.instrument].variable
    return MissingReferencesError(
        f"{unit.name} needs {number} nowhere: {files}. Put them into the folder that {variable} "
        "names, or set CRDS_PATH and let crds choose them."
    )
