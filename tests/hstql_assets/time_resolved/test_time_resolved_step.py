"""The step in the graph: rows and files come, go with the exposure, and are told from others'."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import select, update

from builders.pipeline import Pipeline
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.retiring import find_files
from hstql_assets.lightcurves.checks import check_equality
from hstql_assets.lightcurves.inputs import locate_events
from hstql_assets.time_resolved.assets import OWNED
from hstql_assets.time_resolved.making import SpectraTask, decide_time_resolved
from hstql_assets.time_resolved.settings import IntervalSettings
from hstql_resources.tables import Lightcurve, TimeResolvedSpectra

KEYS = ["ltest01aq", "ltest02aq"]
SETTINGS = IntervalSettings()


def make(pipeline: Pipeline) -> dict[str, Outcome]:
    """Ingest the exposures, and make their spectra."""
    steps = pipeline.ingest("cos", KEYS)
    clients = pipeline.clients
    tasks = [
        one if isinstance(one, Outcome) else SpectraTask(**vars(one), settings=SETTINGS)
        for one in locate_events(clients.database, clients.filesystem, "cos", KEYS, {})
    ]
    steps.take("time_resolved_spectra", tasks, decide_time_resolved, OWNED.tables)
    return steps.decisions["time_resolved_spectra"]


def test_a_row_a_file_and_a_picture_for_each_and_none_where_the_spectrum_is_gone(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    folders = [add_exposure(key) for key in KEYS]
    assert [made.status for made in make(pipeline).values()] == ["made", "made"]
    database, filesystem = pipeline.clients.database, pipeline.clients.filesystem
    (x1d,) = folders[1].glob("*_x1d.fits")
    x1d.unlink()
    outcome = make(pipeline)[KEYS[1]]
    assert (outcome.status, "no x1d" in str(outcome.reason)) == ("none", True)
    rows = list(database.read(select(TimeResolvedSpectra)))
    assert [row.rootname for row in rows] == KEYS[:1]
    assert Path(rows[0].path) == filesystem.time_resolved(KEYS[0])
    for owned in OWNED.files:
        (path,) = find_files(filesystem, owned, KEYS)[KEYS[0]]
        assert path.is_file()
        assert not find_files(filesystem, owned, KEYS)[KEYS[1]]


@pytest.mark.parametrize("table", [Lightcurve, TimeResolvedSpectra])
def test_the_check_names_what_differs_from_its_x1d(
    table: type[Lightcurve | TimeResolvedSpectra],
    pipeline: Pipeline,
    add_exposure: Callable[..., Path],
) -> None:
    for key in KEYS:
        add_exposure(key)
    database = pipeline.clients.database

    def judge() -> dg.AssetCheckResult:
        (result,) = check_equality(table, database, dg.AssetKey(["cos", table.__tablename__]))
        return result

    assert not judge().passed  # nothing was judged
    make(pipeline)
    pipeline.extract(KEYS)
    equal = judge()
    assert (equal.passed, equal.metadata["judged"].value) == (True, 2)
    with database.write() as writer:
        changed = update(table).where(table.rootname == KEYS[1])
        writer.execute(changed.values(x1d_ratio=1.01))
    differs = judge()
    assert (differs.passed, differs.metadata["differing"].value) == (False, 1)
    assert f"{KEYS[1]}: 1.010000. " in differs.metadata["exposures"].value
    assert KEYS[0] not in differs.metadata["exposures"].value
