"""Define the views cosmo.headers and cosmo.spt as queries over header tables.

A column of a header table can become wider with any new file: an integer a double, a number a
text. A view must not stop that, so each column is read by way of its text, which takes every kind
of column, and becomes NULL where it is no number any more. Numbers stay what they are, to the bit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

TEXT, NUMBER, INTEGER = "text", "double precision", "bigint"

_PATTERNS = {
    NUMBER: r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$",
    INTEGER: r"^[-+]?\d{1,18}$",
}

# Keywords in the order of COSMO's columns, by kind. A column has the name of its keyword in lower
# case, with _ for -.
PRIMARY = {
    "FILETYPE": TEXT, "INSTRUME": TEXT, "IMAGETYP": TEXT, "TARGNAME": TEXT, "RA_TARG": NUMBER,
    "DEC_TARG": NUMBER, "PROPOSID": INTEGER, "QUALCOM1": TEXT, "QUALCOM2": TEXT, "QUALCOM3": TEXT,
    "QUALITY": TEXT, "OPUS_VER": TEXT, "POSTARG1": NUMBER, "POSTARG2": NUMBER, "CAL_VER": TEXT,
    "PROCTIME": NUMBER, "OBSTYPE": TEXT, "OBSMODE": TEXT, "EXPTYPE": TEXT, "DETECTOR": TEXT,
    "SEGMENT": TEXT, "DETECTHV": TEXT, "LIFE_ADJ": INTEGER, "FPPOS": INTEGER, "EXP_NUM": INTEGER,
    "CENWAVE": INTEGER, "PROPAPER": TEXT, "APMPOS": TEXT, "APERXPOS": NUMBER, "APERYPOS": NUMBER,
    "APERTURE": TEXT, "OPT_ELEM": TEXT, "SHUTTER": TEXT, "EXTENDED": TEXT, "OBSET_ID": TEXT,
    "ASN_ID": TEXT, "ASN_TAB": TEXT, "RANDSEED": INTEGER,
}  # fmt: skip
EXPOSURE = {
    "ASN_MTYP": TEXT, "OVERFLOW": INTEGER, "NEVENTS": INTEGER, "NEVENTSA": NUMBER,
    "NEVENTSB": NUMBER, "DETHVLA": NUMBER, "DETHVLB": NUMBER, "DEVENTA": NUMBER, "DEVENTB": NUMBER,
    "FEVENTA": NUMBER, "FEVENTB": NUMBER, "HVLEVELA": INTEGER, "HVLEVELB": INTEGER,
    "DPIXEL1A": NUMBER, "DPIXEL1B": NUMBER, "DATE-OBS": TEXT, "TIME-OBS": TEXT,
    "EXPSTART": NUMBER, "EXPEND": NUMBER, "EXPTIME": NUMBER, "NUMFLASH": INTEGER,
    "RA_APER": NUMBER, "DEC_APER": NUMBER,
    **{f"SHIFT{axis}{stripe}": NUMBER for stripe in "ABC" for axis in (1, 2)},
    **{f"SP_{what}_{stripe}": NUMBER for what in ("LOC", "NOM", "OFF", "ERR") for stripe in "ABC"},
    "DETHVL": NUMBER,
}  # fmt: skip
# The files that an exposure is described from, the first that there is: detector, file type, and
# the names of the first extension.
FILES = (
    ("fuv", "x1d", ("sci",)),
    ("nuv", "x1d", ("sci",)),
    ("fuv", "corrtag_a", ("events",)),
    ("fuv", "corrtag_b", ("events",)),
    ("nuv", "corrtag", ("events",)),
    ("fuv", "rawtag_a", ("events",)),
    ("fuv", "rawtag_b", ("events",)),
    ("nuv", "rawtag", ("events",)),
    ("fuv", "rawacq", ("acq",)),
    ("nuv", "rawacq", ("acq", "sci")),
)
DETECTORS = ("fuv", "nuv")

# Columns of spt: extension, number of its HDU, keyword and kind.
SUPPORT = {
    "proc_typ": ("primary", 0, "PROC_TYP", TEXT),
    "prop_typ": ("primary", 0, "PROP_TYP", TEXT),
    "lomfstp": ("snap1", 2, "LOMFSTP", NUMBER),
    **{
        keyword.lower(): ("snap1", 2, keyword, INTEGER)
        for keyword in ("LAPXLVDT", "LAPDLVDT", "LOM1POSC", "LOM2POSC", "LOM1POSF", "LOM2POSF")
    },
    **{
        keyword.lower(): ("snap1", 2, keyword, NUMBER)
        for keyword in ("LDCAMPAT", "LDCAMPBT", "LMMCETMP")
    },
    "dominant_gs": ("primary", 0, "DGESTAR", TEXT),
    "secondary_gs": ("primary", 0, "SGESTAR", TEXT),
    "start_time": ("primary", 0, "PSTRTIME", TEXT),
    "search_dimensions": ("support", 1, "LQTASCAN", INTEGER),
    "search_step_size": ("support", 1, "LQTASTEP", NUMBER),
    "search_type": ("support", 1, "LQTACENT", TEXT),
    "search_floor": ("support", 1, "LQTAFLOR", INTEGER),
    "lqtadpos": ("support", 1, "LQTADPOS", INTEGER),
    "lqtaxpos": ("support", 1, "LQTAXPOS", NUMBER),
    "lqitime": ("support", 1, "LQITIME", NUMBER),
}

_OF_FILE = {
    "id": "Computed from the filename",
    "rootname": "Exposure, nine lower-case characters",
    "file_id": "id of the file in files",
}


@dataclass(frozen=True)
class Source:
    """A header table and what of it is used: kind by keyword."""

    table: str
    keywords: Mapping[str, str]


def list_sources() -> tuple[Source, ...]:
    """Return the header tables that the views show, whether they exist or not."""
    sources = []
    for detector, filetype, extensions in FILES:
        prefix = f"cos_{detector}_{filetype}"
        sources.append(Source(f"{prefix}_primary", PRIMARY))
        sources += [Source(f"{prefix}_{extension}", EXPOSURE) for extension in extensions]
    for detector in DETECTORS:
        for name in ("primary", "support", "snap1"):
            keywords = {word: kind for ext, _, word, kind in SUPPORT.values() if ext == name}
            sources.append(Source(f"cos_{detector}_spt_{name}", keywords))
    return tuple(sources)


def select_headers(identify: str, columns: Mapping[str, Collection[str]]) -> str:
    """Return the query of cosmo.headers.

    Parameters
    ----------
    identify : str
        Expression of the id of a file, of the column `main.filename`.
    columns : mapping of str to collection of str
        The columns that each header table has.
    """
    names = " UNION ALL ".join(
        f"SELECT rootname, filename, {place} AS place FROM cos_{detector}_{filetype}_primary"  # noqa: S608, of constants only
        for place, (detector, filetype, _) in enumerate(FILES)
    )
    described = " UNION ALL ".join(
        _describe(f"cos_{detector}_{filetype}", extensions, columns)
        for detector, filetype, extensions in FILES
    )
    listed = [f"main.{_column(keyword)}" for keyword in (*PRIMARY, *EXPOSURE)]
    listed.insert(2, "main.rootname")  # where COSMO has it
    return f"""
        SELECT {identify} AS id, {", ".join(listed)}, cycle, {identify} AS file_id
        FROM ({described}) AS main
        JOIN (SELECT DISTINCT ON (rootname) rootname, filename FROM ({names}) AS candidate
              ORDER BY rootname, place, filename) AS choice
          ON choice.rootname = main.rootname AND choice.filename = main.filename
        LEFT JOIN proposals ON proposal_id = main.proposid
    """  # noqa: S608


def select_support(identify: str, columns: Mapping[str, Collection[str]]) -> str:
    """Return the query of cosmo.spt; the parameters are those of `select_headers`."""
    return " UNION ALL ".join(
        f"""
        SELECT {identify} AS id, main.rootname, {_list_support(detector, columns)},
               {identify} AS file_id
        FROM cos_{detector}_spt_primary AS main
        LEFT JOIN cos_{detector}_spt_support AS support
               ON support.filename = main.filename AND support.ext = 1
        LEFT JOIN cos_{detector}_spt_snap1 AS snap1
               ON snap1.filename = main.filename AND snap1.ext = 2
        """  # noqa: S608
        for detector in DETECTORS
    )


def comment_headers() -> dict[str, str]:
    """Return what each column of cosmo.headers is."""
    first = {_column(keyword): f"{keyword} of the primary header" for keyword in PRIMARY}
    second = {_column(keyword): f"{keyword} of the first extension" for keyword in EXPOSURE}
    cycle = "Cycle of the proposal; NULL where the archive does not tell"
    return {**_OF_FILE, **first, **second, "cycle": cycle}


def comment_support() -> dict[str, str]:
    """Return what each column of cosmo.spt is."""
    keywords = {name: f"{word} of HDU {number}" for name, (_, number, word, _) in SUPPORT.items()}
    return {**_OF_FILE, **keywords}


def _describe(
    prefix: str, extensions: Sequence[str], columns: Mapping[str, Collection[str]]
) -> str:
    """Return the query of both headers of one file type."""
    primary = f"{prefix}_primary"
    exposures = " UNION ALL ".join(
        f"SELECT filename, {_list(EXPOSURE, columns[table])} FROM {table} WHERE ext = 1"  # noqa: S608
        for table in (f"{prefix}_{extension}" for extension in extensions)
    )
    shown = ", ".join(f"exposure.{_column(keyword)}" for keyword in EXPOSURE)
    return f"""
        SELECT main.filename, main.rootname, {_list(PRIMARY, columns[primary], "main.")}, {shown}
        FROM {primary} AS main
        LEFT JOIN ({exposures}) AS exposure ON exposure.filename = main.filename
    """  # noqa: S608


def _list_support(detector: str, columns: Mapping[str, Collection[str]]) -> str:
    parts = []
    for name, (extension, _, keyword, kind) in SUPPORT.items():
        alias = "main" if extension == "primary" else extension
        here = columns[f"cos_{detector}_spt_{extension}"]
        parts.append(f"{_read(keyword, kind, here, f'{alias}.')} AS {name}")
    return ", ".join(parts)


def _list(keywords: Mapping[str, str], here: Collection[str], alias: str = "") -> str:
    return ", ".join(
        f"{_read(keyword, kind, here, alias)} AS {_column(keyword)}"
        for keyword, kind in keywords.items()
    )


def _read(keyword: str, kind: str, here: Collection[str], alias: str) -> str:
    """Return the expression of a keyword; NULL if its table had no room for a column."""
    column = f"{alias}{_column(keyword)}"
    if _column(keyword) not in here:
        return f"NULL::{kind}"
    if kind == TEXT:
        return f"{column}::text"
    return f"CASE WHEN {column}::text ~ '{_PATTERNS[kind]}' THEN {column}::text::{kind} END"


def _column(keyword: str) -> str:
    return keyword.lower().replace("-", "_")
