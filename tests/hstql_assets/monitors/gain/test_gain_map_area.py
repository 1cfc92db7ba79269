"""The active area and the hot spots, as superpixels."""

from pathlib import Path

import numpy as np
import pytest

from builders.gain_map_files import START_MJD, write_area, write_spots
from hstql_assets.monitors.gain.active_area import (
    USUAL_AREAS,
    find_wanted,
    mask_area,
    mask_spots,
    read_active_area,
    read_spots,
)
from hstql_resources.archive.simulated.cos_raw.references import make_raw_reference
from hstql_resources.fits.errors import FitsError

SPAN = (START_MJD, START_MJD + 7.0)


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """First and last column and row of a mask that is one rectangle."""
    y, x = np.nonzero(mask)
    assert mask[y.min() : y.max() + 1, x.min() : x.max() + 1].all()
    return int(x.min()), int(x.max()), int(y.min()), int(y.max())


def test_a_superpixel_belongs_to_the_area_as_a_whole_or_not_at_all() -> None:
    # Columns 1060 to 15250: superpixel 132 has 1056 to 1063, 1906 has 15248 to 15255.
    assert box_of(mask_area((1060, 15250, 296, 734))) == (133, 1905, 148, 366)
    assert box_of(mask_area((1064, 15247, 295, 735))) == (133, 1905, 148, 367)


def test_the_row_of_the_segment_is_found_by_its_name(tmp_path: Path) -> None:
    path = write_area(tmp_path / "brf.fits", {"FUVB": (5, 6, 7, 8), "FUVA": (1, 2, 3, 4)})
    assert read_active_area(path, "FUVA") == (1, 2, 3, 4)
    assert read_active_area(path, "FUVB") == (5, 6, 7, 8)


def test_the_simulated_table_has_the_usual_area(tmp_path: Path) -> None:
    path = tmp_path / "sim_cos_fuv_brf.fits"
    path.write_bytes(make_raw_reference(path.name, 1))
    for segment, area in USUAL_AREAS.items():
        assert read_active_area(path, segment) == area


@pytest.mark.parametrize(
    ("areas", "word"),
    [
        ({"FUVB": (1, 2, 3, 4)}, "no row of FUVA"),
        ({"FUVA": (2, 1, 3, 4)}, "has the active area"),
        ({"FUVA": (1, 17000, 3, 4)}, "has the active area"),
        ({"FUVA": (-1, 20, 3, 4)}, "has the active area"),
    ],
)
def test_a_table_with_an_impossible_area_is_refused(
    areas: dict[str, tuple[int, int, int, int]], word: str, tmp_path: Path
) -> None:
    path = write_area(tmp_path / "brf.fits", areas)
    with pytest.raises(FitsError, match=word):
        read_active_area(path, "FUVA")


def test_only_spots_of_the_segment_and_of_the_time_count(tmp_path: Path) -> None:
    path = write_spots(
        tmp_path / "spot.fits",
        [
            ("FUVA", SPAN[0] - 9, SPAN[0], 1, 1, 1, 1),  # ended as the image began
            ("FUVA", SPAN[0] - 9, SPAN[0] + 1e-6, 2, 2, 2, 2),
            ("FUVA", SPAN[1] - 1e-6, SPAN[1] + 9, 3, 3, 3, 3),
            ("FUVA", SPAN[1], SPAN[1] + 9, 4, 4, 4, 4),  # began as the image ended
            ("FUVB", *SPAN, 5, 5, 5, 5),
        ],
    )
    assert read_spots(path, "FUVA", *SPAN) == [(2, 2, 2, 2), (3, 3, 3, 3)]


def test_a_spot_has_a_margin_of_one_superpixel() -> None:
    assert box_of(mask_spots([(800, 400, 8, 2)])) == (99, 101, 199, 201)
    assert box_of(mask_spots([(807, 401, 2, 2)])) == (99, 102, 199, 202)
    assert box_of(mask_spots([(0, 0, 1, 1)])) == (0, 1, 0, 1)
    assert box_of(mask_spots([(16383, 1023, 1, 1)])) == (2046, 2047, 510, 511)
    assert not mask_spots([]).any()


def test_what_is_used_is_said_and_what_cannot_be_used_as_well(tmp_path: Path) -> None:
    (tmp_path / "bad.fits").write_bytes(b"no table")

    def find(name: str) -> Path | None:
        path = tmp_path / name
        return path if path.exists() else None

    mask, words = find_wanted("FUVA", SPAN, "gone.fits", "", find)
    assert np.array_equal(mask, mask_area(USUAL_AREAS["FUVA"]))
    assert words == (
        "Active area of x1u1459il_brf.fits: BRFTAB gone.fits is nowhere.",
        "No hot spots left out: SPOTTAB is not named by any header.",
    )
    _, words = find_wanted("FUVA", SPAN, "bad.fits", "bad.fits", find)
    assert all("bad.fits is not FITS" in sentence for sentence in words)
