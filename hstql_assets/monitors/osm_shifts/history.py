"""Hold what the trend is made from: flashes, moves, and when the other exposures were."""

from dataclasses import dataclass

from hstql_assets.monitors.osm_shifts.flash_table import FlashTable
from hstql_assets.monitors.osm_shifts.moves import Taken
from hstql_assets.monitors.osm_shifts.sms import Moves


@dataclass(frozen=True, eq=False)
class History:
    """What is known.

    Attributes
    ----------
    flashes : FlashTable
        All of them, by time.
    taken : tuple of Taken
        All exposures of COS with a time.
    stored : tuple of dict
        Rows of `sms_exposures`, from reports that may be gone.
    """

    flashes: FlashTable
    taken: tuple[Taken, ...]
    stored: tuple[dict[str, object], ...]


def moves_of(row: dict[str, object]) -> Moves:
    """Return a row of `sms_exposures` as moves."""
    names = (
        "exposure", "sms", "start_mjd", "osm1_position", "osm2_position",
        "since_osm1_s", "since_osm2_s",
    )  # fmt: skip
    return Moves(**{name: row[name] for name in names})  # type: ignore[arg-type]
