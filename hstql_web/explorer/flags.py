"""Name the bits of data quality, by instrument.

After the data quality tables of the ACS, WFC3, STIS and COS Data Handbooks, and what CALACS,
calwf3, CALSTIS and CalCOS call them; `flags.tsv` has instrument, bit and name.
"""

import csv
from functools import cache
from importlib.resources import files


@cache
def read_names() -> dict[tuple[str, int], str]:
    """Return the name of each bit (its value) of each instrument."""
    source = files("hstql_web.explorer").joinpath("flags.tsv").read_text()
    return {
        (row[0], int(row[1])): row[2] for row in csv.reader(source.splitlines(), delimiter="\t")
    }


def name_bit(instrument: str, bit: int) -> str:
    """Return what a bit (its value) means."""
    return read_names().get((instrument, bit), "without a name")


def name_flags(instrument: str, flags: int) -> list[str]:
    """Return what the bits of a pixel mean, such as `16 hot`."""
    bits = [1 << place for place in range(16) if flags >> place & 1]
    return [f"{bit} {name_bit(instrument, bit)}" for bit in bits]
