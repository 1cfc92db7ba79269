"""What the tests of plots share: a way to draw a curve."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders.curve_files import Curve, write_curve
from hstql_assets.lightcurves.table import CurveTable, read_curve_table
from hstql_assets.pages.pages import publish_scripts
from hstql_assets.plots.drawing import draw_product
from hstql_assets.plots.product_page import Product
from hstql_resources.filesystem import Filesystem

STEM = "hlsp_hstlc_hst_cos-fuv_a-star_g130m_1291_psa_v1_sci"


@pytest.fixture
def make_table(tmp_path: Path) -> Callable[..., CurveTable]:
    """Return a function that writes a curve and reads it."""

    def make(is_composite: bool = True, **options: object) -> CurveTable:
        path = tmp_path / f"{STEM}.fits"
        return read_curve_table(write_curve(path, Curve(**options), is_composite))

    return make


@pytest.fixture
def draw(filesystem: Filesystem) -> Callable[..., Product]:
    """Return a function that writes a curve and draws all its plots."""

    def draw_curve(is_composite: bool = True, **options: object) -> Product:
        curve = Curve(**options)
        publish_scripts(filesystem)
        if is_composite:
            plots = filesystem.composite_plots(f"{STEM}.fits")
            path = filesystem.home / "products" / "composites" / f"{STEM}.fits"
        else:
            plots = filesystem.lightcurve_plots("a-star", curve.names[0])
            path = filesystem.lightcurve("a-star", curve.names[0])
        write_curve(path, curve, is_composite)
        product = Product(path, "a-star", plots, {"total": 3600.0, "poisson_factor": 0.98})
        draw_product(product, filesystem)
        return product

    return draw_curve
