"""Write reference files: their headers, the rows of spectra, and images that are small when stored.

CalCOS (3.6.2) accepts a file only if FILETYPE is its fixed text and VCALCOS no higher than its own
version; without VCALCOS it takes it for a file of version 1, and stops. 3.4 is the lowest that all
of these files are accepted with.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.compressed import _codecs
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.instrument import Configuration, Detector, Stripe
from hstql_resources.archive.simulated.cos_raw.instrument import CONFIGURATIONS
from hstql_resources.archive.simulated.sky.fitsfile import (
    BLOCK_BYTES,
    Extension,
    Keywords,
    make_file,
    write_cards,
)

APERTURES = ("PSA", "BOA", "WCA")


@dataclass(frozen=True)
class CompressedImage:
    """An image extension whose rows are stored with gzip, without loss."""

    name: str
    pixels: NDArray[np.float32]
    keywords: Keywords = field(default_factory=dict)
    version: int = 1

    def to_bytes(self) -> bytes:
        """Return header and data, each padded to whole blocks."""
        # Without the time of day, which astropy has no way to leave out.
        _codecs.gzip_compress = partial(gzip.compress, mtime=0)
        image = fits.CompImageHDU(
            self.pixels, compression_type="GZIP_1", quantize_level=0.0, name=self.name
        )
        image.ver = self.version
        image.header.update(self.keywords)
        buffer = BytesIO()
        fits.HDUList([fits.PrimaryHDU(), image]).writeto(buffer)
        return buffer.getvalue()[BLOCK_BYTES:]


@dataclass(frozen=True)
class Reference:
    """The content of a reference file.

    Attributes
    ----------
    filetype : str
        Its FILETYPE.
    extensions : sequence
        Tables and images.
    keywords : mapping
        What its primary header has besides.
    """

    filetype: str
    extensions: Sequence[Extension]
    keywords: Keywords = field(default_factory=dict)

    def to_bytes(self, filename: str, detector: Detector) -> bytes:
        """Return the file."""
        values = {"FILENAME": filename, "FILETYPE": self.filetype, "DETECTOR": detector}
        cards = fill_cards("cos_raw/reference_primary", values) + write_cards(self.keywords)
        return make_file(cards, self.extensions)


@dataclass(frozen=True)
class SpectrumRow:
    """A row of a table that has one for each spectrum, aperture and position."""

    setting: Configuration
    stripe: Stripe
    aperture: str
    fpoffset: int = 0


def list_rows(
    detector: Detector,
    apertures: Sequence[str] = APERTURES,
    fpoffsets: Sequence[int] = (0,),
) -> list[SpectrumRow]:
    """Return the rows of a table of spectra, in the order of the rows of the x1d."""
    setting = CONFIGURATIONS[detector]
    return [
        SpectrumRow(setting, stripe, aperture, fpoffset)
        for stripe in setting.stripes
        for aperture in apertures
        for fpoffset in fpoffsets
    ]
