"""Declare the view `ivoa.obscore`: files and lightcurves as IVOA ObsCore 1.1 has them.

Its columns stand in `obscore.tsv`: name, type, UCD and utype, all as tables 5 and 6 of the standard
have them, then what the view selects and what it is. A row is a file that can be fetched. What no
header and no table says is NULL: a value is never guessed.

Whoever asks sees of it what they may see of the tables beneath. Where `hstql.address` is set in the
transaction, `access_url` is at that site.
"""

from importlib.resources import files
from typing import NamedTuple

from hstql_resources.table_files.columns import Column

SCHEMA, NAME = "ivoa", "obscore"
VIEW = f"{SCHEMA}.{NAME}"
SHOWN = ("observations", "files", "lightcurves", "spectrum_statistics")
ABOUT = "One row per file of an exposure or association, and per lightcurve: IVOA ObsCore 1.1"
UTYPE = "ivo://ivoa.net/std/ObsCore#core-1.1"
_KINDS = {"text": str, "bigint": int, "float8": float}
# For words in capitals in the file.
_FILETYPES = {
    "SPECTRA": "x1d x1dsum x1dsum1 x1dsum2 x1dsum3 x1dsum4 sx1",
    "EVENTS": "corrtag corrtag_a corrtag_b rawtag rawtag_a rawtag_b tag",
    "IMAGES": "raw flt flt_a flt_b flc crj crc ima sfl fltsum counts counts_a counts_b x2d sx2 "
    "drz drc rawaccum rawaccum_a rawaccum_b rawacq",
    "COMBINED": "lightcurve drz drc fltsum x1dsum x1dsum1 x1dsum2 x1dsum3 x1dsum4",
}
# The two parts have plain columns and no WHERE, so that a cone finds their rows by the indexes.
_FROM = """
FROM observations AS o JOIN (
    SELECT rootname, filename, filetype, kind, path, '/file/' || filename AS address, size_bytes,
           set_aside_at, NULL::float8 AS bin_s, NULL::int AS bins, NULL::float8 AS wave_min,
           NULL::float8 AS wave_max, NULL::bool AS is_flux_calibrated
    FROM files
    UNION ALL
    SELECT rootname, rootname || '_curve.fits', 'lightcurve', NULL, path,
           '/curve/' || rootname || '/fits', NULL, NULL, bin_s, bins, wave_min, wave_max,
           is_flux_calibrated
    FROM lightcurves
) AS p ON p.rootname = o.rootname
LEFT JOIN spectrum_statistics AS s ON s.filename = p.filename
WHERE p.set_aside_at IS NULL
"""


class _Line(NamedTuple):
    """A line of the file."""

    name: str
    type: str
    ucd: str
    utype: str
    expression: str
    about: str


_LINES = [
    _Line(*line.split("\t"))
    for line in (files(__package__) / "obscore.tsv").read_text().splitlines()
]
COLUMNS = tuple(
    Column(one.name, one.about, _KINDS[one.type], one.ucd, one.utype and f"obscore:{one.utype}")
    for one in _LINES
)


def select_obscore() -> str:
    """Return the query that is the view."""
    columns = ", ".join(f"({one.expression})::{one.type} AS {one.name}" for one in _LINES)
    for word, filetypes in _FILETYPES.items():
        columns = columns.replace(word, ", ".join(f"'{one}'" for one in filetypes.split()))
    return f"SELECT {columns} {_FROM}"
