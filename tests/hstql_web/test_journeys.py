"""A morning told in clicks: how few lead a person in a browser from a question to its answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.browser import Tab, open_tab
from builders.databases import Databases
from builders.invented_charts import make_report, make_trend, trend_chart
from builders.served_site import serve
from builders.site_rows import NOW, UNLIMITED, Station, open_prepared
from hstql_assets.monitors.framework.publishing import publish
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_web.guard import Rate

pytestmark = pytest.mark.full
MONITOR, OUTLIER = "dark_rate_monitor", "lpub01a1q"
NAMES = [f"itst{number:04d}q" for number in range(100)]
PROPOSAL, REASON = 400, "its header ends in the middle"
CLICK = "document.querySelector({!r}).click()"
PRESSED = "[...document.querySelectorAll('[aria-pressed=true]')].map((one) => one.value)"


@pytest.fixture(scope="module")
def station(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A hundred exposures that nobody has looked at, one that is bad, and a monitor."""
    with open_prepared(databases, tmp_path_factory.mktemp("morning")) as opened:
        report = make_report([trend_chart(30)], ())
        publish(make_trend(MONITOR, "Darks"), report, Filesystem(opened.home), lambda _: {})
        rows = [
            {"rootname": name, "instrument": "wfc3", "detector": "UVIS", "proposal_id": PROPOSAL,
             "first_ingest_date": NOW, "exp_start_mjd": 60000.0 + number}
            for number, name in enumerate(NAMES)
        ]  # fmt: skip
        bad = {"asset": "wfc3/previews", "key": NAMES[7], "status": "bad", "reason": REASON,
               "decided_at": NOW, "changed_at": NOW}  # fmt: skip
        with opened.database.write() as writer:
            writer.upsert(tables.Observation, rows)
            writer.execute(tables.Outcome.__table__.delete())
            writer.upsert(tables.Outcome, [bad])
            writer.execute(
                tables.MonitorState.__table__.update().values(page=f"monitors/{MONITOR}/index.html")
            )
        yield opened


@pytest.fixture(scope="module")
def address(station: Station) -> Iterator[str]:
    with serve(station, Rate(UNLIMITED, UNLIMITED)) as served:
        yield served


@pytest.fixture
def tab() -> Iterator[Tab]:
    with open_tab() as opened:
        yield opened
        assert opened.errors == []


def test_from_home_one_click_leads_to_the_bad_exposure_and_its_reason(
    tab: Tab, address: str
) -> None:
    tab.open_address(address)
    tab.run(CLICK.format("[aria-labelledby=trouble] td a"))
    tab.wait_until_at(f"{address}/exposure/{NAMES[7]}")
    assert tab.run(f"document.body.innerText.includes('{REASON}')")


def test_from_an_outlier_one_click_leads_to_its_picture(tab: Tab, address: str) -> None:
    tab.open_address(f"{address}/monitors/{MONITOR}")
    tab.wait_for("window.Bokeh?.documents.length > 0")
    tab.run("(() => { window.open = (one) => { location.href = one; }; })()")  # in this tab
    tab.run(
        "(() => { const plot = Bokeh.documents[0].roots()[0];"
        " const source = plot.renderers.find((one) => one.name === 'FUVA').data_source;"
        f" source.data.rootname[0] = '{OUTLIER}'; source.selected.indices = [0];"
        " hstql.openExposure(source); })()"  # as a click on the point does
    )
    tab.wait_until_at(f"{address}/exposure/{OUTLIER}")
    tab.wait_for("document.querySelector('.pictures img')?.naturalWidth > 0")


def test_a_hundred_exposures_are_looked_at_and_flagged_by_two_keys_each(
    tab: Tab, address: str, station: Station
) -> None:
    listing = f"?proposal={PROPOSAL}&sort=rootname"
    tab.open_address(f"{address}/exposures{listing}")
    tab.run("document.querySelector('.thumb a').click()")
    for name, following in zip(NAMES, [*NAMES[1:], None], strict=True):
        tab.wait_until_at(f"{address}/exposure/{name}{listing}")
        tab.press("1")
        tab.wait_for(f"{PRESSED}.includes('satellite_trail')")
        tab.press("n" if following else "l")
    tab.wait_for(f"{PRESSED}.includes('no')")
    client = station.local()
    for asked in ("anomaly=satellite_trail", "looked=yes"):
        listed = client.get(f"/export/exposures.ids?proposal={PROPOSAL}&{asked}").text.split()
        assert sorted(listed) == NAMES


def test_three_clicks_lead_to_all_satellite_trails_of_a_proposal_as_csv(
    tab: Tab, address: str, station: Station, tmp_path: Path
) -> None:
    flags = {"rootnames": NAMES[:3], "kind": "satellite_trail"}
    assert station.local().post("/api/v1/flags", json=flags).status_code == 200
    tab.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    tab.open_address(address)
    tab.run(f"document.getElementById('q').value = '{PROPOSAL}'")
    tab.run("document.querySelector('form.search').requestSubmit()")  # by Enter
    tab.wait_until_at(f"{address}/exposures?proposal={PROPOSAL}")
    tab.run("document.querySelector('[name=instrument]').value = 'wfc3'")
    tab.run("document.querySelector('form.choice [name=anomaly]').value = 'satellite_trail'")
    tab.run(CLICK.format("form.choice button"))
    tab.wait_for("location.search.includes('anomaly=satellite_trail')")
    tab.wait_until_at(f"{address}/exposures?")
    tab.run("[...document.querySelectorAll('a')].find((one) => one.innerText === 'CSV').click()")
    tab.wait_for_file(tmp_path, ".csv")
    (found,) = tmp_path.glob("*.csv")
    rows = found.read_text().splitlines()[1:]
    flagged = station.local().get(
        f"/export/exposures.ids?proposal={PROPOSAL}&anomaly=satellite_trail"
    ).text.split()  # fmt: skip
    assert sorted(row.split(",")[0] for row in rows) == sorted(flagged)
    assert {*NAMES[:3]} <= {*flagged}
