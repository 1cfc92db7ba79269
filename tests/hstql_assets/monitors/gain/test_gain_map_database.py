"""Rows of gains, and which images are behind, in a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from builders.gain_map_files import draw_histograms
from builders.gain_map_tasks import references_in
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.recording import record_batch
from hstql_assets.cumulative_images.reading import read_changed_images
from hstql_assets.monitors.gain.copy_rows import copy_gains
from hstql_assets.monitors.gain.fitting.cubes import Lit, empty_counts
from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains, find_gains
from hstql_assets.monitors.gain.gain_rows import COLUMNS, GainRows
from hstql_assets.monitors.gain.measure import ImageTask
from hstql_assets.monitors.gain.monitor import GAIN_MAPS
from hstql_assets.monitors.gain.read import locate_images
from hstql_assets.orchestration.consequences import IMAGE, find_empty_keys, read_keys
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.tables import BadData, CumulativeImage, CumulativeImageMember, File, Gain

FIRST, SECOND = "fuva_163_2015-01-05", "fuvb_175_2015-01-12"
OWNED = GAIN_MAPS.owned
NOW = datetime.now(UTC)


class Bench:
    """What locating needs of a clients."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.filesystem = Filesystem(folder / "home")
        self.references = references_in(folder)


def gains_of(number: int, events: int = 150, seed: int = 1) -> SuperpixelGains:
    rng = np.random.default_rng(seed)
    counts = empty_counts()
    counts[2:31, 200, :number] = draw_histograms(rng, number, 8.0, events)
    return find_gains(Lit.of(counts), np.ones((512, 2048), bool))


def image_row(key: str, digest: str) -> dict[str, object]:
    return {
        "image": key, "source": "weekly", "segment": "FUVA", "high_voltage": 163,
        "exp_start_mjd": 57028.25, "exp_end_mjd": 57029.0, "exp_time_s": 864.0, "files": 1,
        "counts": 10, "superpixels": 5, "members": digest, "path": "/gone.fits",
        "ingest_date": NOW,
    }  # fmt: skip


def made(key: str, gains: SuperpixelGains, digest: str = "d") -> Outcome:
    payload = GainRows(key, "FUVA", 163, 57028.25, gains)
    return Outcome(
        key, "made", rows={"cumulative_images": [image_row(key, digest)]}, payload=payload
    )


def record(database: Database, *outcomes: Outcome) -> None:
    record_batch(database, "gain_maps", outcomes, OWNED, copy_gains)


def rows_of(database: Database, key: str) -> list[dict[str, object]]:
    statement = select(Gain.__table__).where(Gain.image == key).order_by(Gain.y, Gain.x)
    return [dict(row._mapping) for row in database.read(statement)]


def test_rows_are_those_of_the_arrays_and_a_width_that_was_held_has_no_error(
    database: Database,
) -> None:
    gains = gains_of(300, events=100)  # of some hundred events the width is fitted, of others not
    record(database, made(FIRST, gains))
    rows = rows_of(database, FIRST)
    assert len(rows) == len(gains.x) == 300
    assert set(rows[0]) == set(COLUMNS) == set(Gain.__table__.columns.keys())
    for row, i in zip(rows, np.lexsort((gains.x, gains.y)), strict=True):
        error = float(gains.peaks.width_error[i])
        assert row == {
            "image": FIRST,
            "x": gains.x[i],
            "y": gains.y[i],
            "segment": "FUVA",
            "high_voltage": 163,
            "exp_start_mjd": 57028.25,
            "gain": gains.peaks.mean[i],
            "gain_error": gains.peaks.mean_error[i],
            "width": gains.peaks.width[i],
            "width_error": error if np.isfinite(error) else None,
            "counts": gains.counts[i],
            "all_counts": gains.all_counts[i],
            "quality": gains.peaks.quality[i],
        }
    assert 0 < sum(row["width_error"] is None for row in rows) < 300


def test_an_image_that_is_made_again_has_its_new_rows_only(database: Database) -> None:
    record(database, made(FIRST, gains_of(300)), made(SECOND, gains_of(50)))
    record(database, made(FIRST, gains_of(20)))
    assert (len(rows_of(database, FIRST)), len(rows_of(database, SECOND))) == (20, 50)


def test_the_rows_of_an_image_that_is_missing_stay_and_those_of_a_bad_one_go(
    database: Database,
) -> None:
    record(database, made(FIRST, gains_of(30)), made(SECOND, gains_of(40)))
    bad = BadFile("lone01aaq_corrtag_a.fits", "Unreadable", "It is not whole.")
    record(
        database,
        Outcome(FIRST, "missing", "The archive does not answer."),
        Outcome(SECOND, "bad", "It is not whole.", bad_files=(bad,)),
    )
    assert (len(rows_of(database, FIRST)), rows_of(database, SECOND)) == (30, [])
    (counted,) = database.read(select(func.count()).select_from(CumulativeImage))
    assert counted[0] == 1


def test_a_batch_takes_as_many_statements_however_many_rows(database: Database) -> None:
    record(database, made(FIRST, gains_of(10)))
    before = database.statements
    record(database, made(FIRST, gains_of(10)))
    few = database.statements - before
    before = database.statements
    record(database, made(FIRST, gains_of(2000)))
    assert database.statements - before == few


