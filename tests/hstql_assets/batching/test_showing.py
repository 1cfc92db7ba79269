"""What Dagster's user interface shows of a key: numbers as people read them, and its page."""

import dagster as dg
import pytest

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.showing import (
    describe_asset,
    describe_outcome,
    describe_tables,
    find_instruments,
    find_site_page,
    find_site_picture,
)

SITE = "https://hst.example.org/hstql/"


@pytest.mark.parametrize(
    ("partition_set", "key", "page"),
    [
        ("cos_rootname", "ld9m10ujq", "exposure/ld9m10ujq"),
        ("cos_rootname", "../x?y#z", "exposure/..%2Fx%3Fy%23z"),
        ("target", "gj-436", "target?target=gj-436"),
        ("target", "a b&c=d", "target?target=a%20b%26c%3Dd"),
        (None, WHOLE, "monitors/dark_rate_monitor"),
    ],
)
def test_a_key_leads_to_its_page(partition_set: str | None, key: str, page: str) -> None:
    assert find_site_page(SITE, "dark_rate_monitor", partition_set, key) == SITE + page
    assert find_site_page(None, "dark_rate_monitor", partition_set, key) is None


@pytest.mark.parametrize("partition_set", ["cumulative_image", "flat_gains_set"])
def test_what_has_no_page_leads_nowhere(partition_set: str) -> None:
    assert find_site_page(SITE, "gain_maps", partition_set, "fuva_163_2015-01-05") is None


PICTURE = SITE + "curve/ld9m10ujq/picture"


def test_the_picture_of_what_was_drawn_is_shown_as_it_is() -> None:
    page = SITE + "exposure/ld9m10ujq"
    assert find_site_picture(page, "cos/lightcurve_plots") == PICTURE
    assert find_site_picture(page, "cos/previews") == f"{page}/picture"
    assert find_site_picture(page, "cos/header_tables") is None
    assert find_site_picture(None, "cos/previews") is None
    made = describe_outcome(Outcome("ld9m10ujq", "made"), page, PICTURE)
    assert made["picture"] == dg.MetadataValue.md(f"[![ld9m10ujq]({PICTURE})]({page})")
    assert "picture" not in describe_outcome(Outcome("k", "none"), page, PICTURE)


def test_numbers_are_shown_as_people_read_them() -> None:
    values = {
        "rate": 1.2345678e-6, "start_mjd": 58932.32962357485, "bins": 1234567,
        "gap_s": float("nan"), "far": float("inf"), "zero": 0.0, "exposure_s": 2032.199999,
    }  # fmt: skip
    shown = describe_outcome(Outcome("k", "made", metadata=values))
    assert shown == {
        "status": "made", "rate": 1.23457e-6, "start_mjd": 58932.32962, "bins": 1234567,
        "gap_s": "no value", "far": "no value", "zero": 0.0, "exposure_s": 2032.2,
    }  # fmt: skip


def test_the_page_is_a_link() -> None:
    shown = describe_outcome(Outcome("k", "none", "Nothing to make."), SITE)
    assert shown["site"] == dg.MetadataValue.url(SITE)
    assert "site" not in describe_outcome(Outcome("k", "none"))


def test_a_description_names_the_instrument() -> None:
    assert describe_asset("cos", "Every keyword.") == "COS: every keyword."
    assert describe_asset("acs", "JPEG of an image.") == "ACS: JPEG of an image."
    assert describe_asset("", "Every keyword.") == "Every keyword."


def test_instruments_are_those_of_what_an_asset_is_made_from() -> None:
    known = {"stis/lightcurves": ("stis",), "cos/lightcurves": ("cos",)}
    assert find_instruments("composites", [*known], known) == ("cos", "stis")
    assert find_instruments("cos/lightcurves", (), {}) == ("cos",)
    assert find_instruments("alone", (), {}) == ()


def test_an_asset_without_rows_tells_no_table() -> None:
    assert describe_tables([]) == {}
