"""A full frame looked at in a browser: how much is sent, how long it takes, what is told."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from builders.browser import Tab, open_tab
from builders.served_site import serve
from builders.site_files import add_file, sky_cards
from builders.site_rows import Station
from hstql_web.guard import Rate

pytestmark = pytest.mark.full
SIZE = 4096
MOST_SENT = 5_000_000  # bytes


def go(tab: Tab, address: str) -> None:
    tab.errors.clear()
    tab.requests.clear()
    tab.ask("Page.navigate", url=address)
    tab.wait_for(f"location.href.startsWith('{address}')")
    tab.wait_for("document.querySelector('canvas')?.dataset.shown > ''")


def count_bytes(tab: Tab) -> int:
    """Return what came over the net since the page was opened, packed as it was."""
    return int(
        tab.run(
            "[...performance.getEntriesByType('resource'),"
            " ...performance.getEntriesByType('navigation')]"
            ".reduce((sum, one) => sum + one.transferSize, 0)"
        )
    )


def press(tab: Tab, name: str) -> None:
    tab.run(f"document.querySelector('[data-do={name}]').click()")
    tab.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    tab.wait_for("document.querySelector('canvas').dataset.shown > ''")


def test_a_full_frame_is_explored_with_less_than_it_has(station: Station) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(30.0, 5.0, (SIZE, SIZE)).astype(np.float32)
    for row, column in rng.integers(8, SIZE - 8, (2000, 2)):
        values[row - 2 : row + 3, column - 2 : column + 3] += 10 ** rng.uniform(1, 5)
    flags = (rng.random(values.shape) < 0.01).astype(np.int16) * 16
    primary = fits.PrimaryHDU(header=fits.Header({"INSTRUME": "ACS", "DETECTOR": "WFC"}))
    hdus = fits.HDUList([
        primary, fits.ImageHDU(values, sky_cards(), name="SCI"), fits.ImageHDU(flags, name="DQ"),
    ])  # fmt: skip
    add_file(station, "ipub01a1q_flt.fits", hdus)
    other = fits.HDUList([primary.copy(), fits.ImageHDU(values[:900, :1000] * 2, name="SCI")])
    add_file(station, "ipub01a1q_crc.fits", other)
    with serve(station, Rate(10_000, 10_000.0)) as site, open_tab() as tab:
        go(tab, f"{site}/image/ipub01a1q_flt.fits/1")
        for name in ("one", "out", "in"):
            press(tab, name)
        sent = count_bytes(tab)
        assert 100_000 < sent < MOST_SENT, sent
        box = tab.run(
            "(() => { const b = document.querySelector('canvas').getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        tab.point(*box)
        tab.wait_for("document.getElementById('readout').textContent.includes('DQ')")
        told = tab.run("document.getElementById('readout').textContent")
        column, row = (int(one) for one in told[1 : told.index(")")].split(", "))
        assert str(values[row - 1, column - 1]) in told
        ra, dec = WCS(hdus[1].header).all_pix2world(column, row, 1)
        assert f"({ra:.7f}, {dec:+.7f})" in told
        press(tab, "flags")
        assert "16 hot" in tab.run("document.getElementById('bits').textContent")
        for name in ("histogram", "log", "linear"):
            tab.run(
                f"(() => {{ const s = document.getElementById('stretch'); s.value = '{name}';"
                " s.dispatchEvent(new Event('change', { bubbles: true })); })()"
            )
            tab.wait_for("document.querySelector('canvas').dataset.shown > ''")
        tab.run(
            "(() => { const o = document.getElementById('other'); o.value = 'ipub01a1q_crc.fits';"
            " o.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )
        tab.wait_for("!document.querySelector('[data-do=swap]').hidden")
        press(tab, "swap")
        tab.wait_for("document.querySelector('canvas').dataset.shown.startsWith('1')")
        assert tab.run("document.getElementById('trouble').hidden")
        assert tab.errors == []
        assert all(one.startswith((site, "data:")) for one in tab.requests)
