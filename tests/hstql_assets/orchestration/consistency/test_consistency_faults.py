"""Each fault is planted, found with its kind and place, and healed as far as it can be."""

import gzip
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders.consistency_station import ConsistencyStation, change_last_byte, places
from builders.graph_station import CONSTANT, ECLIPSE
from hstql_assets.orchestration.consistency import findings as kinds
from hstql_assets.orchestration.consistency.repair import heal
from hstql_assets.orchestration.planning import Step
from hstql_resources import tables


def test_a_lost_file_is_retrieved_and_what_follows_is_made_as_it_was(
    made: ConsistencyStation,
) -> None:
    before = made.state()
    lost = made.files(f"{CONSTANT}_x1d.fits")[0]
    lost.unlink()
    found = made.findings()
    assert places(found) == {kinds.FILE_MISSING: [(CONSTANT, lost.name)]}
    assert found[kinds.FILE_MISSING][0].is_loss
    made.heal()
    assert lost.is_file()
    assert made.findings() == {}
    assert made.state() == before
    assert made.plan().is_empty


def test_healing_takes_the_steps_that_were_taken_with_these_keys_before_and_no_others(
    made: ConsistencyStation,
) -> None:
    made.files(f"{ECLIPSE}_x1d.fits")[0].unlink()
    steps: list[Step] = []
    heal(made.station.graph, made.clients, made.plan(), steps.append)
    taken = [(name, step.keys) for step in steps for name in step.assets]
    assert taken == [
        ("cos/calibrated_files", (ECLIPSE,)),
        ("cos/header_tables", (ECLIPSE,)),
        ("cos/lightcurves", (ECLIPSE,)),
        ("composites", ("sim-eclipse",)),
    ]


def test_a_lost_lightcurve_and_a_lost_composite_are_made_again(made: ConsistencyStation) -> None:
    before = made.state()
    made.files(f"{ECLIPSE}_curve.fits")[0].unlink()
    composite = made.station.path("sim-constant")
    composite.unlink()
    found = places(made.findings())
    assert sorted(found.pop(kinds.FILE_MISSING)) == [
        (ECLIPSE, f"{ECLIPSE}_curve.fits"),
        ("sim-constant", composite.name),
    ]
    assert found == {}
    made.heal()
    assert made.findings() == {}
    assert made.state() == before


def test_a_lost_thumbnail_is_drawn_again(made: ConsistencyStation) -> None:
    made.station.make("cos/previews")
    assert made.findings() == {}
    lost, *others = made.files(".thumb")
    assert others
    lost.unlink()
    (finding,) = made.findings()[kinds.FILE_MISSING]
    assert (finding.path, finding.remade_by) == (str(lost), "cos/previews")
    made.heal()
    assert lost.is_file()
    assert made.findings() == {}


def test_a_truncated_and_a_changed_file_are_told_apart_and_fetched_again(
    made: ConsistencyStation,
) -> None:
    before = made.state()
    short, changed = (made.files(f"{name}_x1d.fits")[0] for name in (CONSTANT, ECLIPSE))
    os.truncate(short, 2880)
    change_last_byte(changed)
    assert places(made.findings()) == {
        kinds.WRONG_SIZE: [(CONSTANT, short.name)],
        kinds.WRONG_CHECKSUM: [(ECLIPSE, changed.name)],
    }
    made.heal()
    assert made.findings() == {}
    assert made.state() == before


def test_a_stray_of_hstql_is_removed_and_what_others_left_there_stays(
    made: ConsistencyStation,
) -> None:
    own = made.files(f"{CONSTANT}_x1d.fits")[0]
    products = made.home / "products"
    strays = [
        own.with_name(f"{CONSTANT}_flt.fits.gz"),
        made.home / "files" / "lzzz" / "lzzz01aaq" / "lzzz01aaq_x1d.fits",
        products / "lightcurves" / "no-target" / "lzzz01aaq_curve.fits",
        products / "composites" / "hlsp_hstlc_hst_cos-fuv_x_g130m_1291_psa_v1_sci.fits",
        made.home / "previews" / "90000" / "lzzz01aaq_x1d.jpg",
        made.home / "previews" / "90000" / "lzzz01aaq_x1d.thumb",
    ]  # fmt: skip
    others = [
        own.with_name("notes.txt"),
        made.home / "files" / "readme",
        own.parent / "l_link.fits",
    ]
    for path in strays + others[:2]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    others[2].symlink_to(own)
    found = made.findings()
    assert sorted(one.path for one in found.pop(kinds.STRAY)) == sorted(map(str, strays))
    assert sorted(one.path for one in found.pop(kinds.FOREIGN)) == sorted(map(str, others))
    assert found == {}
    healing = made.heal()
    assert sorted(healing.removed) == sorted(map(str, strays))
    assert not any(path.exists() for path in strays)
    assert not (made.home / "files" / "lzzz").exists()
    assert all(path.exists() for path in (own, *others))
    assert places(made.findings()).keys() == {kinds.FOREIGN}
    assert made.plan().is_empty


