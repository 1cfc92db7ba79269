"""List the calibration reference files that a header names: `FLATFILE = 'lref$abc_flat.fits'`."""

from hstql_resources.fits.header import Header

# The folders that the names are relative to: one per instrument, and that of old files of STIS.
VARIABLES = frozenset({"iref", "jref", "lref", "oref", "otab"})


def find_reference_names(header: Header) -> dict[str, str] | None:
    """Return the reference files that a header names, by keyword.

    Parameters
    ----------
    header : Header
        The primary header: the others name none.

    Returns
    -------
    dict of str to str, or None
        Names without the variable (`lref$`), in the order of the keywords. One that is `N/A` is
        left out: in other keywords the same value means something else. None if no file is named.
    """
    names = {}
    for keyword, value in header.values.items():
        if type(value) is str and "$" in value:  # few have it: this is all that most of them cost
            variable, _, name = value.partition("$")
            if variable in VARIABLES and name.strip():
                names[keyword] = name.strip()
    return names or None
