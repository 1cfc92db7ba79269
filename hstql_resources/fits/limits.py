"""Say how much of one file is read at most; what is larger is no file of the telescope.

The limits hold for a process: a reader of one header stands below thirty functions that would have
to hand them on. Whoever opens the clients sets them, in its own process and in the workers.
"""

from dataclasses import dataclass

from hstql_resources.fits.errors import StructureError

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What one file may have; the settings of the same names say what for.

    Attributes
    ----------
    file_mb, unpacked_mb : int [MB]
        Its size, and that of what is gzipped in it.
    hdus : int
        HDUs.
    header_cards : int
        Cards in all its headers together.
    table_rows, table_columns : int
        Of one table.
    """

    file_mb: int = 16_000
    unpacked_mb: int = 8_000
    hdus: int = 1000
    header_cards: int = 100_000
    table_rows: int = 500_000_000
    table_columns: int = 999


class LimitError(StructureError):
    """The file is beyond a limit, or no file at all; it was not read on."""


_IN_FORCE = [Limits()]


def set_limits(limits: Limits) -> None:
    """Let limits hold from now on, in this process."""
    _IN_FORCE[0] = limits


def get_limits() -> Limits:
    """Return the limits that hold in this process."""
    return _IN_FORCE[0]


def refuse_beyond(number: int, limit: int, what: str, setting: str) -> None:
    """Let a number pass that is within its limit.

    Parameters
    ----------
    number, limit : int
        What a file has, and may have.
    what : str
        Of what, as in `has more than 1,000 HDUs`.
    setting : str
        Name of the attribute of `Limits`, and of the setting without `HSTQL_MAX_`.

    Raises
    ------
    LimitError
        For all others.
    """
    if number > limit:
        raise LimitError(f"has more than {limit:,} {what}, the limit HSTQL_MAX_{setting.upper()}")
