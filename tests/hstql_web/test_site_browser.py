"""The site in a real browser: with the keyboard, without scripts, in both colours, on paper."""

from collections.abc import Iterator

import pytest

from builders.browser import Tab, open_tab
from builders.dagster_rows import COMMAND, RUN
from builders.served_site import serve
from builders.site_rows import Station

pytestmark = pytest.mark.full
PAGES = (
    "/", "/exposures", "/exposures?view=table", "/exposure/jpub01a1q", "/anomalies", "/people",
    "/interface", "/headers/jpub01a1q_flt.fits", "/monitors",
    "/monitors/dark_rate_monitor", "/proposal/100", "/runs", f"/runs/{RUN}",
    "/commands", f"/commands/{COMMAND}", "/automations/1", "/ticks/1",
    "/targets", "/target?target_name=open%20star", "/lightcurve/lpub01a1q",
)  # fmt: skip
# A name for whoever cannot see: of pictures, fields and buttons; and nothing beyond the window.
NAMELESS = """
[...document.querySelectorAll("img, input:not([type=hidden]), select, textarea, button")].filter(
  (one) => !(one.alt || one.labels?.length || one.ariaLabel || one.innerText?.trim())
).map((one) => one.outerHTML)"""
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
PRESSED = "[...document.querySelectorAll('[aria-pressed=true]')].map((one) => one.value)"


@pytest.fixture(scope="module")
def address(station: Station) -> Iterator[str]:
    with serve(station) as served:
        yield served


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with open_tab() as opened:
        yield opened


def resize(tab: Tab, width: int) -> None:
    tab.ask("Emulation.setDeviceMetricsOverride", width=width, height=1000,
            deviceScaleFactor=1, mobile=False)  # fmt: skip


@pytest.mark.parametrize("width", [900, 2400])
@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_whole_and_asks_nobody_else(
    tab: Tab, address: str, page: str, width: int
) -> None:
    resize(tab, width)
    tab.open_address(address + page)
    assert tab.errors == []
    assert [one for one in tab.requests if not one.startswith((address, "data:"))] == []
    assert tab.run(NAMELESS) == []
    assert tab.run(TOO_WIDE) is False
    assert tab.run("document.querySelectorAll('h1').length") == 1


def test_a_click_on_the_map_of_the_sky_asks_for_the_targets_there(tab: Tab, address: str) -> None:
    resize(tab, 1400)
    tab.open_address(f"{address}/targets")
    x, y = tab.run("""(() => {
        const point = new DOMPoint(180, 180); // RA 90, Dec 0
        const shown = point.matrixTransform(document.querySelector("svg.sky").getScreenCTM());
        return [shown.x, shown.y];
    })()""")
    for kind in ("mousePressed", "mouseReleased"):
        tab.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    tab.wait_for("location.search.includes('cone=')")
    tab.wait_until_at(f"{address}/targets?")
    ra, dec, radius = tab.run("new URLSearchParams(location.search).get('cone')").split()
    assert (float(ra), float(dec)) == pytest.approx((90, 0), abs=1)
    assert radius == "7200"
    assert tab.run("document.querySelector('[name=cone]').value") == f"{ra} {dec} {radius}"


def test_exposures_are_looked_at_and_flagged_with_the_keyboard(tab: Tab, address: str) -> None:
    listing = "?instrument=acs&sort=rootname"
    tab.open_address(f"{address}/exposures{listing}")
    names = tab.run("[...document.querySelectorAll('.thumb .name')].map((one) => one.innerText)")
    tab.run("document.querySelector('.thumb a').click()")
    for name, following in zip(names, [*names[1:], None], strict=True):
        tab.wait_until_at(f"{address}/exposure/{name}{listing}")
        tab.press("1")
        tab.wait_for(f"{PRESSED}.includes('satellite_trail')")
        if following is not None:
            tab.press("n")
    tab.press("1")
    tab.wait_for(f"!{PRESSED}.includes('satellite_trail')")
    tab.press("ArrowLeft")
    tab.wait_until_at(f"{address}/exposure/{names[-2]}{listing}")
    assert tab.run(PRESSED) == ["no", "satellite_trail"]
    assert tab.errors == []
    tab.open_address(f"{address}/exposures?anomaly=satellite_trail")
    assert tab.run("document.querySelectorAll('.thumb').length") == len(names) - 1


def test_a_comment_is_written_and_stays_text(tab: Tab, address: str) -> None:
    tab.open_address(f"{address}/exposure/ipub01a1q")
    tab.press("c")
    tab.ask("Input.insertText", text="<img src=x onerror=alert(1)> seen")
    tab.run("document.querySelector('textarea').form.querySelector('button').click()")
    tab.wait_for("document.querySelector('.comment')?.innerText.includes('onerror')")
    assert tab.run("document.querySelectorAll('.comment img').length") == 0
    assert tab.errors == []


def test_everything_works_without_scripts(tab: Tab, address: str) -> None:
    tab.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.ask("Page.navigate", url=f"{address}/exposure/lpub01a1q")
        tab.wait_for("document.querySelector('button[name=looked]')?.value === 'yes'")
        tab.run("document.querySelector('button[name=looked]').click()")
        tab.wait_for("document.querySelector('button[name=looked]')?.value === 'no'")
    finally:
        tab.ask("Emulation.setScriptExecutionDisabled", value=False)


def test_colours_are_chosen_once_for_all_pages(tab: Tab, address: str) -> None:
    tab.open_address(address)
    paper = "getComputedStyle(document.body).backgroundColor"
    before = tab.run(paper)
    tab.run("document.getElementById('theme').click()")
    tab.open_address(f"{address}/exposures")
    assert tab.run(paper) != before
    assert tab.errors == []
