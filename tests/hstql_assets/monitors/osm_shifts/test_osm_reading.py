"""What the trend reads from the database, and how rows come and go."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.osm_history import history_of, measure_epochs, surround, take
from builders.places import PROJECT
from builders.sms_report import make_sms_report
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recording import record_batch
from hstql_assets.monitors.osm_shifts.monitor import MONITOR
from hstql_assets.monitors.osm_shifts.moves import Taken
from hstql_assets.monitors.osm_shifts.trend import summarize
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import LampPlace
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Observation, OsmShift, SmsExposure

MEASUREMENT, TREND = MONITOR.measurements[0], MONITOR.trends[0]
EPOCHS = 4
DOCUMENT = PROJECT / "docs" / "osm-shifts.md"


def observe(name: str, start_mjd: float, **others: object) -> dict[str, object]:
    row = {
        "rootname": name, "instrument": "cos", "exp_start_mjd": start_mjd, "exp_end_mjd": None,
        "exp_time_s": 2400.0, "opt_elem": "G130M", "cenwave": 1291,
        "first_ingest_date": datetime.now(UTC), "last_ingest_date": datetime.now(UTC),
    }  # fmt: skip
    return {**row, **others}


def test_rows_are_read_back_as_they_were_made(database: Database, tmp_path: Path) -> None:
    rows = measure_epochs(EPOCHS, tmp_path, None)
    acquisition = {
        **rows[0], "filename": "laacq01q_rawacq.fits", "rootname": rows[0]["rootname"],
        "segment": "NUV", "filetype": "rawacq",
    }  # fmt: skip
    owned = MEASUREMENT.owned
    keys = sorted({str(row["rootname"]) for row in rows})
    outcomes = [
        Outcome(key, "made", rows={"osm_shifts": [row for row in rows if row["rootname"] == key]})
        for key in keys
    ]
    taken = take(EPOCHS)
    exposures = [
        observe(name, start_mjd, opt_elem=opt_elem, cenwave=int(cenwave))
        for name, start_mjd, opt_elem, cenwave in zip(
            taken.rootname, taken.start_mjd, taken.opt_elem, taken.cenwave.tolist(), strict=True
        )
    ]
    exposures += [
        observe("lw0001010", 58500.0),  # an association
        observe("ls000101q", None),
        observe("ls000102q", -5.0),
        observe("o60000001q"[:9], 58500.0, instrument="stis"),
    ]
    with database.write() as writer:
        writer.upsert(OsmShift, [acquisition])
        writer.upsert(Observation, exposures)
    record_batch(database, "osm_shifts", outcomes, owned)
    before = database.statements
    history = TREND.read(database)
    assert database.statements - before <= 4
    assert len(history.flashes) == len(rows) + 1  # that of the acquisition was left alone
    assert set(history.flashes.filetype) == {"lampflash", "rawacq"}
    found, truth = (_sort(one) for one in (history.taken, taken))
    assert [one[0] for one in found] == [one[0] for one in truth]
    assert [one[2] for one in found] == [one[2] for one in truth]
    assert [one[1] for one in found] == pytest.approx([one[1] for one in truth], abs=1e-8)
    report = summarize(history, surround(tmp_path / "home"))
    expected = summarize(history_of([*rows, acquisition], take(EPOCHS)), surround(tmp_path / "h"))
    assert report.summary == expected.summary
    assert report.metadata == expected.metadata
    for query in re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL):
        assert database.query_read_only(query).rows, query


def test_the_stored_schedule_is_read_back_the_same(database: Database, tmp_path: Path) -> None:
    empty = summarize(TREND.read(database), surround(tmp_path / "h"))
    assert (empty.exposures, empty.rows["sms_exposures"]) == (0, [])
    (tmp_path / "190017a1.txt").write_text(_report())
    first = summarize(history_of([]), surround(tmp_path / "h", tmp_path))
    with database.write() as writer:
        writer.upsert(SmsExposure, first.rows["sms_exposures"])
    history = TREND.read(database)
    again = summarize(history, surround(tmp_path / "h"))
    assert again.rows["sms_exposures"] == first.rows["sms_exposures"]
    assert len(again.rows["sms_exposures"]) == 6


def _sort(taken: Taken) -> list[tuple[str, float, float]]:
    """Return name, end and FP-POS of exposures, by name."""
    columns = (taken.rootname, taken.end_mjd.tolist(), taken.fppos.tolist())
    return sorted(zip(*columns, strict=True))


def _report() -> str:
    return make_sms_report("190017a1", [LampPlace.locate(index) for index in range(6)])
