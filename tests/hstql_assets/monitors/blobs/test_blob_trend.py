"""The list of blobs and its page: numbers that stay, what is new, what is not seen any more."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select

from builders.camera_rows import list_exposure
from hstql_assets.monitors.blobs.following import follow_blobs
from hstql_assets.monitors.blobs.monitor import MONITOR
from hstql_assets.monitors.blobs.read import read_blob_history
from hstql_assets.monitors.blobs.trend import BlobHistory, summarize_blobs
from hstql_assets.monitors.framework.membership import select_sets
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_resources import tables
from hstql_resources.postgres.database import Database

CONTEXT = cast("TrendContext", None)  # nothing of it is used
NOW = datetime(2026, 1, 1, tzinfo=UTC)
(MEASUREMENT,) = MONITOR.measurements
DAYS = ("2009-06-01", "2009-07-01", "2009-07-31", "2009-08-30")


def window(number: int, **other: object) -> Any:
    row = {
        "set_key": f"blobs_ir_{DAYS[number]}", "detector": "IR", "first_mjd": 54990.0 + 30 * number,
        "last_mjd": 55000.0 + 30 * number, "middle_mjd": 54995.0 + 30 * number, "frames": 4,
        "filters": "F153M", "binning": 1, "noise": 0.01, "blobs": 2, "put_in": 12, "recovered": 11,
        "false_alarms": 0, "shown_share": 0.99, "path": "/gone/median.fits", "ingest_date": NOW,
    }  # fmt: skip
    return SimpleNamespace(**(row | other))


def blob(number: int, where: int, x: float, y: float, **other: object) -> Any:
    row = {
        "set_key": f"blobs_ir_{DAYS[where]}", "number": number, "x": x, "y": y, "place_error": 0.3,
        "radius": 7.0, "radius_error": 0.3, "depth": 0.1, "depth_error": 0.01, "significance": 9.0,
    }  # fmt: skip
    return SimpleNamespace(**(row | other))


def places(rows: Any) -> dict[int, tuple[float, float]]:
    return {row["number"]: (row["x"], row["y"]) for row in rows}


SEEN = [
    blob(1, 0, 100.0, 100.0), blob(2, 0, 500.0, 400.0),
    blob(1, 1, 500.6, 400.2), blob(2, 1, 100.2, 99.9), blob(3, 1, 700.0, 20.0),
    blob(1, 2, 100.1, 100.2),
]  # fmt: skip


def test_what_lies_at_one_place_has_one_number_and_new_ones_come_after() -> None:
    rows = follow_blobs([window(one) for one in range(3)], SEEN, [])
    assert [(row["number"], row["windows_seen"], row["windows_since"]) for row in rows] == [
        (1, 3, 3), (2, 2, 3), (3, 1, 2),
    ]  # fmt: skip
    assert rows[0]["x"] == 100.1
    assert (rows[0]["not_seen_mjd"], rows[2]["not_seen_mjd"]) == (None, 54995.0)
    assert (rows[1]["first_seen_mjd"], rows[1]["last_seen_mjd"]) == (54995.0, 55025.0)


def test_numbers_stay_when_a_window_comes_late_and_when_all_is_done_again() -> None:
    later = follow_blobs([window(1), window(2)], SEEN, [])
    before = [SimpleNamespace(**row) for row in later]
    late = follow_blobs([window(0), window(1), window(2)], SEEN, before)
    own, now = places(later), places(late)
    assert sorted(own) == sorted(now) == [1, 2, 3]
    assert all(max(abs(a - b) for a, b in zip(own[n], now[n], strict=True)) < 1.0 for n in own)
    assert {row["number"]: row["first_seen_mjd"] for row in late} == {
        1: 54995.0, 2: 54995.0, 3: 55025.0,
    }  # fmt: skip
    listed = [SimpleNamespace(**row) for row in late]
    assert follow_blobs([window(0), window(1), window(2)], SEEN, listed) == late


def test_two_that_are_near_stay_two_and_nothing_makes_no_list() -> None:
    near = [blob(1, 0, 100.0, 100.0), blob(2, 0, 106.0, 100.0),
            blob(1, 1, 105.6, 100.0), blob(2, 1, 100.4, 100.0)]  # fmt: skip
    rows = follow_blobs([window(0), window(1)], near, [])
    assert [row["windows_seen"] for row in rows] == [2, 2]
    assert follow_blobs([], [], []) == []
    assert follow_blobs([window(0)], [], []) == []


def test_a_new_blob_and_one_that_is_not_seen_are_warnings() -> None:
    windows = [window(one) for one in range(4)]
    last = [blob(1, 3, 100.0, 100.1), blob(2, 3, 900.0, 900.0)]
    report = summarize_blobs(BlobHistory(windows, [*SEEN, *last], [], []), CONTEXT)
    states = {one.limit: (one.state, one.sentence) for one in report.verdicts}
    assert states["no_new_blob"] == ("warning", "blobs_ir_2009-08-30: new are 4")
    assert states["known_blobs_seen"][0] == "warning"  # blob 2 is in two windows, not in this
    assert states["search_finds_blobs"][0] == "ok"
    assert report.summary.startswith("4 blobs in 4 windows, 0 exposures not used; 2 of 3 limits")
    assert len(report.rows["blob_list"]) == 4
    assert report.sections[4].rows[0][0] == "4"


def test_one_window_judges_no_news_and_a_bad_search_is_told() -> None:
    report = summarize_blobs(
        BlobHistory([window(0, recovered=5, false_alarms=3)], SEEN[:2], [], [("IR", "filter", 2)]),
        CONTEXT,
    )
    states = {one.limit: one.state for one in report.verdicts}
    assert states == {
        "no_new_blob": None, "known_blobs_seen": None, "search_finds_blobs": "warning",
    }  # fmt: skip
    assert report.sections[-1].rows == (("filter", "2"),)
    empty = summarize_blobs(BlobHistory([window(0, put_in=0)], [], [], []), CONTEXT)
    assert [one.state for one in empty.verdicts] == [None, None, None]
    nothing = summarize_blobs(BlobHistory([], [], [], [("IR", "too few exposures", 2)]), CONTEXT)
    assert nothing.summary == "No window has enough exposures yet; 2 are not used."


def test_a_set_is_thirty_days_and_its_rows_and_the_list_are_read_back(database: Database) -> None:
    others: dict[str, dict[str, object]] = {
        "ib0101a1q": {"exp_start_mjd": 54983.0}, "ib0101a2q": {"exp_start_mjd": 55012.9},
        "ib0101a3q": {"exp_start_mjd": 55013.0},
        "ib0101a4q": {"image_type": "FLAT", "target_name": "TUNGSTEN"},
        "ib0101a5q": {"image_type": "FLAT", "target_name": "dark-earth-calib"},
        "ib0101a6q": {"exp_start_mjd": None}, "ib0101a7q": {"detector": "UVIS"},
        "ib0101a8q": {"image_type": "DARK"}, "ib0101a9q": {"exp_start_mjd": 54000.0},
    }  # fmt: skip
    for name, other in others.items():
        usual = {
            "detector": "IR", "proposal_id": 1, "target_name": "NGC-'1%'", "image_type": "EXT",
            "exp_start_mjd": 57000.0,
        }  # fmt: skip
        list_exposure(database, name, Path(f"/{name}_flt.fits"), **(usual | other))
    found = sorted(str(one[0]) for one in database.read(select_sets(MEASUREMENT)))
    assert found == ["blobs_ir_2009-06-01", "blobs_ir_2009-07-01", "blobs_ir_2014-12-02"]
    with database.write() as writer:
        writer.upsert(tables.BlobWindow, [vars(window(one)) for one in range(3)])
        writer.upsert(tables.BlobSighting, [vars(one) for one in SEEN])
    history = read_blob_history(database)
    report = summarize_blobs(history, CONTEXT)
    with database.write() as writer:
        writer.upsert(tables.Blob, report.rows["blob_list"])
    assert [row.number for row in read_blob_history(database).listed] == [1, 2, 3]
    assert summarize_blobs(read_blob_history(database), CONTEXT).rows == report.rows
    assert len(database.read(select(tables.Blob.number))) == 3
    assert Path(str(history.windows[0].path)).name == "median.fits"
