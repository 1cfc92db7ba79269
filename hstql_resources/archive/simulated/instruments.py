"""What the simulated archive consists of, and who makes its calibration reference files.

Imported by `archive` when it is first asked: all that makes files comes with it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from hstql_resources.archive.simulated.cameras.archive_contents import CameraHoldings
from hstql_resources.archive.simulated.cos.archive_contents import CosHoldings, Holdings
from hstql_resources.archive.simulated.cos_monitoring.acquisitions import AcquisitionHoldings
from hstql_resources.archive.simulated.cos_monitoring.darks import DarkHoldings
from hstql_resources.archive.simulated.cos_monitoring.gain import GainHoldings
from hstql_resources.archive.simulated.cos_monitoring.lamp_files import make_lamp_reference
from hstql_resources.archive.simulated.cos_monitoring.lamps import LampHoldings
from hstql_resources.archive.simulated.cos_raw.archive_contents import RawHoldings
from hstql_resources.archive.simulated.cos_raw.references import make_raw_reference
from hstql_resources.archive.simulated.stis.archive_contents import StisHoldings
from hstql_resources.archive.simulated.stis.references import make_reference

HOLDINGS: Mapping[str, Holdings] = MappingProxyType(
    {
        "cos": CosHoldings(),
        "stis": StisHoldings(),
        "acs": CameraHoldings("acs", share=(1, 1)),
        "wfc3": CameraHoldings("wfc3", share=(2, 3)),
    }
)
RAW_HOLDINGS = RawHoldings()
MONITOR_HOLDINGS: tuple[Holdings, ...] = (
    DarkHoldings(),
    LampHoldings(),
    GainHoldings(),
    AcquisitionHoldings(),
)


def make_any_reference(filename: str, seed: int) -> bytes | None:
    """Return a calibration reference file of any part; None if there is none of that name."""
    content = make_reference(filename)
    if content is None:
        content = make_raw_reference(filename, seed)
    return make_lamp_reference(filename) if content is None else content
