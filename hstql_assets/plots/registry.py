"""List the pages that list lightcurves; the index links them in this order.

To add one, write a module beside `exploratory` that makes a `ListPage`, and put it here.
"""

from collections.abc import Sequence

from hstql_assets.plots.exploratory import EXPLORATORY_PAGES
from hstql_assets.plots.items import Item
from hstql_assets.plots.list_page import ListPage

LIST_PAGES: tuple[ListPage, ...] = (*EXPLORATORY_PAGES,)


def sort_items(items: Sequence[Item]) -> dict[ListPage, list[Item]]:
    """Return what each page lists, in the order given."""
    return {page: [item for item in items if page.holds(item)] for page in LIST_PAGES}
