"""Lightcurves to be listed on pages, as the database would give them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hstql_assets.plots.items import LISTED, Item
from hstql_resources.filesystem import Filesystem

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def make_item(number: int, filesystem: Filesystem, **changes: object) -> Item:
    statistics = dict.fromkeys(LISTED) | {"total": 100.0 * number, "poisson_factor": 1.0}
    rootname = f"ltst{number:03d}zq"
    item = Item(
        kind="individual",
        target="a-star",
        target_name="A-STAR",
        path=filesystem.lightcurve("a-star", rootname),
        plots=filesystem.lightcurve_plots("a-star", rootname),
        configuration=("cos", "FUV", "G130M", "1291", "PSA"),
        exposures=1,
        exposure_s=1000.0 + number,
        start_mjd=57000.0 + number,
        made_at=MADE + timedelta(days=number),
        statistics=statistics | changes.pop("statistics", {}),
    )
    return replace(item, **changes)
