"""Do what follows from a step for other domains: register and retire keys, report a check.

The list of assets hands these functions to the builders, so that no domain knows those above it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dagster as dg
from sqlalchemy import Select, select

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.batch_asset import Consequence
from hstql_assets.batching.decisions import forget
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.partition_names import CAMERAS, SPECTROGRAPHS
from hstql_assets.batching.partitions import (
    IMAGES,
    SUBSETS,
    SUFFERERS,
    TARGETS,
    TIMETAG_ROOTNAMES,
    register_keys,
    set_name,
    unregister_keys,
)
from hstql_assets.batching.partitions import SETS as EXPOSURE_SETS
from hstql_assets.batching.retiring import retire_keys
from hstql_assets.batching.room import is_limited
from hstql_assets.composites.membership import read_changed_targets, select_targets
from hstql_assets.cumulative_images.reading import read_changed_images, select_images
from hstql_assets.cumulative_images.registering import record_cumulative_images
from hstql_assets.lightcurves.extractions.recording import forget_redefined_extractions
from hstql_assets.monitors.framework.listing import find_reselected, require_table
from hstql_assets.monitors.framework.membership import read_changed_sets, select_sets
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_assets.monitors.framework.registry import (
    find_set_measurement,
    foreign_tables,
    read_selected_measurements,
)
from hstql_assets.monitors.framework.trend_run import make_tables
from hstql_assets.monitors.persistence.membership import read_changed_exposures, select_exposures
from hstql_assets.observations.checks import report_currency
from hstql_assets.orchestration.setting_aside import set_aside_settled
from hstql_resources import tables
from hstql_resources.archive import Archive
from hstql_resources.clients import Clients
from hstql_resources.dagster_keys import find_registered
from hstql_resources.postgres.database import Database

ReadNodes = Callable[[], Sequence[AssetNode]]  # called when a step runs: then all assets are built


@dataclass(frozen=True)
class DerivedSet:
    """A partition set whose keys are those that rows of the database name, and its sensor.

    Attributes
    ----------
    partitions : DynamicPartitionsDefinition
        The set.
    asset : str
        What is first made of its keys.
    select_keys : callable
        Returns the query for the keys that there have to be.
    read_changed : callable
        Returns the keys to be made again, each with a digest of what it is made from.
    sensor : str
        Name of the sensor that requests what changed.
    about : str
        What that sensor does.
    nothing : str
        What it says where nothing changed, with the number of keys `retired`.
    record : callable, optional
        Records first what the archive has for it.
    """

    partitions: dg.DynamicPartitionsDefinition
    asset: str
    select_keys: Callable[[], Select[str]]
    read_changed: Callable[[Database], Mapping[str, str]]
    sensor: str
    about: str
    nothing: str
    record: Callable[[Archive, Database], None] | None = None


TARGET = DerivedSet(
    TARGETS,
    "composites",
    select_targets,
    read_changed_targets,
    sensor="changed_targets",
    about="Requests the composites of targets whose lightcurves are new, made again or gone, and "
    "takes away those of targets without any. A change is requested once: if its run fails, reset "
    "the cursor, or run 'hstql materialize composites'.",
    nothing="No target changed; {retired} were retired.",
)
IMAGE = DerivedSet(
    IMAGES,
    "gain_maps",
    select_images,
    read_changed_images,
    sensor="changed_images",
    about="Requests the gain maps of weeks whose FUV events are new, changed or gone, and takes "
    "away those of weeks without any. A change is requested once: if its run fails, reset the "
    "cursor, or run 'hstql materialize gain_maps'.",
    nothing="No cumulative image changed.",
    record=record_cumulative_images,
)


def _select_sets(asset: str) -> Select[str]:
    return select_sets(find_set_measurement(asset))


def _read_changed_sets(asset: str, database: Database) -> Mapping[str, str]:
    return read_changed_sets(database, find_set_measurement(asset))


SETS = {
    asset: DerivedSet(
        partitions,
        asset,
        partial(_select_sets, asset),
        partial(_read_changed_sets, asset),
        sensor=f"changed_{asset}",
        about=f"Requests {asset} of sets of exposures of the cameras when one of these is new, "
        "changed or gone, or their selection was corrected, and takes away sets without any. A "
        "change is requested once: if its run fails, reset the cursor, or run 'hstql materialize "
        f"{asset}'.",
        nothing="No set of exposures changed.",
    )
    for asset, partitions in EXPOSURE_SETS.items()
}
SUFFERER = DerivedSet(
    SUFFERERS,
    "persistence",
    select_exposures,
    read_changed_exposures,
    sensor="changed_persistence",
    about="Requests the persistence of exposures of WFC3/IR when they, or those of the hours "
    "before, are new, changed or gone, or its settings were corrected. A change is requested once: "
    "if its run fails, reset the cursor, or run 'hstql materialize persistence'.",
    nothing="No exposure, and none before one, changed.",
)
DERIVED = {set_name(one.partitions): one for one in (TARGET, IMAGE, *SETS.values(), SUFFERER)}


def read_keys(database: Database, derived: DerivedSet) -> list[str]:
    """Return the keys that rows name, sorted."""
    return sorted(str(row[0]) for row in database.read(derived.select_keys()))


def find_empty_keys(
    database: Database, derived: DerivedSet, stored: Sequence[str], named: Sequence[str]
) -> list[str]:
    """Return the keys that are registered or have left something behind, but no row names."""
    outcome = tables.Outcome
    decided = database.read(select(outcome.key).where(outcome.asset == derived.asset))
    known = {str(row.key) for row in decided}.union(stored)
    return sorted(known.difference(named))


def settle_keys(
    instance: dg.DagsterInstance, clients: Clients, nodes: Sequence[AssetNode], derived: DerivedSet
) -> list[str]:
    """Register the keys that rows name, and take away all that is left of others; name these."""
    database, name = clients.database, set_name(derived.partitions)
    named = read_keys(database, derived)
    register_keys(instance, derived.partitions, named)
    empty = find_empty_keys(database, derived, instance.get_dynamic_partitions(name), named)
    make_tables(database, foreign_tables())
    retired = retire_keys(database, clients.filesystem, nodes, name, empty, derived.select_keys())
    unregister_keys(instance, derived.partitions, retired)
    return retired


def settle(
    instance: dg.DagsterInstance, clients: Clients, nodes: Sequence[AssetNode], derived: DerivedSet
) -> None:
    """Do the same after what the archive has for the set was recorded."""
    if derived.record is not None:
        derived.record(clients.archive, clients.database)
    settle_keys(instance, clients, nodes, derived)


def forget_redefined(database: Database, home: Path, nodes: Sequence[AssetNode]) -> None:
    """Forget decisions by definitions that have changed since, so that keys are made anew."""
    for node in nodes:
        if node.name.endswith("/extractions"):
            forget_redefined_extractions(database, home, node.name)


def forget_reselected(database: Database, nodes: Sequence[AssetNode]) -> None:
    """Forget decisions by tables of selection that were edited since, where that changes them."""
    for measurement in _find_selected(nodes):
        if keys := find_reselected(database, measurement):
            with database.write() as writer:
                forget(writer, [measurement.name], keys)


def say_selections(nodes: Sequence[AssetNode]) -> str:
    """Return what tells apart the editions of the tables of selection of assets."""
    tables = [require_table(one).digest(one.instrument) for one in _find_selected(nodes)]
    return " ".join(tables)


def _find_selected(nodes: Sequence[AssetNode]) -> list[Measurement]:
    names = {node.name for node in nodes}
    return [one for one in read_selected_measurements() if one.name in names]


def follow_curves(read_nodes: ReadNodes) -> list[Consequence]:
    """Return what follows from lightcurves and composites: which targets there are."""
    return [lambda instance, clients, _: settle(instance, clients, read_nodes(), TARGET)]


def follow_headers(instrument: str, read_nodes: ReadNodes) -> list[Consequence]:
    """Return what follows from the headers of an instrument.

    Exposures are sorted into the partition sets that they belong to; then it is settled which
    targets, images and sets there are. The versions that the check of `calibrated_files` looks at
    are those that were just read.
    """
    sets = [TIMETAG_ROOTNAMES[instrument]] if instrument in SPECTROGRAPHS else []
    derived = [TARGET] if sets else []
    if instrument == "cos":
        sets += SUBSETS.values()
        derived.append(IMAGE)
    if instrument in CAMERAS:
        derived += SETS.values()
    if instrument == "wfc3":
        derived.append(SUFFERER)

    def sort(instance: dg.DagsterInstance, clients: Clients, outcomes: Sequence[Outcome]) -> None:
        nodes = read_nodes()
        for partitions in sets:
            _sort_keys(instance, clients, nodes, partitions, outcomes)
        for one in derived:
            settle(instance, clients, nodes, one)

    def report(instance: dg.DagsterInstance, clients: Clients, _: Sequence[Outcome]) -> None:
        report_currency(instance, clients.database, instrument)

    return [sort, report]


def follow_decisions(read_nodes: ReadNodes) -> Consequence:
    """Return what follows from every step: fetched files that nothing needs any more go."""

    def settle_room(instance: dg.DagsterInstance, clients: Clients, _: Sequence[Outcome]) -> None:
        if is_limited(clients):
            set_aside_settled(clients, read_nodes(), partial(find_registered, instance))

    return settle_room


def _sort_keys(
    instance: dg.DagsterInstance,
    clients: Clients,
    nodes: Sequence[AssetNode],
    partitions: dg.DynamicPartitionsDefinition,
    outcomes: Sequence[Outcome],
) -> None:
    """Register the exposures that belong to a set, and retire those that do not any more.

    An exposure that cannot be read now keeps its key.
    """
    name = set_name(partitions)
    belongs = {
        outcome.key: name in str(outcome.metadata["partition_sets"]).split()
        for outcome in outcomes
        if outcome.status == "made"
    }
    register_keys(instance, partitions, [key for key, yes in belongs.items() if yes])
    others = sorted(
        find_registered(instance, name, [key for key, yes in belongs.items() if not yes])
    )
    make_tables(clients.database, foreign_tables())
    retire_keys(clients.database, clients.filesystem, nodes, name, others)
    unregister_keys(instance, partitions, others)