def test_a_file_that_a_run_in_progress_may_have_brought_is_no_stray_yet(
    made: ConsistencyStation,
) -> None:
    stray = made.files(f"{CONSTANT}_x1d.fits")[0].with_name(f"{CONSTANT}_flt.fits")
    run = {"id": "materialize_1", "command": "hstql materialize", "log": "",
           "started_at": datetime.now(UTC) - timedelta(seconds=1)}  # fmt: skip
    with made.clients.database.write() as writer:
        writer.upsert(tables.Run, [run])
    stray.write_bytes(b"x")
    assert made.findings() == {}
    assert made.examine()["no_stray_files"].notes["too_new_to_tell"] == 1
    long_ago = run | {"started_at": datetime.now(UTC) - timedelta(days=2)}
    with made.clients.database.write() as writer:
        writer.upsert(tables.Run, [long_ago])
    assert places(made.findings()) == {kinds.STRAY: [(CONSTANT, stray.name)]}


def test_a_file_that_came_after_the_plan_is_not_removed(made: ConsistencyStation) -> None:
    stray = made.files(f"{CONSTANT}_x1d.fits")[0].with_name(f"{CONSTANT}_flt.fits")
    stray.write_bytes(b"x")
    plan = made.plan()
    assert plan.removals == (str(stray),)
    stray.unlink()
    stray.write_bytes(b"of a run that has just begun")
    assert heal(made.station.graph, made.clients, plan).removed == ()
    assert stray.exists()


def test_equal_copies_under_the_home_are_removed_and_others_are_told(
    made: ConsistencyStation,
) -> None:
    own = made.files(f"{CONSTANT}_x1d.fits")[0]
    wrong = own.parent.parent / CONSTANT.upper()
    wrong.mkdir()
    equal = Path(shutil.copyfile(own, wrong / own.name))
    other = Path(shutil.copyfile(own, own.parent.parent / ECLIPSE / own.name))
    change_last_byte(other)
    found = made.findings()
    twice = {one.path: one.can_heal for one in found[kinds.FILE_TWICE]}
    assert twice == {str(equal): True, str(other): False}
    assert [one.path for one in found[kinds.FOLDER_TWICE]] == [str(wrong)]
    made.heal()
    assert (equal.exists(), wrong.exists(), other.exists(), own.exists()) == (
        False, False, True, True,
    )  # fmt: skip
    assert [one.path for one in made.findings()[kinds.FILE_TWICE]] == [str(other)]
    assert made.plan().is_empty


def test_a_gzipped_copy_beside_the_plain_file_is_told_and_goes_with_the_strays(
    made: ConsistencyStation,
) -> None:
    own = made.files(f"{CONSTANT}_x1d.fits")[0]
    zipped = own.with_name(f"{own.name}.gz")
    zipped.write_bytes(gzip.compress(own.read_bytes(), mtime=0))
    found = places(made.findings())
    assert found[kinds.PLAIN_AND_GZIPPED] == [(CONSTANT, zipped.name)]
    assert found[kinds.STRAY] == [(CONSTANT, zipped.name)]
    made.heal()
    assert made.findings() == {}
    assert own.exists()


def test_the_number_of_queries_does_not_grow_with_the_number_of_files(
    made: ConsistencyStation,
) -> None:
    database = made.clients.database
    before = database.statements
    made.examine()
    needed = database.statements - before
    assert needed < 40
    (template, *_) = made.station.pipeline.rows(tables.File)
    rows = [{**template, "filename": f"l{number:08d}_x1d.fits", "rootname": f"l{number:08d}",
             "ingest_date": datetime.now(UTC), "reference_files": None}
            for number in range(2000)]  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.File, rows)
    before = database.statements
    assert len(made.examine()["agrees_with_archive"].findings) == 2000
    assert database.statements - before == needed
