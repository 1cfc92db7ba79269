"""Which amplifier read what: full frames and subarrays of every detector, raw and calibrated."""

import numpy as np
import pytest

from builders.camera_files import detector
from hstql_assets.images.layout import Area, lay_out
from hstql_assets.monitors.cameras.amplifiers import Region, find_regions


def regions(
    name: str, shape: tuple[int, int], chip: int, ccd_amp: str,
    binning: tuple[int, int] = (1, 1), offset: tuple[float, float] = (0.0, 0.0),
) -> dict[str, Region]:  # fmt: skip
    layout = lay_out(detector(name), shape, chip, binning, offset)
    found = find_regions(detector(name), layout, chip, ccd_amp, binning)
    return {region.amplifier: region for region in found}


def test_chip_1_of_wfc_is_read_by_a_and_b_and_chip_2_by_c_and_d() -> None:
    for chip, left, right, row in ((1, "A", "B", 20), (2, "C", "D", 0)):
        found = regions("WFC", (2068, 4144), chip, "ABCD", offset=(24, row))
        assert list(found) == [left, right]
        assert found[left].light == Area(row, row + 2048, 24, 2072)
        assert found[right].light == Area(row, row + 2048, 2072, 4120)
        assert found[left].overscan == Area(row, row + 2048, 16, 24)
        assert found[right].overscan == Area(row, row + 2048, 4120, 4128)


def test_a_calibrated_image_has_no_overscan() -> None:
    found = regions("WFC", (2048, 4096), 2, "ABCD")
    assert found["C"] == Region("C", Area(0, 2048, 0, 2048))
    assert found["D"] == Region("D", Area(0, 2048, 2048, 4096))


def test_an_amplifier_alone_on_a_chip_has_read_all_of_it() -> None:
    assert regions("WFC", (2048, 4096), 1, "AD")["A"].light == Area(0, 2048, 0, 4096)
    found = regions("HRC", (1044, 1062), 1, "C", offset=(19, 0))
    assert found == {"C": Region("C", Area(0, 1024, 19, 1043), Area(0, 1024, 12, 19))}
    found = regions("HRC", (1044, 1062), 1, "B", offset=(19, 20))
    assert found["B"].overscan == Area(20, 1044, 1043, 1050)


def test_all_four_amplifiers_of_hrc_read_a_quadrant_each() -> None:
    found = regions("HRC", (1024, 1024), 1, "ABCD")
    corners = {name: (one.light.row, one.light.column) for name, one in found.items()}
    assert corners == {"A": (512, 0), "B": (512, 512), "C": (0, 0), "D": (0, 512)}


def test_the_amplifiers_of_the_infrared_detector_go_round_from_the_upper_left() -> None:
    found = regions("IR", (1024, 1024), 1, "ABCD", offset=(5, 5))
    corners = {name: (one.light.row, one.light.column) for name, one in found.items()}
    assert corners == {"A": (512, 5), "B": (5, 5), "C": (5, 512), "D": (512, 512)}
    assert {one.light.size for one in found.values()} == {507 * 507}
    assert found["A"].overscan == Area(512, 1019, 3, 5)
    assert found["D"].overscan == Area(512, 1019, 1019, 1021)


def test_the_virtual_overscan_in_the_middle_of_uvis_belongs_to_no_amplifier() -> None:
    found = regions("UVIS", (2070, 4206), 2, "ABCD", offset=(25, 0))
    assert found["C"].light == Area(0, 2051, 25, 2073)
    assert found["D"].light == Area(0, 2051, 2133, 4181)
    assert found["D"].overscan == Area(0, 2051, 4181, 4190)


@pytest.mark.parametrize("name", ["WFC", "UVIS"])
def test_binned_quadrants_are_those_of_the_full_size_over_the_binning(name: str) -> None:
    one = detector(name)
    shape = (one.rows // 8, one.columns // 8)
    found = regions(name, shape, 1, "ABCD", binning=(8, 8))
    assert {region.light.size for region in found.values()} == {shape[0] * shape[1] // 2}


def test_a_subarray_within_one_amplifier_gives_one_region() -> None:
    # Columns 3000 to 3511 of chip 1, all amplifiers named.
    found = regions("WFC", (512, 512), 1, "ABCD", offset=(-3000, -100))
    assert list(found) == ["B"]
    assert found["B"].light == Area(0, 512, 0, 512)


def test_a_subarray_across_the_middle_gives_two() -> None:
    found = regions("WFC", (512, 512), 1, "ABCD", offset=(-1948, -100))
    assert found["A"].light == Area(0, 512, 0, 100)
    assert found["B"].light == Area(0, 512, 100, 512)
    infrared = regions("IR", (266, 266), 1, "ABCD", offset=(-374, -374))
    assert {one.light.size for one in infrared.values()} == {128 * 128}


def test_a_subarray_with_the_overscan_of_its_amplifier_has_it() -> None:
    found = regions("WFC", (1044, 1048), 1, "A", offset=(24, -1024))
    assert found["A"].overscan == Area(found["A"].light.row, found["A"].light.end_row, 16, 24)


@pytest.mark.parametrize("ccd_amp", ["", "N/A", "X", "D"])
def test_an_image_whose_amplifier_is_not_known_is_one_region_without_overscan(
    ccd_amp: str,
) -> None:
    whole = regions("SBC", (1024, 1024), 1, ccd_amp)
    assert whole == {"all": Region("all", Area(0, 1024, 0, 1024))}
    # D does not read chip 1.
    assert list(regions("WFC", (2068, 4144), 1, ccd_amp, offset=(24, 20))) == ["all"]


def test_the_regions_of_an_image_cover_all_light_once() -> None:
    for name, shape, offset in (
        ("WFC", (2068, 4144), (24, 0)), ("UVIS", (2070, 4206), (25, 0)),
        ("HRC", (1044, 1062), (19, 0)), ("IR", (1024, 1024), (5, 5)),
    ):  # fmt: skip
        chip = detector(name).chips[0]
        layout = lay_out(detector(name), shape, chip, (1, 1), offset)
        seen = np.zeros(shape, int)
        for region in find_regions(detector(name), layout, chip, "ABCD"):
            region.light.cut(seen)[...] += 1
        light = np.zeros(shape, int)
        for area in layout.science:
            area.cut(light)[...] = 1
        assert np.array_equal(seen, light)
