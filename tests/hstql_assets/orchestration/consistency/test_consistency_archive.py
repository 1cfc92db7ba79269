"""An archive that changed, is not there, or has things twice: found, and healed by retrieval."""

import shutil
from pathlib import Path

from astropy.io import fits

from builders.consistency_station import ConsistencyStation, change_last_byte, places
from builders.graph_station import CONSTANT, ECLIPSE
from hstql_assets.orchestration.consistency import findings as kinds
from hstql_assets.orchestration.planning import Request, Selection
from hstql_resources import tables
from hstql_resources.archive import Search
from hstql_resources.archive.directory import DirectoryArchive


def mirrored(made: ConsistencyStation, rootname: str, filetype: str) -> Path:
    return made.mirror / rootname[:4] / rootname / f"{rootname}_{filetype}.fits"


def test_a_product_that_the_archive_has_newly_dropped_or_changed_is_brought_up_to_date(
    made: ConsistencyStation,
) -> None:
    dropped, changed = mirrored(made, CONSTANT, "spt"), mirrored(made, ECLIPSE, "spt")
    new = mirrored(made, CONSTANT, "wsp")
    shutil.copyfile(dropped, new)
    fits.setval(new, "FILENAME", value=new.name)
    dropped.unlink()
    changed.write_bytes(changed.read_bytes() + bytes(2880))
    assert places(made.findings()) == {
        kinds.PRODUCT_GONE: [(CONSTANT, dropped.name)],
        kinds.PRODUCT_MISSING: [(CONSTANT, new.name)],
        kinds.PRODUCT_CHANGED: [(ECLIPSE, changed.name)],
    }
    made.heal()
    assert made.findings() == {}
    names = {row["filename"]: row["size_bytes"] for row in made.station.pipeline.rows(tables.File)}
    assert dropped.name not in names
    assert names[new.name] == new.stat().st_size
    assert names[changed.name] == changed.stat().st_size
    assert not made.files(dropped.name)


def test_an_observation_that_the_archive_has_no_longer_is_told_and_its_rows_stay(
    made: ConsistencyStation,
) -> None:
    shutil.rmtree(mirrored(made, CONSTANT, "x1d").parent)
    before = made.state()
    found = made.findings()
    assert places(found) == {kinds.OBSERVATION_GONE: [(CONSTANT, "")]}
    assert not found[kinds.OBSERVATION_GONE][0].can_heal
    made.heal()
    assert made.state() == before


def test_what_was_registered_and_never_asked_for_is_told_and_left_to_the_user(
    copying: ConsistencyStation,
) -> None:
    station = copying.station
    station.graph.discover(copying.clients, Search("cos"))
    request = Request(("cos/raw_files",), selection=Selection((CONSTANT,)), only=True)
    station.graph.materialize(copying.clients, request, {}, lambda _: None)
    found = copying.findings()
    assert sorted(one.key for one in found.pop(kinds.NEVER_RETRIEVED)) == ["ls000102q", ECLIPSE]
    kept = {one.key for one in found.pop(kinds.PRODUCT_MISSING)}
    assert (found, kept) == ({}, {CONSTANT})
    copying.heal()
    assert copying.findings().keys() == {kinds.NEVER_RETRIEVED}
    decided = {(row["asset"], row["key"]) for row in copying.station.pipeline.rows(tables.Outcome)}
    assert decided == {("cos/raw_files", CONSTANT), ("cos/calibrated_files", CONSTANT)}


def test_a_key_whose_retrieval_failed_is_healed_once_the_archive_has_it(
    made: ConsistencyStation,
) -> None:
    folder = mirrored(made, ECLIPSE, "x1d").parent
    away = folder.rename(made.mirror.parent / "away")
    request = Request(
        ("cos/raw_files", "cos/calibrated_files"), "all", Selection((ECLIPSE,)), only=True
    )
    made.station.graph.materialize(made.clients, request, {}, lambda _: None)
    with made.clients.database.write() as writer:
        writer.execute(tables.File.__table__.delete().where(tables.File.rootname == ECLIPSE))
    away.rename(folder)
    (finding,) = made.findings()[kinds.NOT_RETRIEVED]
    assert finding.key == ECLIPSE
    assert "has no files" in finding.detail
    made.heal()
    assert made.findings() == {}


def test_an_archive_that_is_not_mounted_is_one_finding_and_nothing_is_forgotten(
    made: ConsistencyStation,
) -> None:
    before = made.state()
    lost = made.files(f"{CONSTANT}_x1d.fits")[0]
    content = lost.read_bytes()
    lost.unlink()
    away = made.mirror.rename(made.mirror.parent / "away")
    found = made.examine()
    assert "cannot be read" in str(found["agrees_with_archive"].error)
    assert not found["agrees_with_archive"].findings
    assert made.plan().is_empty
    made.mirror.mkdir()
    found = made.examine()
    (finding,) = found["agrees_with_archive"].findings
    assert finding.kind == kinds.ARCHIVE_EMPTY
    assert "none of the 3 observations of cos" in finding.detail
    assert made.plan().is_empty
    made.mirror.rmdir()
    away.rename(made.mirror)
    lost.write_bytes(content)
    assert made.state() == before


def test_a_mirror_read_in_place_is_checked_and_never_touched(copying: ConsistencyStation) -> None:
    made = copying.on(DirectoryArchive(copying.mirror))
    made.station.make()
    assert made.findings() == {}
    extra = mirrored(made, CONSTANT, "flt")
    extra.write_bytes(b"x")
    other = copying.mirror / CONSTANT[:4] / CONSTANT.upper()
    other.mkdir()
    shutil.copyfile(mirrored(made, CONSTANT, "x1d"), other / f"{CONSTANT}_x1d.fits")
    change_last_byte(mirrored(made, ECLIPSE, "x1d"))
    before = {path: path.stat().st_mtime_ns for path in copying.mirror.rglob("*")}
    found = places(made.findings())
    assert found == {
        kinds.PRODUCT_MISSING: [(CONSTANT, extra.name)],
        kinds.WRONG_CHECKSUM: [(ECLIPSE, f"{ECLIPSE}_x1d.fits")],
        kinds.FOLDER_TWICE: [(CONSTANT, CONSTANT.upper())],
        kinds.FILE_TWICE: [(CONSTANT, f"{CONSTANT}_x1d.fits")],
        kinds.MISPLACED: [(CONSTANT, f"{CONSTANT}_x1d.fits")],
    }
    made.heal()
    assert made.findings().keys() >= {kinds.FOLDER_TWICE, kinds.FILE_TWICE, kinds.MISPLACED}
    assert kinds.WRONG_CHECKSUM not in made.findings()
    assert {path: path.stat().st_mtime_ns for path in copying.mirror.rglob("*")} == before


def test_a_home_inside_the_archive_is_never_cleaned(
    made: ConsistencyStation,
) -> None:
    stray = made.files(f"{CONSTANT}_x1d.fits")[0].with_name(f"{CONSTANT}_flt.fits")
    stray.write_bytes(b"x")
    inside = made.on(DirectoryArchive(made.home, in_place=False))
    assert inside.examine()["no_stray_files"].findings == ()
    assert inside.examine()["no_stray_files"].notes["files_compared"] == 0
