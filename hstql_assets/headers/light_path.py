"""What filters the light went through, in one word for all instruments.

ACS has two wheels, the others have one. The words are those of the headers; only what lets all
light pass has one name for all (headers say CLEAR1L, CLEAR2S or Clear).
"""

CLEAR = "CLEAR"


def describe_light_path(
    single: str | None, first: str | None = None, second: str | None = None
) -> str | None:
    """Return the filters in the light path.

    Parameters
    ----------
    single : str or None
        FILTER, of instruments with one wheel.
    first, second : str or None
        FILTER1 and FILTER2 of ACS.

    Returns
    -------
    str or None
        Filters joined by `;` in the order of the wheels, such as `F435W` or `F606W;POL0V`;
        `CLEAR` if nothing but clear positions is there; None if no keyword says.
    """
    elements = [name for name in (first, second) if name is not None and name != "N/A"]
    if not elements and single is not None and single != "N/A":
        elements = [single]
    if not elements:
        return None
    filters = [name for name in elements if not name.upper().startswith(CLEAR)]
    return ";".join(filters) or CLEAR
