"""Packed images: the same pixels make the same bytes, and are read back by others."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.fits.compressed_images import compress
from hstql_resources.fits.writing import primary_hdu, write_hdus


@pytest.mark.parametrize("kind", ["f4", "f8", "i2", "i4"])
def test_no_time_of_day_is_in_the_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    pixels = np.arange(60 * 30).reshape(60, 30).astype(kind)
    path, packed = tmp_path / "image.fits", []
    for now_s in (1.0e9, 1.5e9):
        monkeypatch.setattr("time.time", lambda now_s=now_s: now_s)
        write_hdus([primary_hdu([]), compress(pixels, "SCI", [("BUNIT", "s", "")])], path, "then")
        packed.append(path.read_bytes())
    assert packed[0] == packed[1]
    with fits.open(path, checksum=True) as hdus:
        np.testing.assert_array_equal(hdus["SCI"].data, pixels)
        assert hdus["SCI"].data.dtype.newbyteorder("=") == pixels.dtype
        assert hdus["SCI"].header["BUNIT"] == "s"


@pytest.mark.parametrize("kind", ["f4", "i2"])
def test_headers_and_checksums_are_those_of_astropy(tmp_path: Path, kind: str) -> None:
    pixels = np.zeros((64, 30), kind)
    pixels[40] = 7
    theirs = fits.CompImageHDU(
        pixels,
        name="SCI",
        compression_type="GZIP_2" if kind == "f4" else "RICE_1",
        quantize_level=0.0,
        tile_shape=(16, 30),
    )
    theirs.header["DESCRIP"] = "what it is"
    theirs.add_checksum(when="as of then")
    fits.HDUList([fits.PrimaryHDU(), theirs]).writeto(tmp_path / "theirs.fits")
    ours = compress(pixels, "SCI", [("DESCRIP", "what it is", "")])
    write_hdus([primary_hdu([]), ours], tmp_path / "ours.fits", "then")
    headers = []
    for name in ("theirs", "ours"):
        with fits.open(tmp_path / f"{name}.fits", disable_image_compression=True) as hdus:
            cards = {str(card) for card in hdus[1].header.cards}
        headers.append({card for card in cards if not card.startswith(("PCOUNT", "TFORM1"))})
    assert headers[0] == headers[1]
