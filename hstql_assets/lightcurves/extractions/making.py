"""Make the named extractions of one exposure: a worker's task."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.batching.bad_data import BadExposure
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.lightcurves.extractions.definitions import Definition, describe
from hstql_assets.lightcurves.lightcurve import Lightcurve, Unmade, make_lightcurves
from hstql_assets.lightcurves.making import ExposureTask, list_numbers
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.targets import make_slug
from hstql_resources.fits.header_values import finite

NUMBERS = (
    "reason", "path", "segments", "bin_s", "bins", "gross_counts", "background_counts",
    "net_counts_per_s", "mean_flux", "mean_flux_error", "weighted_flux", "weighted_flux_error",
    "band_flux", "band_flux_error", "band_angstrom", "is_flux_calibrated",
    "is_background_subtracted", "exposure_s", "wave_min", "wave_max", "x1d_ratio", "x1d_note",
)  # fmt: skip
NOTHING_CHOSEN = "No extraction is made by default, and none was chosen."


@dataclass(frozen=True, kw_only=True)
class ExtractionTask(ExposureTask):
    """The files of one exposure, and what is to be extracted of them.

    Attributes
    ----------
    before : tuple of Path
        Extractions of an earlier run.
    definitions : tuple of Definition
        Those that are to be made.
    """

    before: tuple[Path, ...]
    definitions: tuple[Definition, ...]


def decide_extractions(task: ExtractionTask) -> Outcome:
    """Make the extractions of an exposure, each for itself, or say why there is none.

    Returns
    -------
    Outcome
        `made`, with a row for each extraction, if there is one; its reason says why there is none
        of others. `none` if there is none at all; `missing` if files could not be retrieved. That
        files are bad is recorded with lightcurves.
    """
    reason = task.find_what_is_missing()
    if reason is not None:
        return Outcome(task.key, "missing", reason)
    if not (task.events and task.definitions):
        _remove(task, ())
        nothing = task.bad_reason or f"{task.key} has no calibrated events (corrtag)."
        return Outcome(task.key, "none", NOTHING_CHOSEN if task.events else nothing)
    each = [definition.settings for definition in task.definitions]
    made = dict(
        zip(task.definitions, make_lightcurves(task.events, task.x1d, each, task.spt), strict=True)
    )
    paths = {
        definition.name: _write(task, definition.name, lightcurve)
        for definition, lightcurve in made.items()
        if isinstance(lightcurve, Lightcurve)
    }
    _remove(task, tuple(paths.values()))
    rows = [_row(task, definition, one, paths) for definition, one in made.items()]
    remarks = {remark: None for one in made.values() for remark in _remarks(one)}
    return Outcome(
        task.key,
        "made" if paths else "none",
        _tell_unmade(made),
        rows={"extractions": rows},
        remarks=tuple(remarks),
        metadata={**paths, "extractions": _tabulate(rows)} if paths else {},
    )


def _target(task: ExtractionTask, lightcurve: Lightcurve | None) -> str:
    name = task.key if lightcurve is None else lightcurve.exposure.target_name
    return task.target or make_slug(name)


def _write(task: ExtractionTask, name: str, lightcurve: Lightcurve) -> Path:
    path = task.filesystem.extraction(_target(task, lightcurve), task.key, name)
    with task.filesystem.write(path) as temporary:
        write_lightcurve(lightcurve, temporary, name=name)
    return path


def _remove(task: ExtractionTask, paths: Sequence[Path]) -> None:
    """Remove the extractions of before that are no more, or lie elsewhere now."""
    for path in set(task.before) - set(paths):
        task.filesystem.remove(path)


def _row(
    task: ExtractionTask,
    definition: Definition,
    made: Lightcurve | Unmade,
    paths: Mapping[str, Path],
) -> dict[str, object]:
    lightcurve = made if isinstance(made, Lightcurve) else None
    row: dict[str, object] = {
        **dict.fromkeys(NUMBERS),  # all rows of a batch have the same columns
        "rootname": task.key,
        "name": definition.name,
        "target": _target(task, lightcurve),
        "about": definition.about,
        "settings": write_settings(definition),
        "remarks": " ".join(_remarks(made)) or None,
        "ingest_date": datetime.now(UTC),
    }
    if lightcurve is None:
        return {**row, "reason": _tell(made)}
    fluxes = vars(lightcurve.band_totals) if lightcurve.band_totals is not None else {}
    return {
        **row,
        **list_numbers(lightcurve),
        **{name: finite(value) for name, value in fluxes.items()},
        "path": str(paths[definition.name]),
        "bin_s": lightcurve.settings.bin_s if lightcurve.edges_s is None else None,
        "band_angstrom": finite(lightcurve.band),
    }


def write_settings(definition: Definition) -> str:
    """Return the settings of an extraction as its rows have them, JSON."""
    return json.dumps(describe(definition.settings), sort_keys=True)


def _remarks(made: Lightcurve | Unmade) -> tuple[str, ...]:
    return made.remarks if isinstance(made, Lightcurve) else ()


def _tell(unmade: Lightcurve | Unmade) -> str:
    is_bad = isinstance(unmade, BadExposure)
    return f"There is no lightcurve: {unmade}" if is_bad else str(unmade)


def _tell_unmade(made: Mapping[Definition, Lightcurve | Unmade]) -> str | None:
    """Return why some extractions were not made, one sentence for each reason; None if all were."""
    names: dict[str, list[str]] = {}
    for definition, one in made.items():
        if not isinstance(one, Lightcurve):
            names.setdefault(_tell(one), []).append(definition.name)
    return " ".join(f"{', '.join(of)}: {reason}" for reason, of in names.items()) or None


def _tabulate(rows: Sequence[Mapping[str, object]]) -> str:
    """Return the extractions as a table that the user interface shows."""
    return "\n".join(_tabulate_lines(rows))


def _tabulate_lines(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    yield "| extraction | bins | gross (counts) | flux over the band (erg/s/cm2) | error |"
    yield "|---|---|---|---|---|"
    columns = "name", "bins", "gross_counts", "band_flux", "band_flux_error"
    for row in rows:
        if row["path"] is not None:
            cells = ("" if row[name] is None else row[name] for name in columns)
            yield f"| {' | '.join(f'{c:.4g}' if isinstance(c, float) else str(c) for c in cells)} |"
