"""Make the support files of a simulated STIS exposure: spt and wav.

What the telescope was told to do, and the lamp exposure that gives the wavelength scale;
nothing here knows the target's photons.
"""

import numpy as np

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.sky.fitsfile import Image, make_file
from hstql_resources.archive.simulated.stis.catalogue import Exposure
from hstql_resources.archive.simulated.stis.headers import (
    exposure_values,
    fill_extension,
    fill_primary,
)
from hstql_resources.archive.simulated.stis.instrument import COLUMNS

SUPPORT_WORDS = 965
LAMP_ROWS = 64  # of the subarray that is read out
LAMP_LINES = 24
LAMP_COUNTS = 20.0  # per pixel at the peak of the brightest line
LAMP_STREAM = 100  # far from the streams of the repeats


def make_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, telemetry in the extension."""
    values = exposure_values(exposure, filename)
    words = np.zeros(SUPPORT_WORDS, dtype=np.int16)
    udl = Image("UDL", words, fill_cards("stis/exposure", values))
    return make_file(fill_cards("stis/spt_primary", values), [udl])


def make_wav(exposure: Exposure, filename: str) -> bytes:
    """Return the wav file: lamp lines across a subarray, with the keywords of a lamp.

    As in real ones its target is the lamp, at no place in the sky.
    """
    rng = exposure.random_stream(LAMP_STREAM)
    line = rng.uniform(COLUMNS[0], COLUMNS[-1], LAMP_LINES) + exposure.shift1
    strength = rng.uniform(0.1, 1.0, LAMP_LINES) * LAMP_COUNTS
    profile = (strength * np.exp(-0.5 * (COLUMNS[:, np.newaxis] - line) ** 2)).sum(axis=1)
    image = rng.poisson(profile, (LAMP_ROWS, COLUMNS.size)).astype(np.int16)
    cards = fill_extension(exposure, exposure.repeats[0], "image", "raw", "lamp")
    primary = fill_primary(exposure, filename, "raw", "lamp", rows=LAMP_ROWS, wavecal="N/A")
    return make_file(primary, [Image("SCI", image, cards)])
