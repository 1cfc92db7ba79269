"""Packed images: the same pixels make the same bytes, whenever they are packed."""

from io import BytesIO

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.fits.compressed_images import compress


@pytest.mark.parametrize("kind", ["f4", "f8", "i2"])
def test_no_time_of_day_is_in_the_bytes(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    pixels = np.arange(64 * 30).reshape(64, 30).astype(kind)
    packed = []
    for now_s in (1.0e9, 1.5e9):
        monkeypatch.setattr("time.time", lambda now_s=now_s: now_s)
        hdu, file = compress(pixels, "SCI"), BytesIO()
        hdu.add_checksum(when="then")
        fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(file)
        packed.append(file.getvalue())
    assert packed[0] == packed[1]
    with fits.open(BytesIO(packed[0]), checksum=True) as hdus:
        np.testing.assert_array_equal(hdus["SCI"].data, pixels)
