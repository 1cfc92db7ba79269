"""Calibrate the files of a batch here by a pipeline, before they are described.

Which exposures are run together, and how, is the business of `hstql_resources.calibration`; here
is what of it belongs to which key.
"""

import logging
import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select, union
from sqlalchemy.orm import aliased

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.outcomes import NOT_CALIBRATED, BadFile, Outcome
from hstql_assets.batching.recalling import take_all
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_assets.observations.sources import is_product
from hstql_resources import tables
from hstql_resources.calibration.calibrating import calibrate_all
from hstql_resources.calibration.crds_choice import choose_references, is_configured
from hstql_resources.calibration.errors import CalibrationError, CrdsError, PipelineMissingError
from hstql_resources.calibration.pipelines import PIPELINES, require_pipeline
from hstql_resources.calibration.planning import plan_units
from hstql_resources.calibration.reference_files import ReferenceSet, assemble_references
from hstql_resources.calibration.running import Calibrated
from hstql_resources.calibration.units import CalibrationUnit, Plan
from hstql_resources.clients import Clients
from hstql_resources.filenames import instrument_of, parse_filename, stored_name
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

_log = logging.getLogger(__name__)

TRAILER_LINES = 40  # how much of a trailer the user interface shows


@dataclass
class _Made:
    """What became of one key: filled as the runs are done."""

    files: dict[Path, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    passing: list[str] = field(default_factory=list)  # faults that may not be there another time
    bad_files: list[BadFile] = field(default_factory=list)
    metadata: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kept:
    """What a run left: the files of each key with their origin, and what is shown of it."""

    files: Mapping[str, Mapping[Path, str]]
    metadata: Mapping[str, object]


def calibrate_batch(
    clients: Clients, tasks: Sequence[RetrievalTask | Outcome]
) -> list[RetrievalTask | Outcome]:
    """Run the pipelines for the tasks of a batch that want it.

    Parameters
    ----------
    clients : Clients
        Where files, reference files and workers are.
    tasks : sequence of RetrievalTask or Outcome
        Of one instrument. What is decided already, or comes from the archive, stays as it is.

    Returns
    -------
    list of RetrievalTask or Outcome
        In the same order; each task with what was made of it, or why it was not. Where there is
        nothing to calibrate it is left to the archive.
    """
    wanted = [task.key for task in tasks
              if isinstance(task, RetrievalTask) and task.is_calibrated_here]  # fmt: skip
    made = {key: _Made() for key in wanted}
    try:
        for portion in take_all(clients, _find_inputs(clients, wanted)):
            for refused in portion.refused:
                own = made[refused.key]
                faults = own.passing if refused.status == "waiting" else own.faults
                faults.append(str(refused.reason))
            if portion.ready:
                ready = {key: made[key] for key in portion.ready}
                _calibrate(clients, instrument_of(wanted[0]), ready)
    except (PipelineMissingError, CrdsError) as error:
        for one in made.values():
            one.passing.append(str(error))
    return [
        _add(task, made[task.key]) if isinstance(task, RetrievalTask) and task.key in made else task
        for task in tasks
    ]


def _find_inputs(clients: Clients, keys: Sequence[str]) -> dict[str, frozenset[Path]]:
    """Return the raw files of each key and of all exposures that it shares a data set with."""
    found: dict[str, set[Path]] = {key: set() for key in keys}
    if clients.archive.is_remote:
        file, own, other = tables.File, tables.Product, aliased(tables.Product)
        shared = select(own.rootname.label("key"), other.rootname.label("member")).join(
            other, other.dataset == own.dataset
        )
        pairs = union(
            shared.where(own.rootname == any_of(keys)),
            select(own.dataset, own.rootname).where(own.dataset == any_of(keys)),
        ).subquery()
        statement = select(pairs.c.key, file.path).join(file, file.rootname == pairs.c.member)
        for key, path in clients.database.read(statement.where(file.kind == "raw")):
            found[key].add(Path(path))
    return {key: frozenset(paths) for key, paths in found.items()}


def _add(task: RetrievalTask, made: _Made) -> RetrievalTask:
    # There is nothing to calibrate.
    is_from_archive = not (made.files or made.faults or made.passing or made.bad_files)
    return replace(
        task,
        products=tuple(
            product for product in task.products if is_from_archive or not is_product(product)
        ),
        made=made.files,
        faults=(*task.faults, *made.faults),
        passing=(*task.passing, *made.passing),
        bad_files=(*task.bad_files, *made.bad_files),
        metadata=made.metadata,
    )


def _calibrate(clients: Clients, instrument: str, made: Mapping[str, _Made]) -> None:
    require_pipeline(instrument)
    holdings = _read_raw(clients.database, made)
    plan = _plan(clients.database, instrument, list(made), holdings)
    for fault in plan.faults:
        made[fault.name].faults.append(fault.sentence)
    for key, reason in plan.nothing.items():
        made[key].metadata["calibration"] = reason
    references = _find_references(clients, plan.units)
    # What the pipelines make too, such as a lampflash, and the archive has as a raw file.
    raw = {path.name for paths in holdings.values() for path in paths}

    def keep(unit: CalibrationUnit, calibrated: Calibrated) -> _Kept:
        return _keep(clients.filesystem, unit, calibrated, made.keys(), raw)

    results = calibrate_all(
        plan.units,
        references,
        keep,
        scratch=clients.filesystem.scratch,
        workers=_count_workers(clients),
    )
    for unit, result in results:
        clients.on_calibrated("made" if isinstance(result, _Kept) else "failed", len(plan.units))
        if isinstance(result, CalibrationError):
            _log.warning("%s", result)
        for key in made.keys() & {*unit.makes, unit.name}:
            _record(clients.filesystem, made[key], key, unit, result)


def _find_references(
    clients: Clients, units: Sequence[CalibrationUnit]
) -> dict[str, ReferenceSet | CalibrationError]:
    """Find the reference files of the runs: those that crds chooses, where it is configured."""
    if not is_configured():
        return assemble_references(units, clients.references.find)
    chosen = choose_references([raw for unit in units for raw in unit.raws])
    return assemble_references(units, chosen.find_with(clients.references.find), chosen.choices)


def _plan(
    database: Database, instrument: str, keys: Sequence[str], holdings: dict[str, list[Path]]
) -> Plan:
    """Plan the runs; the files of members and wavecals are looked up as they turn out needed."""
    while True:
        plan = plan_units(instrument, keys, holdings)
        lacks = {name for fault in plan.faults for name in fault.lacks} - holdings.keys()
        if not lacks:
            return plan
        holdings |= _read_raw(database, sorted(lacks))


def _read_raw(database: Database, keys: Collection[str]) -> dict[str, list[Path]]:
    """Return the raw files of each key that are at hand; an empty list where there are none."""
    file = tables.File
    statement = select(file.rootname, file.path).where(
        file.rootname == any_of(sorted(keys)), file.kind == "raw"
    )
    found: dict[str, list[Path]] = {key: [] for key in keys}
    for rootname, path in database.read(statement):
        if Path(path).is_file():
            found[rootname].append(Path(path))
    return found


def _keep(
    filesystem: Filesystem,
    unit: CalibrationUnit,
    calibrated: Calibrated,
    keys: Collection[str],
    raw: Collection[str],
) -> _Kept:
    """Move the products of the keys of this batch to their places."""
    origin = PIPELINES[unit.instrument].name.lower()
    files: dict[str, dict[Path, str]] = defaultdict(dict)
    for product in calibrated.products:
        parsed = parse_filename(product.name)
        if parsed is not None and parsed.rootname in keys and parsed.name not in raw:
            path = filesystem.observation_folder(parsed.rootname) / product.name
            _put(filesystem, product, path)
            files[parsed.rootname][path] = origin
    metadata = {
        "pipeline": f"{PIPELINES[unit.instrument].name} {calibrated.version or ''}".strip(),
        "pipeline_seconds": round(calibrated.seconds, 1),
        "pipeline_peak_memory_mb": round(calibrated.peak_memory_bytes / 1e6),
        "reference_files": "\n".join(f"- {name}" for name in calibrated.references),
        **_keep_trailer(filesystem, unit.name, calibrated.trailer),
    }
    return _Kept(files, metadata)


def _put(filesystem: Filesystem, product: Path, path: Path) -> None:
    try:
        filesystem.move(product, path)
    except OSError as error:
        raise CalibrationError(f"{path} cannot be written: {error.strerror}.") from error


def _record(
    filesystem: Filesystem,
    made: _Made,
    key: str,
    unit: CalibrationUnit,
    result: _Kept | CalibrationError,
) -> None:
    if isinstance(result, _Kept):
        made.files.update(result.files.get(key, {}))
        made.metadata.update(result.metadata)
        return
    if result.trailer:
        made.metadata.update(_keep_trailer(filesystem, unit.name, result.trailer))
    names = [stored_name(raw.name) for raw in unit.raws if result.blames_files]
    blamed = [name for name in names if name.startswith(key)]
    made.bad_files += [BadFile(name, NOT_CALIBRATED, str(result)) for name in blamed]
    if not blamed:
        (made.passing if result.is_passing else made.faults).append(str(result))


def _keep_trailer(filesystem: Filesystem, name: str, trailer: str) -> dict[str, object]:
    """Write what a pipeline wrote beside the logs; return where that is, and its end."""
    path = filesystem.trailer(name)
    with filesystem.write(path) as temporary:
        temporary.write_text(trailer)
    end = trailer.rstrip().splitlines()[-TRAILER_LINES:]
    return {"trailer": path, "end_of_trailer": "```\n" + "\n".join(end) + "\n```"}


def _count_workers(clients: Clients) -> int:
    """Return how many runs there are at the same time: here, even where the workers are Dask's."""
    workers = clients.settings.workers
    return int(workers) if workers.isdigit() else os.cpu_count() or 1
