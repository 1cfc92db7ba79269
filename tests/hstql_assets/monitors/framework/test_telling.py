"""A monitor that changes its state: noted once, sent once, and never in the way of the monitor."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, select

from builders.invented_charts import HOSTILE, make_report, make_row, make_trend
from builders.notice_servers import open_mailbox, open_webhook
from hstql_assets.monitors.framework.report import TrendReport, Verdict
from hstql_assets.monitors.framework.telling import find_change
from hstql_assets.monitors.framework.trend_run import record_trend
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.monitor_states import read_changes
from hstql_resources.settings import Settings
from hstql_resources.tables import MonitorState

NAME = "dark_rate_monitor"
GOOD, BAD = (
    make_report([], (Verdict("rate_low", "FUVA", state, f"ltst0001q {HOSTILE}"),))
    for state in ("ok", "alarm")
)
EMPTY = TrendReport("There is none.", 0)


@pytest.fixture
def record(database: Database, tmp_path: Path) -> Callable[..., None]:
    """Return what records a report, as the run of a trend does."""

    def do(report: TrendReport, **settings: object) -> None:
        chosen = Settings(_env_file=None, home=tmp_path, **settings)
        clients = Clients(
            chosen, None, Filesystem(tmp_path), database, None, None, lambda *_: None  # type: ignore[arg-type]
        )  # fmt: skip
        record_trend(make_trend(), clients, replace(report, rows={}))

    return do


def states(database: Database) -> list[tuple[str | None, str]]:
    with database.write() as writer:
        return [(one.before, one.state) for one in read_changes(writer.connection, NAME)][::-1]


def test_each_change_is_noted_and_sent_once(
    record: Callable[..., None], database: Database
) -> None:
    with open_webhook() as hook, open_mailbox() as box:
        told = {
            "notify_webhook": hook.address, "notify_mail": "ann@example.org",
            "notify_smtp": f"smtp://127.0.0.1:{box.port}", "site_address": "https://x.org/hst/",
        }  # fmt: skip
        for report in (EMPTY, EMPTY, GOOD, GOOD, BAD, BAD, GOOD):
            record(report, **told)
    assert states(database) == [
        (None, "empty"), ("empty", "ok"), ("ok", "alarm"), ("alarm", "ok"),
    ]  # fmt: skip
    sent = [(one["before"], one["state"]) for one in hook.posted]
    assert sent == [("empty", "ok"), ("ok", "alarm"), ("alarm", "ok")]
    assert [one["Subject"] for one in box.letters] == [
        "hstql: ok (was empty): Dark rates of COS", "hstql: alarm (was ok): Dark rates of COS",
        "hstql: ok (was alarm): Dark rates of COS",
    ]  # fmt: skip
    text = box.letters[1].get_content()
    assert "The dark rate is 1.2e-06." in text
    assert text.rstrip().endswith(f"https://x.org/hst/monitors/{NAME}")


def test_after_a_reset_a_monitor_goes_on_from_its_history(
    record: Callable[..., None], database: Database
) -> None:
    def read_since() -> object:
        ((since,),) = database.read(select(MonitorState.changed_at))
        return since

    record(GOOD)
    record(BAD)
    since = read_since()
    with open_webhook() as hook:
        for report, changes in ((BAD, []), (GOOD, [("alarm", "ok")])):
            with database.write() as writer:
                writer.execute(delete(MonitorState))
            record(report, notify_webhook=hook.address)
            assert [(one["before"], one["state"]) for one in hook.posted] == changes
            assert (read_since() == since) == (report is BAD)
    assert states(database) == [(None, "ok"), ("ok", "alarm"), ("alarm", "ok")]


def test_of_two_runs_that_see_one_change_one_tells_it(
    record: Callable[..., None], database: Database
) -> None:
    record(GOOD)
    with open_webhook() as hook:
        start = Barrier(2)

        def make() -> None:
            start.wait()
            record(BAD, notify_webhook=hook.address)

        runs = [Thread(target=make) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert len(hook.posted) == 1
    assert states(database) == [(None, "ok"), ("ok", "alarm")]


def test_a_first_state_is_told_where_it_is_grave(
    record: Callable[..., None], tmp_path: Path
) -> None:
    with open_webhook() as hook:
        record(BAD, notify_webhook=hook.address)
    assert [one["before"] for one in hook.posted] == [""]
    assert hook.posted[0]["text"].startswith("hstql: alarm: Dark rates of COS\n")
    # Without a site the page on the disk is named.
    assert str(tmp_path / "plots" / "monitors" / NAME / "index.html") in hook.posted[0]["text"]


def test_where_nobody_is_there_to_be_told_it_is_noted(
    record: Callable[..., None], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    record(BAD, notify_webhook="http://127.0.0.1:1/s3cr3t", notify_smtp="smtp://127.0.0.1:1",
           notify_mail="a@b.org")  # fmt: skip
    assert caplog.text.count("was not sent") == 2
    assert "s3cr3t" not in caplog.text
    assert states(database) == [(None, "alarm")]


def test_the_same_state_is_no_change() -> None:
    row = make_row(make_trend(), BAD)
    assert find_change(row, {**row, "summary": "other"}) is None
