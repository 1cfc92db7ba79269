"""Find an exposure and those before it for the measurement, and what was measured for the trend."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.monitors.framework.listing import count_unused
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_assets.monitors.framework.unused import IN_PART
from hstql_assets.monitors.persistence.frames import FILETYPES
from hstql_assets.monitors.persistence.measure import (
    NOT_RETRIEVED,
    UNREADABLE,
    VISIT,
    PersistenceTask,
    Predecessor,
)
from hstql_assets.monitors.persistence.membership import (
    ASSET,
    is_before,
    is_exposure,
    read_digests,
)
from hstql_assets.monitors.persistence.settings import StimulusSettings, load_settings
from hstql_assets.monitors.persistence.trend import PersistenceHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.references import References

if TYPE_CHECKING:
    from hstql_resources.clients import Clients

NO_HEADERS = "no headers"
Before = Mapping[str, Sequence[Predecessor]]


def locate_persistence(
    clients: "Clients", measurement: Measurement, keys: Sequence[str]
) -> list[Task | Outcome]:
    """Return a task for each exposure of a batch, in a handful of queries."""
    database, settings = clients.database, load_settings()
    before = list(measurement.upstream)
    decisions = read_decisions(database, before, keys)
    files, faults = _read_files(database, keys)
    digests, predecessors = read_digests(database, keys), _read_predecessors(database, keys)
    named = [_find_named(clients.references, name) for name in _names(settings)]
    tasks: list[Task | Outcome] = []
    for key in keys:
        unmade = find_unmade(decisions, before, key)
        if unmade is not None:
            tasks.append(unmade)
        elif key not in files or key not in digests:
            tasks.append(Outcome(key, "none", _say_nothing(key, faults)))
        elif any(isinstance(one, str) for one in named):
            reason = " ".join(one for one in named if isinstance(one, str))
            tasks.append(Outcome(key, "missing", reason))
        else:
            table, spatial = (one if isinstance(one, Path) else None for one in named)
            tasks.append(
                PersistenceTask(
                    key, files[key], tuple(predecessors[key]), settings, table, spatial,
                    clients.filesystem, digests[key],
                )
            )  # fmt: skip
    return tasks


def _names(settings: StimulusSettings) -> tuple[str, str]:
    return settings.table if settings.model == "table" else "", settings.spatial_map


def _find_named(references: References, name: str) -> Path | str | None:
    """Return a file that the settings name, a sentence if it is nowhere; None if there is none."""
    if not name:
        return None
    return references.find(name) or f"stimuli.toml names {name}, which is nowhere."


def _say_nothing(key: str, faults: Mapping[str, str]) -> str:
    return faults.get(key) or f"There is no flt or ima of {key}, or no start in its headers."


def _read_files(
    database: Database, rootnames: Sequence[str]
) -> tuple[dict[str, dict[str, InputFile]], dict[str, str]]:
    """Return the files of exposures by type, and a sentence about those that others found bad."""
    file, bad = tables.File, tables.BadData
    statement = (
        select(file.rootname, file.filename, file.filetype, file.path, bad.detail, bad.reason)
        .outerjoin(bad, (bad.filename == file.filename) & (bad.step != "persistence"))
        .where(file.rootname == any_of(rootnames), file.filetype == any_of(FILETYPES))
        .order_by(file.filename)
    )
    files: dict[str, dict[str, InputFile]] = defaultdict(dict)
    faults: dict[str, str] = {}
    for row in database.read(statement):
        if row.reason is None:
            one = InputFile(row.filename, row.filetype, Path(row.path))
            files[row.rootname][row.filetype] = one
        else:
            faults[row.rootname] = row.detail or row.reason
    return dict(files), faults


def _read_predecessors(database: Database, keys: Sequence[str]) -> dict[str, list[Predecessor]]:
    """Return the exposures before each of some, in the order of time, those without times last."""
    earlier, later = aliased(tables.Observation), aliased(tables.Observation)
    statement = (
        select(later.rootname.label("key"), earlier.rootname)
        .select_from(later)
        .join(earlier, is_before(earlier, later))
        .where(later.rootname == any_of(keys), is_exposure(later), is_exposure(earlier))
        .order_by(earlier.exp_start_mjd, earlier.rootname)
    )
    pairs = [(str(row[0]), str(row[1])) for row in database.read(statement)]
    files, faults = _read_files(database, sorted({name for _, name in pairs}))
    found: dict[str, list[Predecessor]] = defaultdict(list)
    for key, name in pairs:
        if name in files:
            found[key].append(Predecessor(name, files[name]))
        elif name in faults:
            found[key].append(Predecessor(name, {}, (UNREADABLE, faults[name])))
        else:
            detail = "There is neither an flt nor an ima of it here."
            found[key].append(Predecessor(name, {}, (NOT_RETRIEVED, detail)))
    for key, name in _read_undated(database, keys):
        detail = "The archive lists it before this one in its visit; its headers are not here."
        found[key].append(Predecessor(name, {}, (NO_HEADERS, detail)))
    return found


def _read_undated(database: Database, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Return exposures of the same visit, by name before others, that no header was read of.

    What they were taken with is not known, so some may be of the other detector. Names that end in
    a digit are those of associations.
    """
    product, observation, own = tables.Product, tables.Observation, aliased(tables.Observation)
    visit = func.left(own.rootname, VISIT)
    statement = (
        select(own.rootname, product.rootname)
        .select_from(own)
        .join(product, product.rootname.between(visit, own.rootname))
        .outerjoin(observation, observation.rootname == product.rootname)
        .where(
            own.rootname == any_of(keys),
            observation.rootname.is_(None),
            func.left(product.rootname, VISIT) == visit,
            product.rootname.op("~")("[a-z]$"),
        )
        .distinct()
        .order_by(own.rootname, product.rootname)
    )
    return [(str(row[0]), str(row[1])) for row in database.read(statement)]


def read_persistence_history(database: Database) -> PersistenceHistory:
    """Return all that was measured, whom it is of, and why exposures before were not used."""
    own: Any = tables.Persistence
    observation, stimulus = tables.Observation, tables.PersistenceStimulus
    exposures = (
        select(own.__table__, observation.proposal_id, observation.target_name, observation.filter)
        .outerjoin(observation, observation.rootname == own.rootname)
        .order_by(own.exp_start_mjd, own.rootname)
    )
    harm = (
        select(
            stimulus.stimulus,
            func.count().filter(stimulus.above_001 > 0.0).label("harmed"),
            func.max(stimulus.above_001).label("worst"),
        )
        .where(stimulus.reason.is_(None))
        .group_by(stimulus.stimulus)
    )
    reason = func.coalesce(stimulus.reason, IN_PART).label("reason")
    unused = (
        select(reason, func.count(), func.count(stimulus.rootname.distinct()))
        .where(or_(stimulus.reason.is_not(None), stimulus.detail.is_not(None)))
        .group_by(reason)
        .order_by(reason)
    )
    return PersistenceHistory(
        database.read(exposures),
        {str(row.stimulus): (int(row.harmed), float(row.worst)) for row in database.read(harm)},
        [(str(row[0]), int(row[1]), int(row[2])) for row in database.read(unused)],
        count_unused(database, [ASSET]),
    )
