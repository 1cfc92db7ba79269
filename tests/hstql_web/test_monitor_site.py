"""Monitors on the site: what each says, its plots, its numbers, the history of its state."""

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from builders.browser import open_tab
from builders.invented_charts import (
    HOSTILE,
    histogram_chart,
    make_report,
    make_trend,
    trend_chart,
)
from builders.served_site import serve
from builders.site_rows import ALL, NOW, SECRET, Station
from hstql_assets.monitors.framework.publishing import publish
from hstql_assets.monitors.framework.report import Section, TrendReport, Verdict
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import StateChange
from hstql_resources.postgres.monitor_states import add_change

NAME = "stim_pulse_monitor"
EXPOSURE = "lpub01a1q"


@pytest.fixture(scope="module", autouse=True)
def page(station: Station) -> Path:
    """A monitor with a page, one whose page is gone, and one that never had one."""
    filesystem = Filesystem(station.home)
    text = f"{EXPOSURE} is late, and {HOSTILE}."
    report = make_report(
        [trend_chart(30), histogram_chart()], (Verdict("low", HOSTILE, "alarm", text),)
    )
    table = Section(HOSTILE, columns=("exposure",), rows=((EXPOSURE,), ("someword1",)))
    report = TrendReport(text, 30, 60899.5, (*report.sections, table), report.verdicts)
    published = publish(
        make_trend(NAME, HOSTILE), report, filesystem, lambda _: {EXPOSURE: "x", "ltst0001q": "y"}
    )
    rows = [
        (NAME, f"monitors/{NAME}/index.html", "alarm"),
        ("gain_monitor", "monitors/gone/x", "ok"),
    ]
    with station.database.write() as writer:
        writer.upsert(tables.MonitorState, [
            {"monitor": name, "title": HOSTILE, "state": state, "summary": text, "exposures": 30,
             "newest_mjd": 60899.5, "changed_at": NOW, "page": path, "ingest_date": NOW}
            for name, path, state in rows
        ])  # fmt: skip
    return published


def test_all_monitors_are_listed_with_alarms_first(station: Station) -> None:
    text = station.client(ALL).get("/monitors").text
    links = re.findall(r'href="/monitors/(\w+)["#]', text)
    assert links[-1] == "gain_monitor"
    assert f'href="/monitors/{links[0]}#limits"' in text
    assert 'href="/monitors/gain_monitor"' in text
    assert set(links) == {NAME, "gain_monitor", "dark_rate_monitor"}
    assert "2 alarm" in text
    assert HOSTILE not in text


def test_the_page_has_plots_limits_and_links_to_exposures(station: Station) -> None:
    answer = station.client(ALL).get(f"/monitors/{NAME}")
    text = answer.text
    assert text.count(f'<a href="/exposure/{EXPOSURE}">{EXPOSURE}</a>') == 3
    assert "/exposure/someword1" not in text
    assert f'<img class="printed" src="/monitors/{NAME}/histogram.png"' in text
    assert 'data-exposure="/exposure/"' in text
    assert HOSTILE not in text
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    figures = re.findall(r'data-figure="(\w+)">(.*?)</script>', text)
    assert [name for name, _ in figures] == ["dark_rate_trend", "histogram"]
    codes = [re.findall(r'"code": "([^"]*)"', json.dumps(json.loads(one))) for _, one in figures]
    assert [code for some in codes for code in some
            if not re.fullmatch(r"(return )?hstql\.\w+\([\w., ]+\)", code)] == []  # fmt: skip


def test_numbers_and_pictures_are_the_files_beside_the_page(station: Station, page: Path) -> None:
    client = station.client(ALL)
    for chart in ("dark_rate_trend", "histogram"):
        answer = client.get(f"/monitors/{NAME}/{chart}.csv")
        assert answer.content == (page.parent / f"{chart}.csv").read_bytes()
        assert answer.headers["content-type"].startswith("text/csv")
        assert f"{NAME}_{chart}.csv" in answer.headers["content-disposition"]
        assert client.get(f"/monitors/{NAME}/{chart}.png").content.startswith(b"\x89PNG")


