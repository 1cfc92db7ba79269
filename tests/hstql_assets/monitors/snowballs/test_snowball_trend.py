"""The page of snowballs: rates with Poisson errors, a year with too many, nothing there."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from builders.ramp_files import task, write_ramp
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.snowballs.measure import find_snowballs
from hstql_assets.monitors.snowballs.read import read_snowball_history
from hstql_assets.monitors.snowballs.trend import SnowballHistory, find_rate, summarize_snowballs
from hstql_resources import tables
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database

CONTEXT = cast("TrendContext", None)  # nothing of it is used


def make_history(latest: int, number: int = 120, recovered: int = 6) -> SnowballHistory:
    """An hour of half the detector every ten days; the newest 36 are of the latest year."""
    searches, events = [], []
    for place in range(number):
        count = int(place % 4 == 0) if place < number - 36 else int(place % 36 < latest)
        searches.append(
            {
                "rootname": f"ir{place:06d}q", "exp_start_mjd": 58000.0 + 10.0 * place,
                "searched_s": 3600.0, "searched_share": 0.5, "snowballs": count, "hits": 20_000,
                "put_in": 8, "recovered": recovered,
            }
        )  # fmt: skip
        if count:
            events.append(
                {
                    "rootname": f"ir{place:06d}q", "exp_start_mjd": 58000.0 + 10.0 * place,
                    "read": 3, "image_row": 100.0, "image_column": 20.5, "pixels": 20,
                    "charge": 3e5,
                }
            )  # fmt: skip
    return SnowballHistory(Columns.of(searches), Columns.of(events), Unused([("One read", 1)]))


def test_a_rate_is_over_time_and_area_and_what_is_found() -> None:
    rate = find_rate(make_history(9).searches)
    assert rate is not None
    assert (rate.number, rate.hours, rate.completeness) == (30, 60.0, 0.75)
    assert rate.value == pytest.approx(30 / 60.0 / 0.75)
    # Gehrels 1986, equations 7 and 12: 30 (+6.545, -5.444).
    assert rate.high - rate.value == pytest.approx(6.545 / 45.0, rel=3e-3)
    assert rate.value - rate.low == pytest.approx(5.444 / 45.0, rel=3e-3)
    assert find_rate(make_history(9, recovered=0).searches) is None


@pytest.mark.parametrize(("latest", "state"), [(0, "ok"), (9, "ok"), (30, "warning")])
def test_a_year_with_too_many_is_told(latest: int, state: str) -> None:
    (verdict,) = summarize_snowballs(make_history(latest), CONTEXT).verdicts
    assert verdict.state == state
    assert f"in the latest year {latest} snowballs in 18" in verdict.sentence


def test_the_page_has_rates_sizes_and_a_list() -> None:
    report = summarize_snowballs(make_history(9), CONTEXT)
    rate, sizes, listed, unused = report.sections
    assert [chart.name for chart in rate.charts] == ["snowball_rate", "hits"]
    assert [chart.name for chart in sizes.charts] == ["size_and_charge", "charges"]
    assert "75.0 ± 1.4 % of the made ones" in rate.note
    assert len(listed.rows) == 30
    assert listed.rows[0][3] == "20.5, 100.0"
    assert unused.rows == (("One read", "1"),)
    assert report.summary.startswith("120 ramps, 1 could not be searched: 30 snowballs in 60.00")


def test_one_year_is_not_judged_and_nothing_found_is_a_limit(
    database: Database, tmp_path: Path
) -> None:
    assert summarize_snowballs(read_snowball_history(database), CONTEXT).exposures == 0
    rng = np.random.default_rng(1)
    reads = [rng.normal(11_000.0, 9.0, (266, 266)).astype(np.uint16) for _ in range(4)]
    rows, columns = np.indices(reads[0].shape)
    is_in = np.hypot(rows - 60, columns - 70) <= 2.5
    for later in reads[2:]:
        later[is_in] += 9_000
    outcome = find_snowballs(task(write_ramp(tmp_path, reads, (0.0, 100.0, 200.0, 300.0))))
    with database.write() as writer:
        writer.upsert(tables.SnowballSearch, outcome.rows["snowball_searches"])
        writer.upsert(tables.SnowballEvent, outcome.rows["snowballs"])
    history = read_snowball_history(database)
    assert history.events.numbers("image_row") == pytest.approx([60.0], abs=0.1)
    report = summarize_snowballs(history, CONTEXT)
    assert [one.state for one in report.verdicts] == [None]
    assert report.exposures == 1
