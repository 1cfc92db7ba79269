"""Which pixels see light: full frames, subarrays and binned images of every detector."""

import numpy as np
import pytest

from hstql_assets.images.detectors import DETECTORS, Detector, find_detector
from hstql_assets.images.layout import Area, Layout, lay_out


def detector(name: str) -> Detector:
    return next(one for one in DETECTORS if one.name == name)


def count(layout: Layout) -> int:
    """Pixels in all areas together; fails where two of them overlap."""
    areas = [*layout.science, *layout.physical, *filter(None, (layout.middle, layout.virtual))]
    end_row = max(area.end_row for area in areas)
    end_column = max(area.end_column for area in areas)
    seen = np.zeros((end_row, end_column), int)
    for area in areas:
        area.cut(seen)[...] += 1
    assert seen.max() == 1
    return int(seen.sum())


@pytest.mark.parametrize(
    ("name", "raw", "light"),
    [
        ("WFC", (2068, 4144), (2048, 4096)),
        ("HRC", (1044, 1062), (1024, 1024)),
        ("SBC", (1024, 1024), (1024, 1024)),
        ("UVIS", (2070, 4206), (2051, 4096)),
        ("IR", (1024, 1024), (1014, 1014)),
        ("CCD", (1044, 1062), (1024, 1024)),
    ],
)
def test_a_raw_full_frame_and_a_calibrated_one_show_the_same_pixels(
    name: str, raw: tuple[int, int], light: tuple[int, int]
) -> None:
    for chip in detector(name).chips:
        before, after = (lay_out(detector(name), shape, chip) for shape in (raw, light))
        assert before.shape == after.shape == light
        assert (before.column, before.row, before.is_full) == (0, 0, True)
        assert (after.column, after.row, after.is_full) == (0, 0, True)
        assert after.science == (Area(0, light[0], 0, light[1]),)
        assert not after.physical
        assert after.virtual is None


def test_the_virtual_rows_are_at_the_gap() -> None:
    for name, rows in (("WFC", 2068), ("UVIS", 2070)):
        one = detector(name)
        shape = rows, one.columns + 2 * one.physical_columns + one.middle_columns
        below, above = lay_out(one, shape, 1), lay_out(one, shape, 2)
        assert below.virtual == Area(0, one.virtual_rows, 0, shape[1])
        assert above.virtual == Area(rows - one.virtual_rows, rows, 0, shape[1])
        assert (below.science[0].row, above.science[0].row) == (one.virtual_rows, 0)


def test_the_overscan_of_uvis_is_at_the_sides_and_in_the_middle() -> None:
    layout = lay_out(detector("UVIS"), (2070, 4206), 2, (1, 1), (25.0, 0.0))
    assert [(area.column, area.end_column) for area in layout.science] == [(25, 2073), (2133, 4181)]
    assert [(area.column, area.end_column) for area in layout.physical] == [(0, 25), (4181, 4206)]
    assert layout.middle == Area(0, 2051, 2073, 2133)
    assert count(layout) == 2070 * 4206


def test_the_halves_of_uvis_are_joined_without_the_middle() -> None:
    layout = lay_out(detector("UVIS"), (2070, 4206), 2)
    columns = np.broadcast_to(np.arange(4206), (2070, 4206))
    light = layout.take_light(columns)
    assert light.shape == (2051, 4096)
    assert list(light[0, [0, 2047, 2048, 4095]]) == [25, 2072, 2133, 4180]


def test_what_amplifier_c_of_a_single_ccd_reads_last_is_at_the_top_and_of_d_as_ltv_says() -> None:
    top = lay_out(detector("HRC"), (1044, 1062), 1, (1, 1), (19.0, 0.0))
    bottom = lay_out(detector("CCD"), (1044, 1062), 1, (1, 1), (19.0, 20.0))
    assert top.virtual == Area(1024, 1044, 0, 1062)
    assert bottom.virtual == Area(0, 20, 0, 1062)


