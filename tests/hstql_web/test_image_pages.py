"""Images looked at closely: values, positions, flags and pictures, of whole and of broken files."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from sqlalchemy import text

from builders.site_files import add_file, sky_cards
from builders.site_rows import MEMBER, NOW, Station
from hstql_web.explorer.coding import Coding
from hstql_web.explorer.contents import read_contents, take_stamp
from hstql_web.explorer.pyramid import TILE, build, halve_values
from hstql_web.explorer.store import Store

ROWS, COLUMNS = 701, 1030
HERE = "/image/ipub01a1q_{}.fits/{}"


def make_values() -> np.ndarray:
    rng = np.random.default_rng(7)
    values = rng.normal(20.0, 4.0, (ROWS, COLUMNS)).astype(np.float32)
    values[100:104, 200] = 6e4
    values[5, 7], values[6, 8], values[650, 1000] = np.nan, np.inf, -3e9
    return values


def make_hdus() -> fits.HDUList:
    values = make_values()
    flags = np.zeros(values.shape, np.int16)
    flags[100:104, 200] = 16 | 4096
    flags[3, 3] = -32768
    return fits.HDUList([
        fits.PrimaryHDU(header=fits.Header({"INSTRUME": "WFC3", "DETECTOR": "UVIS"})),
        fits.ImageHDU(values, sky_cards(), name="SCI", ver=1),
        fits.ImageHDU(np.sqrt(np.abs(np.nan_to_num(values))), name="ERR", ver=1),
        fits.ImageHDU(flags, name="DQ", ver=1),
    ])  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def files(station: Station) -> None:
    """The same image plain, gzipped, compressed by tiles, cut, closed to others and set aside."""
    hdus = make_hdus()
    plain = add_file(station, "ipub01a1q_flc.fits", hdus)
    content = plain.read_bytes()
    add_file(station, "ipub01a1q_crj.fits.gz", gzip.compress(content, 1))
    packed = fits.CompImageHDU(
        make_values(), sky_cards(), name="SCI", compression_type="GZIP_2", quantize_level=0
    )
    add_file(station, "ipub01a1q_drz.fits", fits.HDUList([fits.PrimaryHDU(), packed]))
    add_file(station, "ipub01a1q_cut.fits", content[: len(content) // 3])
    add_file(station, "ipub01a1q_bad.fits", b"this is no FITS at all" * 200)
    add_file(station, "ipub01a1q_old.fits", hdus, set_aside_at=NOW)
    add_file(station, "jsec01a1q_flc.fits", hdus)
    add_file(station, "ipub01a1q_lost.fits", hdus).unlink()


def unpack(content: bytes, shape: tuple[int, int]) -> np.ndarray:
    low, high = np.frombuffer(content, np.uint8).reshape(2, *shape).astype(np.uint16)
    return low | high << 8


@pytest.mark.parametrize("kind", ["flc", "crj", "drz"])
def test_tiles_put_together_are_the_image_within_what_is_promised(
    station: Station, kind: str
) -> None:
    client, values = station.client("rea"), make_values()
    here = HERE.format(kind, 1)
    facts = client.get(f"{here}/facts").json()
    assert (facts["rows"], facts["columns"], facts["levels"]) == (ROWS, COLUMNS, 3)
    coding = Coding(facts["zero"], tuple(facts["steps"]))
    for row, column in ((0, 0), (0, 2), (1, 1)):
        part = values[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        answer = client.get(f"{here}/tile?level=0&row={row}&column={column}")
        shown = coding.decode(unpack(answer.content, part.shape), 0)
        finite = np.isfinite(part)
        assert np.isnan(shown[np.isnan(part)]).all()
        errors = np.abs(shown[finite] - part[finite])
        assert (errors <= [coding.precision(float(one)) for one in part[finite]]).all()
    noise = coding.precision(20.0)
    assert noise < 4.0 / 14


def test_a_level_is_the_mean_of_what_has_a_value(station: Station) -> None:
    stamp = take_stamp(station.home / "files" / "ipub01a1q_flc.fits")
    plane = read_contents(stamp).find(1)
    assert plane is not None
    image, values = build(stamp, plane), make_values()
    squares = values[:700].reshape(350, 2, 515, 2).astype(float)
    expected = np.ma.masked_invalid(squares).mean(axis=(1, 3)).filled(np.nan)
    np.testing.assert_allclose(image.levels[0][:350], expected, rtol=1e-5)
    assert image.levels[0].shape == (351, 515)
    np.testing.assert_allclose(halve_values(np.array([[1, 3, 9]], np.int16)), [[2.0, 9.0]])
    assert (image.least, image.most) == (np.float32(-3e9), 6e4)


@pytest.mark.parametrize(("column", "row"), [(1, 1), (201, 101), (1030, 701), (513, 77)])
@pytest.mark.parametrize("kind", ["flc", "crj"])
def test_a_pixel_is_told_to_its_last_digit(
    station: Station, kind: str, column: int, row: int
) -> None:
    found = station.client("rea").get(f"{HERE.format(kind, 1)}/pixel?column={column}&row={row}")
    told, hdus = found.json(), make_hdus()
    assert np.float32(told["value"]) == hdus[1].data[row - 1, column - 1]
    assert np.float32(told["error"]) == hdus[2].data[row - 1, column - 1]
    ra, dec = WCS(hdus[1].header).all_pix2world(column, row, 1)
    assert f"({ra:.7f}, {dec:+.7f})" in told["sky"]
    if (column, row) == (201, 101):
        assert told["flags"] == "4112"
        assert told["meaning"] == ["16 hot", "4096 cosmic ray, found by drizzling"]


def test_what_is_no_number_is_told_too(station: Station) -> None:
    client = station.client("rea")
    words = [
        client.get(f"{HERE.format('flc', 1)}/pixel?column={x}&row={y}").json()["value"]
        for x, y in ((8, 6), (9, 7))
    ]
    assert words == ["nan", "inf"]


def test_flags_come_with_names_and_numbers_and_none_is_lost_from_afar(station: Station) -> None:
    client = station.client("rea")
    bits = client.get(f"{HERE.format('flc', 1)}/bits").json()
    assert [(one["bit"], one["pixels"]) for one in bits] == [(16, 4), (4096, 4), (32768, 1)]
    answer = client.get(f"{HERE.format('flc', 1)}/flags?level=2&row=0&column=0")
    flags = unpack(answer.content, (176, 258))
    assert flags[25, 50] == 4112
    assert flags[0, 0] == 32768


def test_the_page_is_there_without_script_and_gives_the_script_what_it_needs(
    station: Station,
) -> None:
    client = station.client("rea")
    page = client.get(f"{HERE.format('flc', 1)}?stretch=log&low=3&high=70")
    assert page.status_code == 200
    assert "picture?stretch=log&amp;colours=grey&amp;low=3.0&amp;high=70.0" in page.text
    assert 'aria-current="true">SCI 1' in page.text
    picture = client.get(f"{HERE.format('flc', 1)}/picture?stretch=histogram&colours=viridis")
    assert picture.content.startswith(b"\x89PNG")
    assert client.get("/explore/ipub01a1q_flc.fits").url.path == HERE.format("flc", 1)
    assert client.get("/exposure/jpub01a1q").text.count("/explore/jpub01a1q_flt.fits") == 2
    assert "/headers/ipub01a1q_flc.fits" in page.text


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("cut", 422, "ends within"),
        ("bad", 422, "is not FITS"),
        ("old", 404, "was set aside"),
        ("lost", 404, "cannot be opened: No such file"),
        ("none", 404, "There is no such file here"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(
    station: Station, kind: str, status: int, said: str
) -> None:
    client = station.client("rea")
    for ending in ("", "/facts", "/tile?level=0&row=0&column=0", "/pixel?column=1&row=700"):
        answer = client.get(HERE.format(kind, 1) + ending)
        assert (answer.status_code, said in answer.text) == (status, True), (ending, answer.text)


@pytest.mark.parametrize(
    "ending",
    [
        "/tile?level=0&row=2&column=0", "/tile?level=3&row=0&column=0",
        "/tile?level=-1&row=0&column=0",
        "/tile?level=0&row=nan&column=0", "/tile?level=0&row=1e99&column=0", "/tile",
        "/tile?level=0&row=99999999999999999999&column=0", "/pixel?column=0&row=1",
        "/pixel?column=1031&row=1", "/pixel?column=-1&row=1", "/pixel?column=inf&row=1",
        "/flags?level=9&row=0&column=0", "/picture?low=nan", "/picture?high=1e999",
        "/picture?stretch=x", "/picture?colours=../x", "?other=../../etc/passwd", "?other=a%00b",
    ],
)  # fmt: skip
def test_places_beyond_the_image_and_odd_numbers_are_refused(station: Station, ending: str) -> None:
    answer = station.client("rea").get(HERE.format("flc", 1) + ending)
    assert answer.status_code in (404, 422), answer.text


@pytest.mark.parametrize("low", ["-1e308", "1e308", "5"])
def test_any_limits_make_a_picture(station: Station, low: str) -> None:
    picture = station.client("rea").get(f"{HERE.format('flc', 1)}/picture?low={low}&high=5")
    assert picture.status_code == 200


@pytest.mark.parametrize("path", ["/etc/passwd", "..%2F..%2Fetc%2Fpasswd", "/../site.key"])
def test_no_path_is_opened(station: Station, path: str) -> None:
    client = station.client("rea")
    assert client.get(f"/image/{path}/1").status_code in (404, 422)
    assert client.get(f"/image/ipub01a1q_flc.fits/{path}").status_code in (404, 422)


def test_images_of_others_are_closed_by_every_address(station: Station) -> None:
    endings = ("", "/facts", "/bits", "/tile?level=0&row=0&column=0", "/picture",
               "/flags?level=0&row=0&column=0", "/pixel?column=1&row=1")  # fmt: skip
    here = "/image/jsec01a1q_flc.fits/1"
    for ending in endings:  # theirs first, so that all is in memory
        assert station.client(MEMBER).get(here + ending).status_code == 200
        assert station.client("rea").get(here + ending).status_code == 404
    assert station.client("rea").get("/explore/jsec01a1q_flc.fits").status_code == 404
    page = station.client("rea").get(f"{HERE.format('flc', 1)}?other=jsec01a1q_flc.fits")
    assert "jsec01a1q_flc.fits</option>" not in page.text


def test_a_file_that_was_written_anew_is_read_anew(station: Station) -> None:
    client = station.client("rea")
    value = "/image/ipub01a1q_new.fits/0/pixel?column=1&row=1"
    for number in (1, 2):
        pixels = np.full((4 + number, 4), number, np.int32)
        add_file(station, "ipub01a1q_new.fits", fits.HDUList([fits.PrimaryHDU(pixels)]))
        assert client.get(value).json()["value"] == str(number)
        facts = client.get("/image/ipub01a1q_new.fits/0/facts").json()
        assert facts["rows"] == 4 + number


@pytest.mark.parametrize("fill", [0.0, np.nan, 7.5, 1e38])
def test_an_image_of_one_value_can_be_looked_at(station: Station, fill: float) -> None:
    pixels = np.full((20, 30), fill, np.float32)
    add_file(station, "ipub01a1q_sfl.fits", fits.HDUList([fits.PrimaryHDU(pixels)]))
    client = station.client("rea")
    facts = client.get("/image/ipub01a1q_sfl.fits/0/facts").json()
    content = client.get("/image/ipub01a1q_sfl.fits/0/tile?level=0&row=0&column=0").content
    shown = Coding(facts["zero"], tuple(facts["steps"])).decode(unpack(content, (20, 30)), 0)
    np.testing.assert_allclose(shown, fill)
    assert client.get("/image/ipub01a1q_sfl.fits/0").status_code == 200
    assert client.get("/image/ipub01a1q_sfl.fits/0/picture").status_code == 200


def test_events_are_counted_in_pixels(station: Station) -> None:
    x, y = np.array([5, 5, 1000], np.float32), np.array([7, 7, 2], np.float32)
    columns = [
        fits.Column(name, "E", array=array)
        for name, array in (("XCORR", x), ("YCORR", y), ("WAVELENGTH", x))
    ]
    primary = fits.PrimaryHDU(header=fits.Header({"INSTRUME": "COS", "DETECTOR": "NUV"}))
    events = fits.BinTableHDU.from_columns(columns, name="EVENTS")
    add_file(station, "lpub01a1q_corrtag.fits", fits.HDUList([primary, events]))
    client = station.client("rea")
    assert client.get("/explore/lpub01a1q_corrtag.fits").url.path.endswith("/1")
    here = "/image/lpub01a1q_corrtag.fits/1"
    assert client.get(f"{here}/pixel?column=6&row=8").json()["value"] == "2"
    facts = client.get(f"{here}/facts").json()
    assert (facts["rows"], facts["unit"]) == (1024, "count")
    assert facts["percentiles"][:5] == [0, 0, 0, 0, 0]
    assert all(0.25 < one <= 0.5 for one in facts["percentiles"][5:9])
    assert facts["percentiles"][9] == 2


def test_the_store_keeps_no_more_than_it_may(station: Station) -> None:
    store = Store(most=3_000_000)
    for kind in ("flc", "crj", "drz", "flc"):
        path = Path(
            station.database.read(
                text("SELECT path FROM files WHERE filename = :name").bindparams(
                    name=f"ipub01a1q_{kind}.fits"
                )
            )[0].path
        )
        stamp = take_stamp(path)
        plane = read_contents(stamp).find(1)
        assert plane is not None
        store.find(stamp, plane)
        store.find(stamp, plane, are_flags=True)
    assert 0 < store.held < 3_000_000 + 6_000_000


def test_spectra_come_with_errors_and_flags_in_the_order_of_wavelength(station: Station) -> None:
    columns = [
        fits.Column("SEGMENT", "4A", array=["FUVA", "FUVB"]),
        fits.Column("NELEM", "J", array=[4, 3]),
        fits.Column("WAVELENGTH", "4D", "Angstrom", array=[[4, 3, 2, 1], [10, 11, 12, 13]]),
        fits.Column("FLUX", "4E", "erg", array=[[1, 2, np.nan, 4e-14], [5, 6, 7, 8]]),
        fits.Column("ERROR", "4E", array=np.full((2, 4), 0.5)),
        fits.Column("DQ", "4I", array=[[0, 16, 0, 2], [0, 0, 0, 0]]),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SCI")
    table.header["SDQFLAGS"] = 16
    add_file(station, "lpub01a1q_x1d.fits", fits.HDUList([fits.PrimaryHDU(), table]))
    client = station.client("rea")
    assert client.get("/explore/lpub01a1q_x1d.fits").url.path == "/spectrum/lpub01a1q_x1d.fits"
    first, second = client.get("/spectrum/lpub01a1q_x1d.fits/data").json()
    assert (first["name"], first["unit"], first["quantity"]) == ("1 FUVA", "erg", "FLUX")
    assert first["wavelengths"] == [1, 2, 3, 4]
    assert first["values"] == [4e-14, None, 2, 1]
    assert (first["flags"], first["bad"]) == ([2, 0, 16, 0], [0, 0, 1, 0])
    assert second["wavelengths"] == [10, 11, 12]
    assert client.get("/spectrum/ipub01a1q_flc.fits").status_code == 404