@pytest.mark.parametrize("path", [
    "none", "gain_monitor/histogram.csv", f"{NAME}/none.csv", f"{NAME}/page.json",
    f"{NAME}/index.csv", f"{NAME}/..%2F..%2Fx.png", "..%2Fx", "%2e%2e", f"{NAME}/%00.csv",
    f"{NAME}/histogram.html",
])  # fmt: skip
def test_nothing_else_is_sent(station: Station, path: str) -> None:
    assert station.client(ALL).get(f"/monitors/{path}").status_code in (404, 422)


def test_a_page_that_is_gone_is_said_and_how_to_make_it(station: Station) -> None:
    text = station.client(ALL).get("/monitors/gain_monitor").text
    assert "hstql materialize gain_monitor" in text
    assert text.count(f"/exposure/{EXPOSURE}") == 0


@pytest.mark.parametrize("person", ["rea", "pia", "ann"])
def test_whoever_does_not_see_everything_sees_no_monitor(station: Station, person: str) -> None:
    client = station.client(person)
    text = client.get("/monitors").text
    assert "shown to those who see everything" in text
    assert NAME not in text
    assert SECRET not in text
    for path in (NAME, f"{NAME}/histogram.csv", f"{NAME}/histogram.png", "none"):
        answer = client.get(f"/monitors/{path}")
        assert answer.status_code == 403
        assert EXPOSURE not in answer.text
        assert client.get(f"/api/v1/monitors/{NAME}").status_code == 403


def test_the_history_is_shown_with_the_last_state_first(station: Station) -> None:
    client = station.client(ALL)
    with station.database.write() as writer:
        for change in (
            StateChange(NAME, "t", "ok", None, HOSTILE, NOW - timedelta(days=9)),
            StateChange("other", "t", "ok", None, "of another", NOW),
            StateChange(NAME, "t", "alarm", "ok", "Now noted.", NOW),
        ):
            add_change(writer.connection, change)
    text = client.get(f"/monitors/{NAME}").text
    assert text.index("2026-03-01 12:00") < text.index("2026-02-20 12:00")
    assert "of another" not in text
    assert HOSTILE not in text
    answer = client.get(f"/api/v1/monitors/{NAME}").json()
    assert [(one["state"], one["before"]) for one in answer["history"]] == [
        ("alarm", "ok"), ("ok", None),
    ]  # fmt: skip
    assert answer["history"][0]["summary"] == "Now noted."
    assert answer["charts"] == ["dark_rate_trend", "histogram"]
    listed = client.get("/api/v1/monitors").json()["monitors"]
    assert listed[0]["state"] == "alarm"
    assert "page" not in listed[0]


@pytest.mark.full
def test_plots_work_in_a_browser_within_the_rules_of_the_site(station: Station) -> None:
    with serve(station) as address, open_tab() as tab:
        tab.open_address(f"{address}/monitors/{NAME}")
        tab.wait_for("window.Bokeh?.documents.length === 2")
        tab.run("(() => { window.opened = []; window.open = (one) => window.opened.push(one); })()")
        dots = (
            "const plot = Bokeh.documents[0].roots()[0];"
            " const dots = plot.renderers.find((one) => one.name === 'FUVA');"
        )
        bars = "plot.renderers.filter((one) => !one.visible).length"
        hidden = tab.run(
            f"(async () => {{ {dots} dots.visible = false;"
            " await new Promise((done) => setTimeout(done, 500));"
            f" return {bars}; }})()"
        )
        assert hidden == 3  # its bars and rings, too
        image = "fuva_163_2020-12-28"
        opened = ""
        for name, place in ((EXPOSURE, "/exposure/"), (image, "cumulative_image_members.image = ")):
            source = json.dumps({"selected": {"indices": [0]}, "data": {"rootname": [name]}})
            tab.run(f"hstql.openExposure({source})")
            opened = tab.run("new URL(window.opened.at(-1), location.href).href")
            assert unquote_plus(opened).startswith(address)
            assert unquote_plus(opened).endswith(f"{place}{name}")
        tab.ask("Page.navigate", url=opened)
        tab.wait_for("document.querySelector('h1') !== null && location.pathname === '/exposures'")
        assert tab.errors == []
