import numpy as np
import pytest

from hstql_assets.monitors.darks.regions import REGIONS, regions_of

SIZES = {"FUVA": (16384, 1024), "FUVB": (16384, 1024), "NUV": (1024, 1024)}


@pytest.mark.parametrize("region", REGIONS, ids=lambda one: f"{one.detector}-{one.name}")
def test_a_region_has_as_many_pixels_as_whole_positions_are_in_it(region):
    columns, rows = SIZES[region.detector]
    x = np.arange(columns, dtype=np.float32)
    y = np.arange(rows, dtype=np.float32)
    across = region.contains(x, np.full_like(x, region.bottom)).sum()
    along = region.contains(np.full_like(y, region.left), y).sum()
    assert across * along == region.pixels


@pytest.mark.parametrize(
    ("detector", "pixels"), [("FUVA", 4169700), ("FUVB", 3947720), ("NUV", 1024 * 1024)]
)
def test_the_main_regions_have_the_published_size(detector, pixels):
    assert regions_of(detector)[0].pixels == pixels


def test_positions_between_pixels_fill_the_same_area():
    region = regions_of("FUVA")[0]
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 16384, 2_000_000), rng.uniform(0, 1024, 2_000_000)
    share = region.contains(x, y).mean()
    assert share * 16384 * 1024 == pytest.approx(region.pixels, rel=0.005)


def test_a_position_that_is_no_number_is_nowhere():
    nan = np.array([np.nan, 5000.0])
    assert not regions_of("FUVA")[0].contains(nan, nan[::-1]).any()
