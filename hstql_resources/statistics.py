"""Say what each statistic of a lightcurve is: for the table, the pages and docs/statistics.md.

To add one, add it to `STATISTICS`, have `hstql_assets/statistics/measures.py` compute it, and write
a migration that adds its column; docs/statistics.md tells how.
"""

from dataclasses import dataclass

NO_UNIT = "dimensionless"
_PER_BIN = "counts per bin"


@dataclass(frozen=True)
class Statistic:
    """One number, answer or word about a lightcurve.

    Attributes
    ----------
    name : str
        Its column in the table `statistics`.
    kind : type
        float, int, bool or str.
    unit : str
        Such as counts; empty for what has none.
    about : str
        What it is, without its unit.
    note : str
        What follows the unit in its comment, with a comma or semicolon before it.
    label : str
        What pages call it; empty if they do not show it.
    page_unit : str or None
        Unit on pages, if it is another one there.
    is_listed : bool
        Whether it is a column of the sortable tables of lightcurves.
    digits : int or None
        Digits behind the point in those tables; None for five that count.
    is_required : bool
        Whether it always has a value.
    """

    name: str
    kind: type
    unit: str
    about: str
    note: str = ""
    label: str = ""
    page_unit: str | None = None
    is_listed: bool = False
    digits: int | None = None
    is_required: bool = False

    @property
    def comment(self) -> str:
        """What the database says of its column."""
        return f"{self.about}{', ' if self.unit else ''}{self.unit}{self.note}"

    @property
    def shown_unit(self) -> str:
        """Its unit on pages, empty for none."""
        unit = self.unit if self.page_unit is None else self.page_unit
        return "" if unit == NO_UNIT else unit


# In the order of the pages.
STATISTICS = (
    Statistic("total", float, "counts", "Sum over all bins",
              label="total", is_listed=True, digits=0),
    Statistic("mean", float, "counts", "Mean per fully live bin",
              label="mean", page_unit=_PER_BIN, is_listed=True),
    Statistic("stdev", float, "counts", "Standard deviation of the fully live bins",
              label="standard deviation", page_unit=_PER_BIN),
    Statistic("mu", float, "counts", "Square root of the mean, the deviation of Poisson noise",
              label="Poisson deviation", page_unit=_PER_BIN),
    Statistic("poisson_factor", float, NO_UNIT, "stdev / mu", "; 1 for a constant source",
              label="Poisson factor", is_listed=True, digits=3),
    Statistic("interesting", bool, "", "Whether the Poisson factor is 1.2 or more",
              "; NULL if there is none", label="interesting (1.2 or more)"),
    Statistic("excess_variance", float, NO_UNIT,
              "Variance beyond that of the errors over the mean squared",
              label="excess variance", is_listed=True),
    Statistic("excess_variance_error", float, NO_UNIT, "1-sigma error of the excess variance",
              label="error of excess variance"),
    Statistic("stdev_over_error", float, NO_UNIT, "stdev over the root mean square of the errors",
              "; 1 for a constant source", label="standard deviation over error"),
    Statistic("variability_probability", float, NO_UNIT,
              "That the events of a constant source scatter as much by chance", ", 0 to 1",
              label="chance of the scatter", is_listed=True),
    Statistic("is_variable", bool, "", "Whether that probability is below 0.001",
              "; NULL if nothing is left above the background", label="variable", is_listed=True),
    Statistic("pearson_r", float, NO_UNIT, "Correlation of counts with time", ", -1 to 1",
              label="Pearson r", is_listed=True, digits=3),
    Statistic("pearson_p", float, NO_UNIT, "Probability of such a correlation by chance",
              ", 0 to 1", label="Pearson p", is_listed=True),
    Statistic("bins", int, "", "Number of fully live bins", label="fully live bins"),
    Statistic("gaps", int, "", "Interruptions of the live time, between exposures and within them",
              label="gaps"),
    Statistic("shortest_period_s", float, "s", "Shortest period of the search"),
    Statistic("longest_period_s", float, "s", "Longest period of the search"),
    Statistic("best_period_s", float, "s", "Period of the highest peak",
              label="best period", is_listed=True),
    Statistic("best_period_error_s", float, "s", "1-sigma error of the best period",
              label="error of the period"),
    Statistic("best_period_power", float, NO_UNIT, "Height of the highest peak", ", 0 to 1",
              label="power of the period"),
    Statistic("false_alarm_probability", float, NO_UNIT, "Of the highest peak", ", 0 to 1",
              label="false alarm probability", is_listed=True),
    Statistic("red_noise_probability", float, NO_UNIT,
              "That noise which flickers as the source does has such a peak",
              ", 0 to 1; 1 where white noise may have it",
              label="false alarm probability of red noise"),
    Statistic("period_label", str, "",
              "sinusoid, eclipse-like, pulse-like, flicker, orbit or none",
              "; NULL if nothing was searched", label="kind of variation", is_listed=True),
    Statistic("period_note", str, "", "What else makes it: orbit, window, trend or event",
              "; NULL if nothing known does", label="explained by"),
    Statistic("is_periodic", bool, "",
              "Whether neither noise, white or red, nor anything else explains the best period",
              label="periodic", is_listed=True),
    Statistic("periodogram", bool, "", "True if the periodogram has a significant peak",
              "; NULL if none was made", label="period by the rule of hstlc"),
    Statistic("deliver", bool, "", "Whether the file is fit to be handed on",
              label="deliver", is_listed=True, is_required=True),
    Statistic("deliver_reason", str, "", "Why it is not delivered, one sentence",
              "; NULL if it is", label="not delivered because"),
)  # fmt: skip
