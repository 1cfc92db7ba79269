"""Write the statistics of a lightcurve in words, for a page."""

from collections.abc import Mapping

from hstql_resources.statistics import STATISTICS


def write_statistics(row: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Return label and value of each statistic that there is.

    Parameters
    ----------
    row : mapping or None
        Row of the table `statistics`; columns that it does not have are left out.
    """
    return [
        (one.label, f"{write_value(row[one.name])} {one.shown_unit}".strip())
        for one in STATISTICS
        if one.label and row is not None and row.get(one.name) is not None
    ]


def write_value(value: object) -> str:
    """Return a number to five digits, yes or no, or the text itself."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}" if abs(value) < 1e5 or value != int(value) else f"{value:.0f}"
    return str(value)
