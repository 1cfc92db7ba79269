"""The statistics of a lightcurve in words, for a page."""

from collections.abc import Mapping

# Column of the table `statistics`, label, unit.
LABELS = (
    ("total", "total", "counts"),
    ("mean", "mean", "counts per bin"),
    ("stdev", "standard deviation", "counts per bin"),
    ("mu", "Poisson deviation", "counts per bin"),
    ("poisson_factor", "Poisson factor", ""),
    ("interesting", "interesting (1.2 or more)", ""),
    ("excess_variance", "excess variance", ""),
    ("excess_variance_error", "error of excess variance", ""),
    ("pearson_r", "Pearson r", ""),
    ("pearson_p", "Pearson p", ""),
    ("bins", "fully live bins", ""),
    ("gaps", "gaps", ""),
    ("best_period_s", "best period", "s"),
    ("best_period_error_s", "error of the period", "s"),
    ("best_period_power", "power of the period", ""),
    ("false_alarm_probability", "false alarm probability", ""),
    ("period_note", "explained by", ""),
    ("is_periodic", "periodic", ""),
    ("periodogram", "period by the rule of hstlc", ""),
    ("deliver", "deliver", ""),
    ("deliver_reason", "not delivered because", ""),
)


def write_statistics(row: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Return label and value of each statistic that there is.

    Parameters
    ----------
    row : mapping or None
        Row of the table `statistics`; columns that it does not have are left out.

    Returns
    -------
    list of (str, str)
    """
    return [
        (label, f"{write_value(row[column])} {unit}".strip())
        for column, label, unit in LABELS
        if row is not None and row.get(column) is not None
    ]


def write_value(value: object) -> str:
    """Return a number to five digits, yes or no, or the text itself."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}" if abs(value) < 1e5 or value != int(value) else f"{value:.0f}"
    return str(value)
