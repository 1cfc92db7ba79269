"""Read what the lightcurve step needs: event files, spectra, earlier products."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.outcomes import Outcome, Status
from hstql_assets.lightcurves.making import ExposureTask, LightcurveTask
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

EVENTS = ("corrtag", "corrtag_a", "corrtag_b")
SPECTRUM = "x1d"
SUPPORT = "spt"


def locate_exposures(
    database: Database,
    filesystem: Filesystem,
    instrument: str,
    keys: Sequence[str],
    targets: Mapping[str, str],
    settings: ExtractionSettings,
) -> list[LightcurveTask | Outcome]:
    """Return a task for each key of a batch, in three queries; `targets` has slugs by rootname."""
    products = read_lightcurve_paths(database, keys)
    return [
        one
        if isinstance(one, Outcome)
        else LightcurveTask(**vars(one), before=products.get(one.key), settings=settings)
        for one in locate_events(database, filesystem, instrument, keys, targets)
    ]


def locate_events(
    database: Database,
    filesystem: Filesystem,
    instrument: str,
    keys: Sequence[str],
    targets: Mapping[str, str],
) -> list[ExposureTask | Outcome]:
    """Return the files of each exposure, or why there are none, in two queries."""
    before, retrieval = [f"{instrument}/header_tables"], f"{instrument}/calibrated_files"
    decisions = read_decisions(database, [*before, retrieval], keys)
    files = _files_by_rootname(database, keys)
    return [
        find_unmade(decisions, before, key)
        or ExposureTask(
            key=key,
            target=targets.get(key),
            events=tuple(files[key][name] for name in EVENTS if name in files[key]),
            x1d=files[key].get(SPECTRUM),
            spt=files[key].get(SUPPORT),
            missing_reason=_reason(decisions.get((retrieval, key)), "missing"),
            filesystem=filesystem,
            bad_reason=_reason(decisions.get((retrieval, key)), "bad"),
        )
        for key in keys
    ]


def _reason(decision: tuple[Status, str | None] | None, status: Status) -> str | None:
    return decision[1] if decision is not None and decision[0] == status else None


def locate_lightcurves(
    database: Database, instrument: str, keys: Sequence[str]
) -> dict[str, Path | Outcome]:
    """Return what a later step starts from: the lightcurve of each key, or why there is none."""
    before = [f"{instrument}/lightcurves"]
    decisions = read_decisions(database, before, keys)
    paths = read_lightcurve_paths(database, keys)
    return {
        key: find_unmade(decisions, before, key)
        or paths.get(key)
        or Outcome(key, *_without_lightcurve(*decisions[before[0], key]))
        for key in keys
    }


def _without_lightcurve(status: Status, reason: str | None) -> tuple[Status, str]:
    if status == "made":  # the row was removed by hand
        return "missing", "The row of the lightcurve is gone: materialize lightcurves again."
    return status, f"There is no lightcurve: {reason}"


def read_lightcurve_paths(database: Database, keys: Sequence[str]) -> dict[str, Path]:
    """Return the lightcurve file of each exposure that has one."""
    curve = tables.Lightcurve
    statement = select(curve.rootname, curve.path).where(curve.rootname == any_of(keys))
    return {row.rootname: Path(row.path) for row in database.read(statement)}


def _files_by_rootname(database: Database, keys: Sequence[str]) -> dict[str, dict[str, Path]]:
    file = tables.File
    statement = select(file.rootname, file.filetype, file.path).where(
        file.rootname == any_of(keys), file.filetype == any_of([*EVENTS, SPECTRUM, SUPPORT])
    )
    files: dict[str, dict[str, Path]] = defaultdict(dict)
    for row in database.read(statement):
        files[row.rootname][row.filetype] = Path(row.path)
    return files