def add_members(
    database: Database, image: str, *filenames: str, content: str = "a", days: int = 0
) -> None:
    files, members = [], []
    for filename in filenames:
        rootname, _, rest = filename.partition("_")
        files.append(
            {
                "filename": filename,
                "rootname": rootname,
                "kind": "calibrated",
                "filetype": rest.removesuffix(".fits"),
                "path": f"/archive/{filename}",
                "size_bytes": 5,
                "sha256": content,
                "ingest_date": NOW + timedelta(days=days),
            }
        )
        members.append(
            {
                "filename": filename,
                "rootname": rootname,
                "image": image,
                "segment": "FUVA",
                "high_voltage": 163,
                "exp_start_mjd": 57028.25,
                "exp_time_s": 5.0,
            }
        )
    with database.write() as writer:
        writer.upsert(File, files)
        writer.upsert(CumulativeImageMember, members)


A, B = "lone01aaq_corrtag_a.fits", "ltwo01aaq_corrtag_a.fits"


def test_an_image_is_behind_when_it_was_never_made_or_its_files_changed(
    database: Database,
) -> None:
    assert (read_keys(database, IMAGE), read_changed_images(database)) == ([], {})
    add_members(database, FIRST, A)
    first = read_changed_images(database)
    assert list(first) == read_keys(database, IMAGE) == [FIRST]
    record(database, made(FIRST, gains_of(2), first[FIRST]))
    assert read_changed_images(database) == {}
    add_members(database, FIRST, B)  # a new file
    second = read_changed_images(database)
    assert second.keys() == {FIRST}
    assert second != first
    record(database, made(FIRST, gains_of(2), second[FIRST]))
    add_members(database, FIRST, B, content="b")  # another content
    assert read_changed_images(database).keys() == {FIRST}
    add_members(database, FIRST, B)
    assert read_changed_images(database) == {}
    with database.write() as writer:
        writer.delete(CumulativeImageMember, "filename", [B])
    assert read_changed_images(database) == first  # a file is gone


def test_a_bad_image_is_tried_again_when_a_file_comes_after_that(database: Database) -> None:
    add_members(database, FIRST, A)
    bad = BadFile(A, "Unreadable", "It is not whole.")
    record(database, Outcome(FIRST, "bad", "It is not whole.", bad_files=(bad,)))
    assert read_changed_images(database) == {}
    assert read_keys(database, IMAGE) == [FIRST]  # it found the file bad itself
    add_members(database, FIRST, B, days=1)
    assert read_changed_images(database).keys() == {FIRST}


def test_a_missing_image_is_behind(database: Database) -> None:
    add_members(database, FIRST, A)
    record(database, Outcome(FIRST, "missing", "The archive does not answer."))
    assert read_changed_images(database).keys() == {FIRST}


def test_a_file_that_another_step_has_found_bad_is_no_member(database: Database) -> None:
    add_members(database, FIRST, A, B)
    both = read_changed_images(database)
    row = {
        "filename": A, "rootname": "lone01aaq", "reason": "Unreadable", "detail": "It is not.",
        "step": "cos/header_tables", "ingest_date": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(BadData, [row])
    assert read_changed_images(database).keys() == {FIRST}
    assert read_changed_images(database) != both
    with database.write() as writer:
        writer.upsert(BadData, [{**row, "filename": B}])
    assert (read_keys(database, IMAGE), read_changed_images(database)) == ([], {})
    assert find_empty_keys(database, IMAGE, [FIRST], []) == [FIRST]


def test_images_that_left_something_behind_are_known_as_empty(database: Database) -> None:
    add_members(database, FIRST, A)
    record(database, made(SECOND, gains_of(2)))
    stored, named = [FIRST, "fuva_100_2015-01-05"], read_keys(database, IMAGE)
    assert named == [FIRST]
    assert find_empty_keys(database, IMAGE, stored, named) == ["fuva_100_2015-01-05", SECOND]


def test_a_batch_is_located_in_two_statements(database: Database, tmp_path: Path) -> None:
    add_members(database, FIRST, B, A)
    add_members(database, SECOND, "lfor01aaq_rawtag_b.fits")
    clients, keys = Bench(database, tmp_path), [SECOND, FIRST, "fuva_1_2015-01-05"]
    before = database.statements
    second, first, none = locate_images(clients, GAIN_MAPS, keys)
    assert database.statements - before == 2
    assert isinstance(first, ImageTask)
    assert [file.filename for file in first.files] == [A, B]
    assert [file.filetype for file in second.files] == ["rawtag_b"]
    assert {first.key: first.digest, second.key: second.digest} == read_changed_images(database)
    assert (none.key, none.status) == ("fuva_1_2015-01-05", "none")


def test_a_file_without_checksum_counts_by_its_size(database: Database) -> None:
    add_members(database, FIRST, A, content=None)
    first = read_changed_images(database)
    with database.write() as writer:
        writer.update(File, [{"filename": A, "size_bytes": 6}])
    assert read_changed_images(database) != first


@pytest.mark.parametrize("number", [0, 1])
def test_an_image_with_few_rows_or_none_is_recorded(database: Database, number: int) -> None:
    record(database, made(FIRST, gains_of(number)))
    assert len(rows_of(database, FIRST)) == number
