"""Tell which views there are over the tables, and which tables each of them shows.

They hold no rows of their own: whoever wants to empty one has to empty a table.

The schema cosmo has twelve, as COSMO had tables; ivoa has one.

The views of the schemas acsql and quicklook show the header tables. There is one for each HDU
number of each file type of a detector, as the older systems had a table for each, under the
names that their tables had.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hstql_resources.tables import obscore
from hstql_resources.tables.old_systems.cosmo_headers import list_sources

_CHIP = ("sci", "err", "dq")
_READ = ("sci", "err", "dq", "samp", "time")  # of a ramp of WFC3/IR the first is the last taken


def _name_extensions(
    images: dict[str, tuple[str, ...]], drizzled: tuple[str, ...], jitter: int
) -> dict[str, tuple[str, ...]]:
    """Return the names by file type: of images, of those drizzled, and of so many of jitter."""
    return {
        **images,
        **dict.fromkeys(drizzled, ("sci", "wht", "ctx")),
        "spt": ("udl",),
        "asn": ("asn",),
        **dict.fromkeys(("jif", "jit"), ("jit",) * jitter),
    }


_OF_TWO_CHIPS = _name_extensions(
    dict.fromkeys(("raw", "flt", "flc", "crj", "crc"), _CHIP + _CHIP), ("drz", "drc"), 6
)
# By instrument and detector: the name of each HDU after the primary one, by file type.
_EXTENSIONS = {
    ("acs", "wfc"): _OF_TWO_CHIPS,
    ("acs", "hrc"): _name_extensions(dict.fromkeys(("raw", "flt", "crj"), _CHIP), ("drz",), 2),
    ("acs", "sbc"): _name_extensions(dict.fromkeys(("raw", "flt"), _CHIP), ("drz",), 2),
    ("wfc3", "uvis"): _OF_TWO_CHIPS,
    ("wfc3", "ir"): _name_extensions(
        dict.fromkeys(("raw", "flt", "ima", "crj"), _READ), ("drz",), 6
    ),
}
# acsql wrote wfc_flt_0, the Quicklook of WFC3 uvisflt_0.
_NAMES = {"acs": ("acsql", "{0}_{1}_{2}"), "wfc3": ("quicklook", "{0}{1}_{2}")}


@dataclass(frozen=True)
class HeaderView:
    """A view of the headers of one HDU number in files of one type.

    Attributes
    ----------
    schema, name : str
        Of the view.
    tables : tuple of str
        The header tables that it shows. They are two where files call the same extension by
        two names, as jif files do.
    ext : int
        Number of the HDU, 0 for the primary one.
    about : str
        What a row is.
    """

    schema: str
    name: str
    tables: tuple[str, ...]
    ext: int
    about: str


def _find_header_views() -> Iterator[HeaderView]:
    for (instrument, detector), filetypes in _EXTENSIONS.items():
        schema, pattern = _NAMES[instrument]
        for filetype, extensions in filetypes.items():
            for ext, extension in enumerate(("primary", *extensions)):
                names = ("jif", "jit") if (filetype, extension) == ("jif", "jit") else (extension,)
                yield HeaderView(
                    schema,
                    pattern.format(detector, filetype, ext),
                    tuple(f"{instrument}_{detector}_{filetype}_{name}" for name in names),
                    ext,
                    f"One row per {filetype} file of {instrument.upper()}/{detector.upper()}: "
                    f"the header of HDU {ext}, {' or '.join(names).upper()}",
                )


HEADER_VIEWS = tuple(_find_header_views())
_COSMO_HEADERS = tuple(source.table for source in list_sources())

VIEWS = {
    "hstlc.metadata": ("observations", "files", "target_names", "bad_data"),
    "hstlc.outputs": ("lightcurves", "composites", "composite_members"),
    "hstlc.bad_data": ("bad_data",),
    "hstlc.stats": ("statistics",),
    "acsql.master": ("observations", "proposals"),
    "acsql.datasets": ("observations", "files"),
    "acsql.drizzle_data": ("drizzle_data",),
    "quicklook.master": ("observations", "proposals"),
    "quicklook.datasets": ("observations", "files"),
    "quicklook.drizzle_data": ("drizzle_data",),
    "cosmo.files": ("files",),
    "cosmo.headers": (
        *(name for name in _COSMO_HEADERS if "_spt_" not in name),
        "proposals",
    ),
    "cosmo.data": ("spectrum_statistics",),
    "cosmo.lampflash": ("osm_shifts",),
    "cosmo.stims": ("stim_pulses",),
    "cosmo.darks": ("dark_rates",),
    "cosmo.phd": ("pulse_heights",),
    "cosmo.gain": ("gain",),
    "cosmo.spt": tuple(name for name in _COSMO_HEADERS if "_spt_" in name),
    "cosmo.acqs": ("acquisitions",),
    "cosmo.flagged": ("flagged_pixels",),
    "cosmo.gain_trends": ("gain_trends",),
    obscore.VIEW: obscore.SHOWN,
    **{f"{view.schema}.{view.name}": view.tables for view in HEADER_VIEWS},
}
