"""One exposure more among 2,000: what is made then, and what is left alone."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import dagster as dg
from sqlalchemy import func, select, text

from builders.graph_station import CONSTANT, GraphStation
from hstql_resources import tables
from hstql_resources.postgres.database import Database

EXPOSURES, TARGETS = 2000, 200
THEN = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = tuple(f"cos/{name}" for name in
              ("raw_files", "calibrated_files", "header_tables", "lightcurves"))  # fmt: skip
NEW = "lsim02aaq"
COPIED = "run_id, dagster_event_type, timestamp, step_key, asset_key"
COPY = f"""INSERT INTO event_logs ({COPIED}, event, partition)
SELECT {COPIED}, replace(event, :first, :other), :other FROM event_logs WHERE id = :last"""


def rootname(number: int) -> str:
    return f"lmany{number:04d}"


def target(number: int) -> str:
    return f"many-{number % TARGETS:03d}"


def filename(number: int) -> str:
    return f"hlsp_hstlc_hst_cos-fuv_{target(number)}_g130m_1291_psa_v1_sci.fits"


def fill(database: Database) -> None:
    """Write the rows that 2,000 exposures of 200 targets leave when all is made."""
    names = [(number, rootname(number)) for number in range(EXPOSURES)]
    settings = {"instrument": "cos", "detector": "FUV", "opt_elem": "G130M", "cenwave": 1291,
                "aperture": "PSA"}  # fmt: skip
    numbers = {"bin_s": 2.0, "bins": 10, "gross_counts": 1, "is_flux_calibrated": True,
               "exposure_s": 20.0, "ingest_date": THEN, "path": "absent"}  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Observation, [{"rootname": name, **settings} for _, name in names])
        writer.upsert(
            tables.Lightcurve,
            [{"rootname": name, "target": target(number), **numbers} for number, name in names],
        )
        writer.upsert(
            tables.CompositeMember,
            [{"target": target(number), "rootname": name, "made_at": THEN,
              "filename": filename(number), "dataset": 1 + number // TARGETS}
             for number, name in names],
        )  # fmt: skip
        writer.upsert(
            tables.Composite,
            [{"target": target(number), **settings, **numbers, "filename": filename(number),
              "exposures": EXPOSURES // TARGETS, "is_background_subtracted": True,
              "exp_start_mjd": 58000.0, "exp_end_mjd": 58001.0}
             for number in range(TARGETS)],
        )  # fmt: skip
        writer.upsert(
            tables.Outcome,
            [{"asset": asset, "key": key, "status": "made", "decided_at": THEN,
              "changed_at": THEN}
             for asset, key in decisions()],
        )  # fmt: skip


def decisions() -> list[tuple[str, str]]:
    exposures = [(asset, rootname(number)) for asset in STEPS for number in range(EXPOSURES)]
    return exposures + [("composites", target(number)) for number in range(TARGETS)]


def register(instance: dg.DagsterInstance) -> None:
    exposures = [rootname(number) for number in range(EXPOSURES)]
    for name in ("cos_rootname", "cos_timetag_rootname"):
        instance.add_dynamic_partitions(name, exposures)
    instance.add_dynamic_partitions("target", [target(number) for number in range(TARGETS)])
    for asset, keys in groupby(decisions(), itemgetter(0)):
        materialize(instance, dg.AssetKey(asset.split("/")), *(key for _, key in keys))


def materialize(instance: dg.DagsterInstance, asset: dg.AssetKey, first: str, *others: str) -> None:
    """Report one key to Dagster, which takes 3 ms, and copy that event for the others."""
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=first))
    with instance.event_log_storage.index_connection() as connection:
        last = connection.execute(text("SELECT max(id) FROM event_logs")).scalar_one()
        keys = [{"last": last, "first": first, "other": other} for other in others]
        connection.execute(text(COPY), keys)


def count_materializations(instance: dg.DagsterInstance, since: float) -> dict[str, list[str]]:
    made = {}
    for asset in (*STEPS, "composites"):
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey(asset.split("/")), after_timestamp=since), limit=100
        ).records
        made[asset] = [str(record.partition_key) for record in records]
    return made


def test_one_exposure_more_makes_one_lightcurve_and_one_composite(
    station: GraphStation, add_exposure: Callable[..., Path]
) -> None:
    database, instance = station.pipeline.clients.database, station.graph.instance
    add_exposure("lsim01aaq", CONSTANT)
    station.make()
    fill(database)
    register(instance)
    station.make()
    assert station.made == [], "all 2,001 are up to date"

    add_exposure(NEW, CONSTANT)
    since = time.time()
    started = datetime.now(UTC)
    station.make()

    expected = [*((asset, (NEW,)) for asset in STEPS), ("composites", ("sim-constant",))]
    assert station.made == expected
    outcome = tables.Outcome
    decided = database.read(select(outcome.asset, outcome.key).where(outcome.decided_at >= started))
    assert sorted((row.asset, row.key) for row in decided) == sorted(
        (asset, keys[0]) for asset, keys in expected
    )
    assert count_materializations(instance, since) == {
        asset: list(keys) for asset, keys in expected
    }
    (count,) = database.read(select(func.count()).where(tables.Composite.ingest_date >= started))
    assert count[0] == 1
    assert station.targets()["sim-constant"] == 2
    assert len(station.keys) == TARGETS + 1
