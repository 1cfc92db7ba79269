"""The page of persistence: who suffers, who leaves it, and what was not used."""

from types import SimpleNamespace
from typing import Any, cast

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.persistence.trend import PersistenceHistory, summarize_persistence

CONTEXT = cast("TrendContext", None)  # nothing of it is used


def exposure(rootname: str, mjd: float, **other: object) -> Any:
    row: dict[str, object] = {
        "rootname": rootname, "exp_start_mjd": mjd, "predecessors": 1, "used": 1, "unusable": 0,
        "above_001": 0.0, "above_003": 0.0, "above_01": 0.0, "external_above_001": 0.0,
        "external_above_003": 0.0, "external_above_01": 0.0, "unknown": 0.0, "leaves_half": 0.0,
        "leaves_1": 0.0, "leaves_2": 0.0, "leaves_5": 0.0, "leaves_10": 0.0, "proposal_id": 100,
        "target_name": "M1", "filter": "F160W",
    }  # fmt: skip
    return SimpleNamespace(**(row | other))


def test_nothing_is_said_of_nothing() -> None:
    assert summarize_persistence(PersistenceHistory([], {}, []), CONTEXT).exposures == 0


def test_exposures_of_the_last_days_with_too_much_are_named_the_worst_first() -> None:
    much = {"above_001": 0.05, "external_above_001": 0.05}
    rows = [
        exposure("iold01a1q", 59000.0, external_above_003=0.5, **much),
        exposure("inew01a1q", 59999.0, external_above_003=0.02, **much),
        exposure("inew01a2q", 59999.5, external_above_003=0.04, **much),
        exposure("inew01a3q", 60000.0, external_above_003=None, above_001=None, unusable=3),
    ]
    report = summarize_persistence(PersistenceHistory(rows, {}, []), CONTEXT)
    assert [one.sentence[:9] for one in report.verdicts] == ["inew01a2q", "inew01a1q"]
    assert {one.state for one in report.verdicts} == {"warning"}
    assert report.summary.startswith("3 of 4 exposures")
    (quiet,) = summarize_persistence(PersistenceHistory(rows[3:], {}, []), CONTEXT).verdicts
    assert quiet.state is None  # what is not known has not passed
    good = [exposure("inew01a4q", 60000.0)]
    (passed,) = summarize_persistence(PersistenceHistory(good, {}, []), CONTEXT).verdicts
    assert passed.state == "ok"


def test_bad_actors_are_ranked_by_what_they_leave_exposures_and_proposals() -> None:
    rows = [
        exposure("ione01a1q", 1.0, leaves_1=0.10, leaves_half=0.2, proposal_id=100),
        exposure("ione01a2q", 2.0, leaves_1=0.0, leaves_half=0.0, proposal_id=100),
        exposure("itwo01a1q", 3.0, leaves_1=0.08, leaves_half=0.3, proposal_id=200),
        exposure("inul01a1q", 4.0, leaves_1=0.01, leaves_half=0.02, proposal_id=None),
        exposure("igood1a1q", 5.0, proposal_id=300),
    ]
    harm = {"ione01a1q": (7, 0.25)}
    report = summarize_persistence(PersistenceHistory(rows, harm, [("too short", 4, 2)]), CONTEXT)
    _, _, exposures, proposals, unused, failed = report.sections
    assert [row[0] for row in exposures.rows] == ["ione01a1q", "itwo01a1q", "inul01a1q"]
    assert exposures.rows[0][-2:] == ("7", "25.000")
    # The mean share above saturation: 5, 8 and 1 percent.
    assert [row[:2] for row in proposals.rows] == [("200", "1"), ("100", "2"), ("None", "1")]
    assert proposals.rows[1][3] == "5.000"
    assert unused.rows == (("too short", "4", "2"),)
    assert failed.note == "There are none."


def test_of_many_exposures_the_charts_keep_the_largest() -> None:
    rows = [exposure(f"i{n:08d}", n / 10.0, above_001=0.001) for n in range(7000)]
    rows[5001] = exposure("ipeak0001", 500.1, above_001=0.9)
    (chart,) = summarize_persistence(PersistenceHistory(rows, {}, []), CONTEXT).sections[0].charts
    assert len(chart.layers[0].x) <= 3000
    assert chart.layers[0].y.max() == 90.0
