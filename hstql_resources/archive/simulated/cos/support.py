"""Make the support files of a simulated exposure: spt and jit.

What the telescope did, in the columns and main keywords of real files; nothing here knows
photons.
"""

from collections.abc import Sequence

import numpy as np

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.headers import exposure_values
from hstql_resources.archive.simulated.observing_program import Target
from hstql_resources.archive.simulated.sky.fitsfile import Image, Keywords, Table, make_file
from hstql_resources.archive.simulated.sky.jitter import jitter_columns
from hstql_resources.archive.simulated.sky.orbit import Orbit

SUPPORT_WORDS = 965
JITTER_STREAM = 100  # far from the streams of the readouts


def make_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, telemetry in the extensions."""
    values = exposure_values(exposure, filename)
    return write_spt(fill_cards("cos/spt_primary", values, {"light"}), values, [values] * 2)


def write_spt(
    primary: str, support: Keywords, snapshots: Sequence[Keywords], tag: str = "light"
) -> bytes:
    """Return an spt file.

    Parameters
    ----------
    primary : str
        The cards of its primary header.
    support : mapping
        What the header of SUPPORT says, whose words are all 0.
    snapshots : sequence of mapping
        What SNAP1, SNAP2 say.
    tag : str
        `light`, `dark` or `acquisition`.
    """
    words = np.zeros(SUPPORT_WORDS, dtype=np.int16)
    extensions = [Image("SUPPORT", words, fill_cards("cos/support", support, {tag}))]
    for number, values in enumerate(snapshots, 1):
        cards = fill_cards("cos/snapshot", values, {tag})
        extensions.append(Image(f"SNAP{number}", None, cards))
    return make_file(primary, extensions)


def make_jit(exposure: Exposure, filename: str) -> bytes:
    """Return the jit file: pointing and orbit every three seconds."""
    rng = exposure.random_stream(JITTER_STREAM)
    values = exposure_values(exposure, filename)
    return write_jit(values, exposure.duration_s, exposure.orbit, exposure.target, rng)


def write_jit(
    values: Keywords,
    duration_s: float,
    orbit: Orbit,
    target: Target,
    rng: np.random.Generator,
    tag: str = "light",
) -> bytes:
    """Return a jit file; as in real ones its ROOTNAME ends in `j` and INSTRUME says FGS.

    Parameters
    ----------
    values : mapping
        What its headers say, but for the name.
    duration_s, orbit, target, rng
        As for `jitter_columns`.
    tag : str
        `light` or `acquisition`.
    """
    rootname = f"{str(values['ROOTNAME'])[:8]}j"
    named = {**values, "ROOTNAME": rootname, "EXPNAME": rootname}
    columns = jitter_columns(duration_s, orbit, target, rng)
    # The name is in lower case in real files, too.
    table = Table("jit", columns, fill_cards("cos/names", named))
    return make_file(fill_cards("cos/jit_primary", named, {tag}), [table])
