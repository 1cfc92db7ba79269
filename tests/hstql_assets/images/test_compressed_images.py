"""Tile-compressed images are images: headers, pixels and pictures as those of plain ones."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.astropy_reading import expected, found, read_file
from builders.preview_files import save, science, sky, source
from hstql_assets.headers.rows import encode_headers
from hstql_assets.images.reading import read_images
from hstql_assets.previews.image_pictures import draw_images
from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import read_headers

ODD = {"BUNIT": "ELECTRONS", "CCDCHIP": 1, "LONGKEY": "x" * 100, "HIERARCH a b": 5, "GOODMEAN": 0.5}
PIXELS = {
    "floats": (sky(60, 70), {"compression_type": "GZIP_2", "quantize_level": 0}),
    "rounded floats": (sky(60, 70), {"compression_type": "RICE_1"}),
    "integers": (sky(60, 70).astype("i2"), {"compression_type": "RICE_1"}),
    "unsigned": (sky(60, 70).astype("u2"), {"compression_type": "GZIP_1"}),
    "long": (sky(60, 70).astype("i4"), {"compression_type": "HCOMPRESS_1"}),
}


def write(path: Path, pixels: np.ndarray, **settings: object) -> Path:
    image = fits.CompImageHDU(pixels, name="SCI", **settings)
    image.header.update(ODD)
    image.header["HISTORY"] = "packed"
    flags = fits.CompImageHDU((pixels > 110).astype("i2"), name="DQ")
    return save(path, "UVIS", [image, flags], NEXTEND=2)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(("pixels", "settings"), PIXELS.values(), ids=PIXELS.keys())
def test_headers_and_pixels_are_those_that_astropy_shows(
    tmp_path: Path, pixels: np.ndarray, settings: dict[str, object], pack: Callable[[bytes], bytes]
) -> None:
    path = write(tmp_path / "ia2b01abq_flt.fits", pixels, **settings)
    path.write_bytes(pack(path.read_bytes()))
    file = read_headers(path, "flt")
    assert file.fault is None
    assert [found(header) for header in file.headers] == [
        expected(cards, number) for number, cards in enumerate(read_file(path))
    ]
    (image,) = read_images(path).images
    with fits.open(path) as hdus:
        assert np.array_equal(image.values, hdus["SCI"].data)
        assert np.array_equal(image.flags, hdus["DQ"].data)
    assert image.values.dtype.isnative
    assert (image.chip, image.unit) == (1, "ELECTRONS")


def test_an_image_is_the_same_to_all_whether_it_is_packed_or_not(tmp_path: Path) -> None:
    pixels, settings = PIXELS["floats"]
    packed = write(tmp_path / "packed" / "ia2b01abq_flt.fits", pixels, **settings)
    hdus = science(pixels, flags=pixels > 110, **{**ODD})
    plain = save(tmp_path / "plain" / "ia2b01abq_flt.fits", "UVIS", hdus, NEXTEND=2)
    pictures = [draw_images(source(path)) for path in (packed, plain)]
    assert [[one.image.tobytes() for one in drawn] for drawn in pictures[:1]] == [
        [one.image.tobytes() for one in pictures[1]]
    ]
    tables = [
        [
            (shape.table, {*shape.keywords} - {"EXTVER"})
            for shape, _ in encode_headers(
                "ia2b01abq", [(path.name, "UVIS", read_headers(path, "flt"))]
            ).rows
        ]
        for path in (packed, plain)
    ]
    assert tables[0] == tables[1]


def test_cards_that_are_no_fits_are_kept_of_a_packed_image_too(tmp_path: Path) -> None:
    path = write(tmp_path / "ia2b01abq_flt.fits", PIXELS["integers"][0])
    content = path.read_bytes()
    odd = (b"BUNIT   = 'caf\xe9'", b"CCDCHIP = NAN", b"GOODMEAN= 1.0E5.5")
    for card in odd:
        start = content.index(card[:8])
        content = content[:start] + card.ljust(80) + content[start + 80 :]
    path.write_bytes(content)
    header = read_headers(path, "flt").headers[1]
    assert header.is_compressed
    assert dict(header.unreadable) == {
        card[:8].decode().strip(): card.ljust(80).decode("latin-1") for card in odd
    }
    assert [header.values[keyword] for keyword, _ in header.unreadable] == [None] * 3


def test_an_image_that_cannot_be_unpacked_is_a_fault_of_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "ia2b01abq_flt.fits", *PIXELS["integers"][:1])
    content = path.read_bytes()
    start = content.index(b"END ".ljust(80), BLOCK) // BLOCK * BLOCK + BLOCK
    path.write_bytes(content[:start] + b"\xff" * 64 + content[start + 64 :])
    with pytest.raises(FitsError):
        read_images(path)