@pytest.mark.parametrize("binning", [2, 3, 5, 8])
def test_binned_frames_have_binned_sizes_and_all_pixels_belong_somewhere(binning: int) -> None:
    for one in DETECTORS:
        side = one.physical_columns // binning
        middle = one.middle_columns // binning
        border = (one.border // binning or 1) if one.border else 0
        rows, columns = one.rows // binning, one.columns // binning
        shape = (
            rows + one.virtual_rows // binning + 2 * border,
            columns + 2 * side + middle + 2 * border,
        )
        layout = lay_out(one, shape, one.chips[0], (binning, binning), (float(side), 0.0))
        lost = columns % 2 if middle else 0  # the two halves of a row are equal
        assert layout.shape == (rows, columns - lost)
        assert layout.is_full
        if not one.border:
            assert count(layout) >= shape[0] * shape[1] - rows  # an odd column in the middle


def test_a_subarray_lies_where_its_offset_says() -> None:
    layout = lay_out(detector("WFC"), (512, 512), 1, (1, 1), (-1791.0, -99.0))
    assert (layout.column, layout.row, layout.is_full) == (1791, 99, False)
    assert layout.science == (Area(0, 512, 0, 512),)
    assert not layout.physical


def test_a_corner_subarray_of_uvis_keeps_its_physical_overscan_apart() -> None:
    left = lay_out(detector("UVIS"), (512, 513), 2, (1, 1), (25.0, 0.0))
    assert left.physical == (Area(0, 512, 0, 25),)
    assert (left.column, left.shape) == (0, (512, 488))
    right = lay_out(detector("UVIS"), (512, 513), 2, (1, 1), (-3608.0, 0.0))
    assert right.physical == (Area(0, 512, 488, 513),)
    assert (right.column, right.shape) == (3608, (512, 488))


def test_wfc_subarrays_since_2016_lose_their_virtual_rows() -> None:
    upper = lay_out(detector("WFC"), (1044, 2072), 1, (1, 1), (24.0, 0.0))
    lower = lay_out(detector("WFC"), (1044, 2072), 2, (1, 1), (24.0, 0.0))
    assert upper.virtual == Area(0, 20, 0, 2072)
    assert lower.virtual == Area(1024, 1044, 0, 2072)
    assert (upper.row, lower.row) == (1024, 0)  # at the amplifiers: the outer edges


def test_infrared_subarrays_have_a_border_when_raw_and_lie_at_the_same_place_without() -> None:
    # LTV as in the headers of ibxy01z8q_ima.
    before = lay_out(detector("IR"), (266, 266), 1, (1, 1), (-374.0, -374.0))
    after = lay_out(detector("IR"), (256, 256), 1, (1, 1), (-379.0, -379.0))
    assert (before.column, before.row, before.shape) == (379, 379, (256, 256))
    assert (after.column, after.row, after.shape) == (379, 379, (256, 256))
    assert before.column + 256 / 2 == detector("IR").columns / 2  # in the middle, as all are


def test_an_offset_that_is_nonsense_leaves_the_image_as_it_is() -> None:
    layout = lay_out(detector("HRC"), (100, 100), 1, (1, 1), (99999.0, -99999.0))
    assert layout.science == (Area(0, 100, 0, 100),)
    assert not layout.is_full


def test_chips_are_known_by_number_or_by_their_order_in_the_file() -> None:
    wfc = detector("WFC")
    assert [wfc.chip_of(2, 1), wfc.chip_of(1, 2), wfc.chip_of(1, 1)] == [2, 1, 1]
    assert [wfc.chip_of(None, 1), wfc.chip_of(None, 2), wfc.chip_of(-999, 9)] == [2, 1, 1]


def test_detectors_are_found_in_any_case_and_unknown_ones_are_none() -> None:
    assert find_detector("ACS", "wfc") is detector("WFC")
    assert find_detector("cos", "FUV") is None
