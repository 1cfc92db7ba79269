"""Select exposures and targets by what is known of them: name, proposal, place, release.

One mechanism for all commands and the launchpad. Names are taken in any case. What is wrong usage
is told; what is done with the exposures is decided elsewhere.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, any_, func, literal, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer

from hstql_assets.batching.decisions import any_of
from hstql_assets.orchestration.planning import PlanError, Selection
from hstql_assets.targets.slugs import make_slug
from hstql_resources import tables
from hstql_resources.archive import Archive, FolderArchive, Search
from hstql_resources.filenames import instrument_of
from hstql_resources.postgres.cones import within
from hstql_resources.postgres.database import Database
from hstql_resources.sky import Cone
from hstql_resources.suggestions import find_alike

NOTHING = "Nothing is selected: no registered exposure is {conditions}."
SUGGESTED_FROM = 20_000  # names; to compare more of them takes longer than to look


@dataclass(frozen=True)
class Registered:
    """The keys that there are.

    Attributes
    ----------
    exposures : frozenset of str
        Exposures and associations.
    targets : frozenset of str
        Slugs.
    """

    exposures: frozenset[str]
    targets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Selected:
    """What conditions hold for.

    Attributes
    ----------
    selection : Selection
        The conditions.
    exposures : frozenset of str
        Exposures and associations, those that are named also where they are not registered.
    targets : frozenset of str
        Slugs of the targets that are named.
    """

    selection: Selection
    exposures: frozenset[str]
    targets: frozenset[str] = frozenset()


def select_keys(
    database: Database, archive: Archive, registered: Registered, selection: Selection
) -> Selected:
    """Return the exposures and associations for which every condition holds.

    Parameters
    ----------
    database : Database
        What is known.
    archive : Archive
        Is asked for the members of proposals whose headers have not been read yet.
    registered : Registered
        The keys that there are.
    selection : Selection
        With at least one condition.

    Raises
    ------
    PlanError
        If a target or proposal is not known, or a condition holds for nothing that another one
        leaves. A target may have no exposure yet.
    ArchiveError
        If the archive does not answer.
    """
    keys = frozenset(selection.rootnames) or registered.exposures
    targets: frozenset[str] = frozenset()
    if selection.instruments:
        keys = frozenset(key for key in keys if instrument_of(key) in selection.instruments)
    if selection.targets:
        targets, exposures = find_targets(database, registered.targets, selection.targets)
        keys &= exposures
    if selection.proposals:
        keys &= _find_of_proposals(database, archive, registered.exposures, selection.proposals)
    if selection.since is not None:
        keys &= _find_released(database, selection.since)
    if selection.cone is not None:
        keys &= _find_within(database, selection.cone)
    if not keys and not selection.is_of_targets_only:
        raise PlanError(NOTHING.format(conditions=selection.describe()))
    return Selected(selection, keys, targets)


def find_targets(
    database: Database, registered: Collection[str], names: Sequence[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return targets and exposures that slugs, resolved names and names in headers stand for.

    All are taken in any case; `registered` are the slugs that have keys.

    Raises
    ------
    PlanError
        If one of them is known neither as a target nor from a header.
    """
    targets: set[str] = set()
    exposures: set[str] = set()
    for name in names:
        slugs = _find_slugs(database, name)
        slugs |= {name.strip().lower(), make_slug(name)}.intersection(registered)
        found = _find_exposures(database, slugs, name)
        if not slugs and not found:
            raise PlanError(_say_unknown(database, name))
        targets |= slugs
        exposures |= found
    return frozenset(targets), frozenset(exposures)


def _find_slugs(database: Database, name: str) -> set[str]:
    row, folded = tables.TargetName, name.strip().upper()
    wanted = or_(
        row.target == any_of([name.strip().lower(), make_slug(name)]),
        func.upper(row.target_name) == folded,
        func.upper(row.resolved_name) == folded,
    )
    others = (
        select(model.target).where(model.target == name.strip().lower())
        for model in (tables.Observation, tables.Lightcurve, tables.Composite)
    )
    return {str(one[0]) for one in database.read(union(select(row.target).where(wanted), *others))}


def _find_exposures(database: Database, slugs: set[str], name: str) -> set[str]:
    """Return the exposures of targets, and others that have the name in their headers."""
    observation = tables.Observation
    chosen: list[tuple[type[tables.Base], ColumnElement[bool]]] = [
        (model, model.target == any_of(sorted(slugs)))
        for model in (observation, tables.Lightcurve, tables.TargetName)
    ]
    chosen.append((observation, func.upper(observation.target_name) == name.strip().upper()))
    parts = [select(model.__table__.c.rootname).where(condition) for model, condition in chosen]
    return {str(row[0]) for row in database.read(union(*parts))}


def _say_unknown(database: Database, name: str) -> str:
    row = tables.TargetName
    statement = select(row.target).distinct().limit(SUGGESTED_FROM)
    alike = find_alike(name, (str(one[0]) for one in database.read(statement)))
    return (
        f"{name!r} is no target: 'hstql targets' lists them. A new one becomes known with its "
        f"first lightcurve ('hstql materialize lightcurves').{alike}"
    )


def _find_of_proposals(
    database: Database, archive: Archive, registered: frozenset[str], proposals: Sequence[int]
) -> frozenset[str]:
    """Return the exposures of proposals; parameters and errors are those of `select_keys`."""
    row = tables.Observation
    numbers = any_(literal(list(proposals), ARRAY(Integer)))
    statement = select(row.rootname, row.proposal_id).where(row.proposal_id == numbers)
    found = {(str(one.rootname), int(one.proposal_id)) for one in database.read(statement)}
    found |= _ask_for_proposals(database, archive, registered, proposals)
    for proposal in proposals:
        if proposal not in {number for _, number in found}:
            raise PlanError(
                f"There is no observation of proposal {proposal} in the database, among those "
                "whose headers were read ('hstql materialize header_tables')."
            )
    return frozenset(rootname for rootname, _ in found)


def _ask_for_proposals(
    database: Database, archive: Archive, registered: frozenset[str], proposals: Sequence[int]
) -> set[tuple[str, int]]:
    """Return what the archive has of proposals, if there are keys without headers.

    A folder of files knows no proposals.
    """
    row, product = tables.Observation, tables.Product
    read = select(row.rootname).where(row.rootname == any_of(sorted(registered)))
    unread = registered - {str(one.rootname) for one in database.read(read)}
    if not unread or isinstance(archive, FolderArchive):
        return set()
    found: set[tuple[str, int]] = set()
    for proposal in proposals:
        for instrument in sorted({instrument_of(rootname) for rootname in unread}):
            search = Search(instrument, proposal_ids=(proposal,))
            datasets = [dataset.name for dataset in archive.find_datasets(search)]
            listed = select(product.rootname).where(product.dataset == any_of(datasets))
            names = {str(one.rootname) for one in database.read(listed)}
            found |= {(name, proposal) for name in names.union(datasets) & unread}
    return found


def _find_released(database: Database, since: datetime) -> frozenset[str]:
    product = tables.Product
    statement = select(product.rootname).where(product.released_at >= since).distinct()
    return frozenset(str(row.rootname) for row in database.read(statement))


def _find_within(database: Database, cone: Cone) -> frozenset[str]:
    row = tables.Observation
    statement = select(row.rootname).where(within(cone, row.sky_cell, row.ra_deg, row.dec_deg))
    return frozenset(str(one.rootname) for one in database.read(statement))
