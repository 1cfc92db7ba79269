"""Sort lightcurves by whether they vary, for three pages to be looked through.

Interesting is what scatters more than events of a constant source would, the statistic
`is_variable`. What has no statistics, or no counts beyond the background, is empty. Every
lightcurve is on one of the pages.
"""

from typing import Any

from hstql_assets.plots.list_page import ListPage


def classify(statistics: dict[str, Any]) -> str:
    """Return the page that a lightcurve with these statistics belongs to."""
    total, factor = statistics["total"], statistics["poisson_factor"]
    if total is None or not total > 0 or factor is None:
        return "empty"
    return "interesting" if statistics["is_variable"] else "not_interesting"


def _make_page(name: str, heading: str, rule: str) -> ListPage:
    return ListPage(name, heading, rule, lambda item: classify(item.statistics) == name)


EXPLORATORY_PAGES = (
    _make_page(
        "interesting",
        "Interesting lightcurves",
        "They vary: within an exposure their events scatter more than those of a constant source, "
        "one in a thousand of which is here by chance.",
    ),
    _make_page(
        "not_interesting",
        "Lightcurves that are not interesting",
        "Their events scatter within each exposure no more than those of a constant source may.",
    ),
    _make_page(
        "empty",
        "Empty lightcurves",
        "They have no counts beyond the background, or no statistics.",
    ),
)
