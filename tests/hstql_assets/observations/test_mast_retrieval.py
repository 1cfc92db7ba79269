"""Files from a loopback MAST: fetched once, kept while they are current, and never half."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from builders.graph_station import GraphStation
from builders.loopback_files import Fault
from builders.loopback_mast import LoopDataset
from builders.mast_station import (
    ALONE,
    ASSOCIATION,
    FIRST,
    QUICK,
    SECOND,
    MastStation,
    files_like,
    open_mast_station,
    process_again,
)
from hstql_assets.observations.listing import find_stale
from hstql_assets.orchestration.planning import Selection
from hstql_resources import tables

LATER = datetime(2025, 5, 5, 5, 5, 5, tzinfo=UTC)
RETRIEVALS = ("cos/raw_files", "cos/calibrated_files")


@pytest.fixture
def station_of_mast(station: GraphStation, simulated: Path) -> Iterator[MastStation]:
    with open_mast_station(station, simulated) as opened:
        opened.discover()
        yield opened


@pytest.fixture
def filled(station_of_mast: MastStation) -> MastStation:
    """Everything was fetched once."""
    report = station_of_mast.make(*RETRIEVALS)
    assert not report.failures
    station_of_mast.fetched()
    return station_of_mast


def outcomes(station: MastStation, asset: str) -> dict[str, tuple[str, str | None]]:
    rows = station.station.pipeline.rows(tables.Outcome)
    return {
        str(row["key"]): (str(row["status"]), row["reason"])  # type: ignore[misc]
        for row in rows
        if row["asset"] == asset
    }


def changes(station: MastStation) -> dict[tuple[str, str], object]:
    """Return when each decision last had another result."""
    outcome = tables.Outcome
    database = station.station.pipeline.clients.database
    return {(row.asset, row.key): row.changed_at
            for row in database.read(text(f"SELECT * FROM {outcome.__tablename__}"))}  # fmt: skip


def test_an_association_and_its_members_are_keys_each_with_its_own_files(
    filled: MastStation,
) -> None:
    keys = filled.graph.instance.get_dynamic_partitions("cos_rootname")
    assert sorted(keys) == [ASSOCIATION, FIRST, SECOND, ALONE]
    assert filled.discover() == []
    rows = filled.station.pipeline.rows(tables.File)
    own = {str(row["filename"]) for row in rows if row["rootname"] == ASSOCIATION}
    assert own == {f"{ASSOCIATION}_x1dsum.fits"}
    assert len(rows) == sum(len(dataset.files) for dataset in filled.mast.datasets.values())
    assert {row["origin"] for row in rows} == {"archive"}


def test_every_file_is_the_one_that_is_served_and_has_the_date_of_its_data_set(
    filled: MastStation,
) -> None:
    rows = {str(row["filename"]): row for row in filled.station.pipeline.rows(tables.File)}
    for dataset in filled.mast.datasets.values():
        for filename, body in dataset.files.items():
            assert isinstance(body, bytes)
            assert filled.path(filename).read_bytes() == body
            assert rows[filename]["sha256"] == hashlib.sha256(body).hexdigest()
            assert isinstance(dataset.archived_at, datetime)
            assert filled.path(filename).stat().st_mtime == dataset.archived_at.timestamp()
            assert rows[filename]["archived_at"] == dataset.archived_at


def test_what_is_here_and_current_is_not_fetched_again_and_nothing_follows(
    filled: MastStation,
) -> None:
    before = changes(filled)
    filled.make(*RETRIEVALS, mode="all")
    assert filled.fetched() == []
    assert changes(filled) == before


def test_all_is_fetched_again_if_that_is_asked_for(filled: MastStation) -> None:
    before = changes(filled)
    again = {"config": {"fetch": "again"}}
    filled.make(*RETRIEVALS, mode="all", config={"cos__raw_files": again})
    assert set(filled.fetched()) == {
        name for dataset in filled.mast.datasets.values() for name in dataset.files
        if name.endswith(("_spt.fits", "_jit.fits"))
    }  # fmt: skip
    assert changes(filled) == before


def test_a_file_that_was_damaged_on_disk_is_fetched_again(filled: MastStation) -> None:
    path = filled.path(f"{FIRST}_x1d.fits")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    filled.make("cos/calibrated_files", mode="all")
    assert filled.fetched() == [f"{FIRST}_x1d.fits"]
    assert path.read_bytes() == whole


def test_files_of_a_run_that_was_killed_before_it_recorded_are_kept(filled: MastStation) -> None:
    with filled.station.pipeline.clients.database.write() as writer:
        writer.execute(text("DELETE FROM files"))
        writer.execute(text("DELETE FROM outcomes"))
    filled.path(f"{ALONE}_spt.fits").write_bytes(b"")
    filled.make(*RETRIEVALS, mode="all")
    assert filled.fetched() == [f"{ALONE}_spt.fits"]
    assert len(filled.station.pipeline.rows(tables.File)) > 4


def test_a_file_that_was_delivered_again_makes_its_keys_stale_and_only_what_changed_follows(
    filled: MastStation,
) -> None:
    filled.make("cos/lightcurves", "composites")
    assert not find_stale(filled.station.pipeline.clients.database, "cos")
    name = f"{FIRST}_x1d.fits"
    body = filled.mast.datasets[ASSOCIATION].files[name]
    assert isinstance(body, bytes)
    filled.mast.replace_file(ASSOCIATION, name, process_again(body), LATER)
    filled.discover()
    stale = find_stale(filled.station.pipeline.clients.database, "cos")
    assert list(stale) == [ASSOCIATION, FIRST, SECOND]  # the date is that of the data set

    before = changes(filled)
    filled.fetched()
    filled.make(*RETRIEVALS, selection=Selection(tuple(stale)), mode="all", only=True)
    assert {file[:9] for file in filled.fetched()} == set(stale)
    after = changes(filled)
    assert {place for place in after if after[place] != before[place]} == {
        ("cos/calibrated_files", FIRST)
    }
    assert not find_stale(filled.station.pipeline.clients.database, "cos")

    filled.make("cos/lightcurves", "composites")
    made = dict(filled.station.made)
    assert made["cos/header_tables"] == made["cos/lightcurves"] == (FIRST,)
    assert made["composites"] == ("sim-constant",)


def test_a_file_of_another_size_makes_only_its_exposure_and_its_association_stale(
    filled: MastStation,
) -> None:
    dataset = filled.mast.datasets[ASSOCIATION]
    assert isinstance(dataset.archived_at, datetime)
    name = f"{SECOND}_x1d.fits"
    body = dataset.files[name]
    assert isinstance(body, bytes)
    filled.mast.replace_file(ASSOCIATION, name, body + bytes(2880), dataset.archived_at)
    filled.discover()
    database = filled.station.pipeline.clients.database
    assert list(find_stale(database, "cos")) == [ASSOCIATION, SECOND]


def test_a_file_that_the_archive_lists_no_longer_goes(filled: MastStation) -> None:
    name = f"{FIRST}_jit.fits"
    del filled.mast.datasets[ASSOCIATION].files[name]
    filled.mast.add(filled.mast.datasets[ASSOCIATION])
    filled.make("cos/raw_files", mode="all")
    assert not filled.path(name).exists()
    assert filled.path(f"{FIRST}_spt.fits").exists()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", 404), "404"),
        (Fault("status", 400), "400"),
        (Fault("status", 500), "500"),
        (Fault("status", 503), "503"),
        (Fault("status", 429, retry_after="0"), "429"),
        (Fault("stall", seconds=600.0), "1 s"),
        (Fault("drop"), "closed|ended|broke|lost"),
        (Fault("half"), "FITS|whole|ends"),
        (Fault("login"), "page"),
    ],
)
def test_what_cannot_be_had_is_named_and_the_others_are_done(
    station_of_mast: MastStation, fault: Fault, reason: str
) -> None:
    name = f"{FIRST}_corrtag_a.fits"
    name = name if name in station_of_mast.mast.datasets[ASSOCIATION].files else f"{FIRST}_x1d.fits"
    station_of_mast.mast.files.fail_always(name, fault)
    if fault.kind == "stall":
        station_of_mast = station_of_mast.with_policy(replace(QUICK, read_s=1.0))
    report = station_of_mast.make(*RETRIEVALS)
    (failure,) = report.failures
    # Only what the archive does not have is decided; all else may be there another time.
    status = "missing" if reason in ("404", "400") else "waiting"
    assert (failure.asset, failure.key, failure.status) == (
        "cos/calibrated_files", FIRST, status,
    )  # fmt: skip
    assert name in failure.reason
    made = outcomes(station_of_mast, "cos/calibrated_files")
    assert {key for key, (status, _) in made.items() if status == "made"} == {
        ASSOCIATION, SECOND, ALONE,
    }  # fmt: skip
    assert not station_of_mast.path(name).exists()
    assert not list(station_of_mast.station.pipeline.home.rglob("*.part"))


def test_what_still_cannot_be_had_is_no_change(station_of_mast: MastStation) -> None:
    station_of_mast.mast.files.fail_always(f"{FIRST}_x1d.fits", Fault("status", 404))
    station_of_mast.mast.remove(ALONE)
    station_of_mast.make(*RETRIEVALS)
    before = changes(station_of_mast)
    assert len(station_of_mast.make(*RETRIEVALS, mode="failed").failures) == 2
    assert changes(station_of_mast) == before
    station_of_mast.mast.files.fail_always(f"{FIRST}_x1d.fits", None)
    station_of_mast.make(*RETRIEVALS, mode="failed")
    after = changes(station_of_mast)
    assert {key for key in after if after[key] != before[key]} == {("cos/calibrated_files", FIRST)}


def test_a_file_of_a_pipeline_is_not_taken_for_that_of_the_archive(filled: MastStation) -> None:
    path = filled.path(f"{ALONE}_x1d.fits")
    theirs = path.read_bytes()
    ours = process_again(theirs)
    assert len(ours) == len(theirs)
    path.write_bytes(ours)
    with filled.station.pipeline.clients.database.write() as writer:
        writer.execute(
            text("UPDATE files SET origin = 'calcos', sha256 = :digest WHERE filename = :name")
            .bindparams(digest=hashlib.sha256(ours).hexdigest(), name=path.name)
        )  # fmt: skip
    filled.make("cos/calibrated_files", mode="all")
    assert path.read_bytes() == ours  # what was made here stays
    assert filled.fetched() == []
    again = {"cos__calibrated_files": {"config": {"source": "archive"}}}
    filled.make("cos/calibrated_files", mode="all", config=again)
    assert path.read_bytes() == theirs
    assert path.name in filled.fetched()


def test_a_list_with_a_path_in_a_file_name_is_a_named_fault_of_its_key(
    station_of_mast: MastStation,
) -> None:
    dataset = station_of_mast.mast.datasets[ALONE]
    good = dataset.list_products()[0]
    dataset.products.append({**good, "filename": "../../x", "uri": "../../x"})
    report = station_of_mast.make(*RETRIEVALS)
    assert {failure.key for failure in report.failures} == {ALONE}
    assert "../../x" in report.failures[0].reason
    assert station_of_mast.path(f"{ALONE}_x1d.fits").exists()


def test_an_association_of_which_only_members_have_files_has_nothing_to_fetch(
    station_of_mast: MastStation,
) -> None:
    del station_of_mast.mast.datasets[ASSOCIATION].files[f"{ASSOCIATION}_x1dsum.fits"]
    report = station_of_mast.make(*RETRIEVALS)
    assert not report.failures
    assert outcomes(station_of_mast, "cos/calibrated_files")[ASSOCIATION] == (
        "none",
        f"There are no calibrated files of {ASSOCIATION}.",
    )


def test_a_rootname_that_is_gone_is_named(station_of_mast: MastStation) -> None:
    station_of_mast.mast.remove(ALONE)
    report = station_of_mast.make(*RETRIEVALS)
    (failure,) = {(one.key, one.reason) for one in report.failures}
    assert failure == (ALONE, f"The mast archive has no files of {ALONE}.")


def test_proprietary_files_are_skipped_without_a_token_and_had_after_their_release(
    station_of_mast: MastStation, simulated: Path
) -> None:
    name = "lmst03aaq"
    at = datetime(2031, 1, 1, tzinfo=UTC)
    files = files_like(simulated, "ls000102q", name)
    secret = LoopDataset(name, files=files, is_public=False, released_at=at)
    station_of_mast.mast.add(secret)
    station_of_mast.discover()
    report = station_of_mast.make(*RETRIEVALS)
    (reason,) = {one.reason for one in report.failures}
    assert "proprietary until 2031-01-01" in reason
    assert not any(request.startswith(name) for request in station_of_mast.fetched())
    station_of_mast.mast.release(name)
    station_of_mast.discover()
    report = station_of_mast.make(*RETRIEVALS, mode="failed")
    assert not report.failures
    assert station_of_mast.path(f"{name}_x1d.fits").exists()
