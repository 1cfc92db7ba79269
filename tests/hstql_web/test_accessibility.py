"""What axe says of each page: light and dark, with and without anything to show."""

from collections.abc import Iterator
from importlib.resources import files

import numpy as np
import pytest
from astropy.io import fits

from builders.browser import Tab, open_tab
from builders.curve_files import Curve, write_curve
from builders.dagster_rows import COMMAND, RUN
from builders.served_site import serve
from builders.site_files import add_file, sky_cards
from builders.site_rows import HEADER_TABLE, NOW, UNLIMITED, Station
from hstql_resources import tables
from hstql_web.guard import Rate

pytestmark = pytest.mark.full
SPECTRUM, IMAGE = "lpub01a1q_x1d.fits", "jpub01a2q_flt.fits"
PAGES = (
    "/", "/exposures", "/exposures?view=table&proposal=100", "/exposures?target=none",
    f"/exposures?view=table&column={HEADER_TABLE}.targname", "/exposure/jpub01a1q?instrument=acs",
    f"/image/{IMAGE}/1", f"/spectrum/{SPECTRUM}", "/headers/jpub01a1q_flt.fits", "/query",
    "/query?find=exptime&where=exp_time_s+%3E+1", "/trends", "/trends?colour=detector&proposal=100",
    "/anomalies", "/people", "/interface", "/proposal/100", "/runs", f"/runs/{RUN}", "/commands",
    f"/commands/{COMMAND}", "/automations/1", "/ticks/1", "/targets",
    "/targets?target_name=none", "/target?target_name=open+star", "/monitors",
    "/monitors/dark_rate_monitor", "/lightcurve/lpub01a1q", "/curve/lpub01a1q", "/none",
    "/signed-out",
)  # fmt: skip
# All of WCAG 2.2 to AA that a program can see, and what axe itself holds for good.
CHECK = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
  "best-practice"]}).then((found) => found.violations.map(
  (one) => `${one.id}: ${one.help}; ${one.nodes.map((n) => n.html.slice(0, 200)).join(" | ")}`))"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, which the package brings along."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def address(station: Station) -> Iterator[str]:
    image = fits.ImageHDU(np.arange(64.0 * 48).reshape(48, 64), sky_cards(), "SCI")
    add_file(station, IMAGE, fits.HDUList([fits.PrimaryHDU(), image]))
    wave = np.linspace(1200.0, 1400.0, 50)
    columns = [
        fits.Column(name, "50E", array=values[None, :])
        for name, values in (("WAVELENGTH", wave), ("FLUX", wave), ("ERROR", wave / 10))
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SCI")
    add_file(station, SPECTRUM, fits.HDUList([fits.PrimaryHDU(), table]))
    path = write_curve(station.home / "curve.fits", Curve(), is_composite=False)
    row = {
        "rootname": "lpub01a1q", "target": "open-star", "path": str(path), "bin_s": 2.0, "bins": 60,
        "gross_counts": 5, "is_flux_calibrated": True, "exposure_s": 120.0, "ingest_date": NOW,
    }  # fmt: skip
    with station.database.write() as writer:
        writer.upsert(tables.Lightcurve, [row])
    with serve(station, Rate(UNLIMITED, UNLIMITED)) as served:
        yield served


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with open_tab() as opened:
        yield opened


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(tab: Tab, address: str, axe: str, page: str, colours: str) -> None:
    preferred = [{"name": "prefers-color-scheme", "value": colours}]
    tab.ask("Emulation.setEmulatedMedia", features=preferred)
    tab.open_address(address + page)
    tab.run(axe)
    assert tab.run(CHECK) == []
