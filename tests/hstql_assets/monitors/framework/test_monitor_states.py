"""States of monitors in the database, and where exposures lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from builders.invented_charts import make_report, make_row, make_trend
from hstql_assets.monitors.framework.checks import check_limits
from hstql_assets.monitors.framework.report import Limit, Verdict
from hstql_assets.monitors.framework.states import complete, find_page, judge
from hstql_assets.monitors.framework.stored_states import read_aged, read_links, read_states
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = Verdict("rate_low", "FUVA", "ok", "1.2e-06 against 4e-06.")
FAR = Verdict("rate_low", "FUVB", "warning", "5e-06 against 4e-06.")
FEW = Verdict("rate_steady", "FUVA", None, "2 exposures in the year before are too few")
NONE = Verdict("rate_steady", "NUV", None, "There is none.")


def test_states_are_kept_and_read_with_alarms_first(database: Database) -> None:
    rows = []
    for name, state in (("b", "ok"), ("a", "ok"), ("z", "alarm"), ("y", "empty")):
        rows.append(make_row(make_trend(name, f"Title {name}"), make_report([]), None))
        rows[-1] |= {"state": state, "changed_at": NOW}
    with database.write() as writer:
        writer.upsert(tables.MonitorState, rows)
    found = read_states(database)
    assert [row["monitor"] for row in found] == ["z", "a", "b", "y"]
    judged = make_report([], (Verdict("rate_low", "FUVA", "ok", "It is."),))
    again = make_row(make_trend("a"), judged, found[1])
    assert again["changed_at"] == NOW
    assert set(again) == set(found[0])


def test_what_is_not_judged_is_not_ok_and_says_why() -> None:
    found = complete(make_report([], (FEW, NONE, replace(NONE, label="FUVB"))), None)
    assert judge(found) == "not judged"
    assert found.summary == (
        "The dark rate is 1.2e-06. Not judged: 2 exposures in the year before are too few. "
        "There is none."
    )
    assert complete(make_report([], (FEW, GOOD)), None).summary == "The dark rate is 1.2e-06."
    without = complete(make_report([]), None)
    assert without.summary.endswith("Not judged: There is no limit that applies.")
    many = tuple(replace(NONE, sentence=f"{number} is too few.") for number in range(8))
    assert complete(make_report([], many), None).summary.endswith("4 is too few. And 3 more.")


def test_what_is_grave_is_told_with_the_worst_first() -> None:
    alarm = replace(FAR, state="alarm", label="FUVB", sentence="ld9m10ujq: 9 against 1")
    found = complete(make_report([], (GOOD, FAR, alarm, FAR)), None)
    told = f"Alarm: FUVB: ld9m10ujq: 9 against 1. Warning: {FAR.label}: {FAR.sentence.rstrip('.')}."
    assert found.summary == f"The dark rate is 1.2e-06. {told} And 1 more."


@pytest.mark.parametrize(
    ("verdicts", "days", "state"),
    [
        ((GOOD, NONE), 1e6, "ok"), ((GOOD, NONE), None, "ok"), ((GOOD, NONE), 90.0, "stale"),
        ((NONE,), 90.0, "not judged"), ((GOOD, FAR), 90.0, "warning"),
    ],
)  # fmt: skip
def test_old_data_are_stale_beyond_the_age_that_the_monitor_states(
    verdicts: tuple[Verdict, ...], days: float | None, state: str
) -> None:
    found = complete(make_report([], verdicts), days)
    assert judge(found) == state
    told = "Stale: the newest exposure is of 2025-08-12, more than 90 days ago." in found.summary
    assert told == (days == 90.0)
    row = make_row(make_trend(), found)
    assert row["state"] == state
    assert row["stale_at"] == (
        None if days is None else datetime(2025, 8, 12, 12, tzinfo=UTC) + timedelta(days=days)
    )


def test_monitors_that_were_ok_become_old(database: Database) -> None:
    rows = []
    for name, state, year in (("a", "ok", 2025), ("b", "ok", 2100), ("c", "stale", 2025)):
        row = make_row(make_trend(name), make_report([]), None)
        rows.append(row | {"state": state, "stale_at": datetime(year, 1, 1, tzinfo=UTC)})
    with database.write() as writer:
        writer.upsert(tables.MonitorState, rows)
    assert read_aged(database) == {"a": datetime(2025, 1, 1, tzinfo=UTC)}


def test_a_check_passes_only_if_something_was_judged_and_nothing_is_beyond() -> None:
    limits = tuple(Limit(name, "About.") for name in ("rate_low", "rate_steady", "other"))
    trend = replace(make_trend(), limits=limits)
    low, steady, other = check_limits(trend, [GOOD, FEW, NONE])
    assert (low.passed, low.description) == (True, None)
    assert not steady.passed
    assert steady.severity == dg.AssetCheckSeverity.WARN
    assert steady.description == (
        "Not judged: 2 exposures in the year before are too few. There is none."
    )
    assert not other.passed
    assert not check_limits(trend, [GOOD, FAR])[0].passed


def test_an_exposure_leads_to_its_preview_or_else_to_the_folder_of_its_files(
    database: Database, tmp_path: Path
) -> None:
    filesystem = Filesystem(tmp_path / "home with spaces")
    picture = filesystem.home / "previews" / "1" / "a#_x1d.jpg"
    names = ("with00001", "only00002", "alien0003", "never0004")
    with database.write() as writer:
        writer.upsert(tables.File, [
            file(names[0], filesystem.observation_folder(names[0])),
            file(names[1], filesystem.observation_folder(names[1])),
            file(names[2], tmp_path / "archive"),
        ])  # fmt: skip
        writer.upsert(tables.Preview, [
            preview(names[0], picture, True),
            preview(names[0], picture.with_name("another.jpg"), False),
        ])  # fmt: skip
        writer.upsert(tables.CumulativeImage, [image("fuva_163_2020-12-28", filesystem)])
    before = database.statements
    links = read_links(database, filesystem, None, [*names, "fuva_163_2020-12-28"])
    assert database.statements == before + 1
    assert links == {
        names[0]: "../../../previews/1/a%23_x1d.jpg",
        names[1]: f"../../../files/only/{names[1]}/",
        names[2]: "../../../../archive/",
        "fuva_163_2020-12-28": "../../../products/gain/a%20map.fits",
    }
    page = find_page(filesystem, "dark_rate_monitor")
    assert (page.parent / links[names[1]]).resolve() == filesystem.observation_folder(names[1])
    assert read_links(database, filesystem, None, []) == {}
    site = read_links(database, filesystem, "https://x.org/hst/", [*names, "fuva_163_2020-12-28"])
    assert site == {
        **{name: f"https://x.org/hst/exposure/{name}" for name in names[:3]},
        "fuva_163_2020-12-28": links["fuva_163_2020-12-28"],
    }


def file(rootname: str, folder: Path) -> dict[str, object]:
    name = f"{rootname}_corrtag_a.fits"
    return {
        "filename": name, "rootname": rootname, "filetype": "corrtag_a", "kind": "calibrated",
        "path": str(folder / name), "size_bytes": 1, "ingest_date": NOW,
    }  # fmt: skip


def image(name: str, filesystem: Filesystem) -> dict[str, object]:
    return {
        "image": name, "source": "weekly", "segment": "FUVA", "high_voltage": 163,
        "exp_start_mjd": 1.0, "exp_end_mjd": 2.0, "exp_time_s": 1.0, "files": 1, "counts": 1,
        "superpixels": 1, "members": "x", "ingest_date": NOW,
        "path": str(filesystem.home / "products" / "gain" / "a map.fits"),
    }  # fmt: skip


def preview(rootname: str, path: Path, is_preferred: bool) -> dict[str, object]:
    return {
        "filename": f"{path.stem}.fits", "number": 1, "rootname": rootname, "filetype": "x1d",
        "kind": "spectrum", "extver": 1, "path": str(path), "thumbnail_path": str(path),
        "width": 10, "height": 10, "is_preferred": is_preferred, "ingest_date": NOW,
    }  # fmt: skip
