"""Sort lightcurves by whether they vary, for three pages to be looked through.

The rule is that of hstlc: interesting is what has a Poisson factor of 1.2 or more. What has no
statistics, or no counts beyond the background, is empty. Every lightcurve is on one of the pages.
"""

from typing import Any

from hstql_assets.plots.list_page import ListPage
from hstql_assets.statistics.measures import INTERESTING


def classify(statistics: dict[str, Any]) -> str:
    """Return the page that a lightcurve with these statistics belongs to."""
    total, factor = statistics["total"], statistics["poisson_factor"]
    if total is None or not total > 0 or factor is None:
        return "empty"
    return "interesting" if factor >= INTERESTING else "not_interesting"


def _make_page(name: str, heading: str, rule: str) -> ListPage:
    return ListPage(name, heading, rule, lambda item: classify(item.statistics) == name)


EXPLORATORY_PAGES = (
    _make_page(
        "interesting",
        "Interesting lightcurves",
        "By the rule of hstlc: the standard deviation of their counts is at least 1.2 times the "
        "square root of the mean. The background is off the mean, but not its noise, so a faint "
        "source is here without varying: its excess variance is within a few sigma of 0.",
    ),
    _make_page(
        "not_interesting",
        "Lightcurves that are not interesting",
        "The standard deviation of their counts is less than 1.2 times the square root of the "
        "mean. In bright ones, excess variance of many sigma may still tell small changes.",
    ),
    _make_page(
        "empty",
        "Empty lightcurves",
        "They have no counts beyond the background, or no statistics.",
    ),
)
