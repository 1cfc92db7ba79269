"""List what the simulated archive consists of, and find who makes a calibration reference file.

Imported by `archive` when it is first asked: all that makes files comes with it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hstql_resources.archive.simulated.archive_contents import Contents
from hstql_resources.archive.simulated.cameras.archive_contents import (
    ACS,
    ACS_EPER,
    ACS_FLATS,
    ACS_STANDARDS,
    WFC3,
    WFC3_BLOBS,
    WFC3_BOWTIE,
    WFC3_DARKS,
    WFC3_EPER,
    WFC3_FLATS,
    WFC3_IR_DARKS,
    WFC3_PERSISTENCE,
    WFC3_STANDARDS,
)
from hstql_resources.archive.simulated.cos.archive_contents import COS
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import (
    ACQUISITION,
    DARKS,
    GAIN,
    LAMPS,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_files import make_lamp_reference
from hstql_resources.archive.simulated.cos_raw.archive_contents import RAW
from hstql_resources.archive.simulated.cos_raw.references import make_raw_reference
from hstql_resources.archive.simulated.stis.archive_contents import STIS
from hstql_resources.archive.simulated.stis.references import make_reference

INSTRUMENTS: Mapping[str, Contents[Any, Any]] = MappingProxyType(
    {"cos": COS, "stis": STIS, "acs": ACS, "wfc3": WFC3}
)
MONITORED: tuple[Contents[Any, Any], ...] = (DARKS, LAMPS, GAIN, ACQUISITION)


def list_contents(
    observations: int, raw_exposures: int, epochs: int
) -> list[tuple[str, Contents[Any, Any], int]]:
    """Return instrument, contents and number of exposures of each part of a `SimulatedArchive`."""
    return [
        *((name, one, one.count(observations)) for name, one in INSTRUMENTS.items()),
        ("cos", RAW, raw_exposures),
        *(("cos", one, one.count(epochs)) for one in MONITORED),
        ("acs", ACS_FLATS, ACS_FLATS.count(epochs)),
        ("wfc3", WFC3_FLATS, WFC3_FLATS.count(epochs)),
        ("wfc3", WFC3_PERSISTENCE, WFC3_PERSISTENCE.count(epochs)),
        ("acs", ACS_EPER, ACS_EPER.count(epochs)),
        ("wfc3", WFC3_EPER, WFC3_EPER.count(epochs)),
        ("wfc3", WFC3_BLOBS, WFC3_BLOBS.count(epochs)),
        ("wfc3", WFC3_BOWTIE, min(WFC3_BOWTIE.count(epochs), WFC3_BOWTIE.maximum)),
        ("acs", ACS_STANDARDS, ACS_STANDARDS.count(epochs)),
        ("wfc3", WFC3_STANDARDS, WFC3_STANDARDS.count(epochs)),
        ("wfc3", WFC3_DARKS, min(WFC3_DARKS.count(epochs), WFC3_DARKS.maximum)),
        ("wfc3", WFC3_IR_DARKS, min(WFC3_IR_DARKS.count(epochs), WFC3_IR_DARKS.maximum)),
    ]


def make_any_reference(filename: str, seed: int) -> bytes | None:
    """Return a calibration reference file of any instrument; None if there is none of its name."""
    content = make_reference(filename)
    if content is None:
        content = make_raw_reference(filename, seed)
    return make_lamp_reference(filename) if content is None else content
