"""Visits of the simulated archive: the true pattern, and why a flat is not used."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.bowtie_flats import (
    KEY,
    change,
    measure,
    reasons,
    true_pattern,
    true_ratio,
    write_visit,
)
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.bowtie.product import read_product
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_BOWTIE


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the three calibrated flats of a visit, by name."""
    folder = tmp_path_factory.mktemp("visit")
    return {path.name: path.read_bytes() for path in write_visit(folder)}


def lay(folder: Path, visit: dict[str, bytes], *copies: tuple[int, str, float]) -> list[Path]:
    """Write the visit, and copies: of a flat by number, with another last letters and start."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in visit]
    for path in paths:
        path.write_bytes(visit[path.name])
    for number, letters, later_d in copies:
        path = folder / f"{paths[number].name[:6]}{letters}q_flt.fits"
        path.write_bytes(paths[number].read_bytes())
        change(path, lambda primary, later_d=later_d: primary.update(  # type: ignore[misc]
            EXPSTART=primary["EXPSTART"] + later_d))  # fmt: skip
        paths.append(path)
    return paths


def rows_of(outcome: Outcome) -> dict[int, Any]:
    return {int(str(row["chip"])): row for row in outcome.rows["bowtie"]}


@pytest.mark.parametrize("kind", ["flt", "raw"])
def test_ratio_and_pattern_are_the_true_ones_within_their_errors(kind: str, tmp_path: Path) -> None:
    outcome = measure(tmp_path / "home", write_visit(tmp_path, kind))
    rows = rows_of(outcome)
    assert sorted(rows) == [1, 2]
    assert reasons(outcome) == [None] * 3
    for chip, row in rows.items():
        truth = true_pattern(0, chip)
        off = row["ratio"] - true_ratio(0, chip)
        assert abs(off) < 4.0 * np.sqrt(2.0) * row["ratio_error"]  # the true one has noise, too
        assert row["ratio_error"] < 1e-4
        blocks = [
            part.mean()
            for half in np.array_split(truth, 2, axis=1)
            for rows in np.array_split(half, 8)
            for part in np.array_split(rows, 8, axis=1)
        ]
        both = np.median([np.median(true_pattern(0, one)) for one in (1, 2)])
        expected = np.std(blocks, ddof=1) / both
        assert abs(row["pattern"] - expected) < 4.0 * row["pattern_error"] + 1e-5
        assert 0.003 < row["pattern"] < 0.008
        assert row["source"] == kind
        assert row["days"] == pytest.approx(55040.0 - 54993.0)
    shown = read_product(Path(rows[1]["path"]))
    assert shown.shape == (16, 16)
    assert shown[:, [0, -1]].mean() > shown[:, 7:9].mean() + 0.003  # triangles left and right


def test_each_visit_has_less_of_the_pattern_until_it_is_as_at_first(tmp_path: Path) -> None:
    patterns = []
    for visit in (0, 2, 7):
        (tmp_path / str(visit)).mkdir()
        outcome = measure(tmp_path / "home", write_visit(tmp_path / str(visit), visit=visit))
        patterns.append(float(rows_of(outcome)[2]["pattern"]))
    assert patterns[1] == pytest.approx(patterns[0] * np.exp(-0.5), rel=0.05)
    assert patterns[2] == pytest.approx(patterns[0], rel=0.03)


@pytest.mark.parametrize(
    ("number", "cards", "expected"),
    [
        (0, {"SCLAMP": "NONE"}, ["lamp off", "no flat before", "no flat before"]),
        (2, {"SUBARRAY": True}, ["no flat after", "no flat after", "subarray"]),
        (2, {"EXPFLAG": "INDETERMINATE"}, ["no flat after", "no flat after", "exposure flag"]),
        (1, {"BINAXIS1": 1, "BINAXIS2": 1}, ["no saturated flat", "binning", "no saturated flat"]),
        (1, {"BINAXIS1": 3}, ["no saturated flat", "binning", "no saturated flat"]),
        (0, {"FILTER": "F275W"}, ["another set-up"] * 3),
        (2, {"EXPTIME": 2.0}, ["another set-up"] * 3),
        (0, {"CCDGAIN": 1.0}, ["another set-up"] * 3),
        (1, {"EXPSTART": 55000.0}, ["no flat before"] * 3),
        (1, {"EXPSTART": 56000.0}, ["no flat after"] * 3),
        (0, {"EXPSTART": ""}, ["no time", "no flat before", "no flat before"]),
        (0, {"FLATCORR": "COMPLETE"}, ["no file in common", "no flat before", "no flat before"]),
    ],
)
def test_what_cannot_be_used_has_a_reason(
    number: int, cards: dict[str, Any], expected: list[str], visit: dict[str, bytes], tmp_path: Path
) -> None:
    paths = lay(tmp_path, visit)
    change(paths[number], lambda primary: primary.update(cards))
    outcome = measure(tmp_path / "home", paths)
    assert reasons(outcome) == expected
    assert outcome.rows["bowtie"] == []
    assert outcome.rows["exposure_sets"][0]["used"] == 0


def test_pixels_that_are_dark_or_full_in_part_are_named(
    visit: dict[str, bytes], tmp_path: Path
) -> None:
    paths = lay(tmp_path, visit)
    for path, factor, rows in ((paths[0], 0.001, slice(None)), (paths[1], 0.1, slice(0, 200))):
        with fits.open(path, mode="update") as hdus:
            for version in (1, 2):
                hdus["SCI", version].data[rows] *= factor
                hdus["DQ", version].data[rows] &= ~256
    assert reasons(measure(tmp_path / "home", paths)) == [
        "no light", "saturated in part", "one flat alone",
    ]  # fmt: skip


def test_a_file_that_ends_too_early_and_a_set_of_nothing_or_two(
    visit: dict[str, bytes], tmp_path: Path
) -> None:
    paths = lay(tmp_path, visit)
    paths[0].write_bytes(paths[0].read_bytes()[:9000])
    assert reasons(measure(tmp_path / "home", paths))[0] == "unreadable"
    assert reasons(measure(tmp_path / "home", paths[1:])) == ["no flat before"] * 2
    assert reasons(measure(tmp_path / "home", paths[2:])) == ["one flat alone"]
    assert measure(tmp_path / "home", []).rows["bowtie"] == []


def test_of_many_flats_those_next_to_the_saturated_one_count_and_it_may_be_taken_twice(
    visit: dict[str, bytes], tmp_path: Path
) -> None:
    early, late = (0, "0z", -0.02), (2, "1z", 0.02)
    outcome = measure(tmp_path / "home", lay(tmp_path / "a", visit, early, late))
    names = [row["rootname"] for row in outcome.rows["exposure_set_members"] if row["reason"]]
    assert [name[6:8] for name in names] == ["0z", "1z"]
    assert set(reasons(outcome)) == {None, "not next to it"}
    again = measure(tmp_path / "home", lay(tmp_path / "b", visit, (1, "1y", 0.02), (2, "1z", 0.04)))
    assert len(again.rows["bowtie"]) == 4
    assert reasons(again) == [None] * 5
    assert len(list((tmp_path / "home/products/bowtie").iterdir())) == 2


def test_a_map_goes_when_the_visit_has_none_any_more(
    visit: dict[str, bytes], tmp_path: Path
) -> None:
    paths = lay(tmp_path, visit)
    (row, _) = measure(tmp_path / "home", paths).rows["bowtie"]
    assert Path(str(row["path"])).name == f"{KEY}_iwa00102q_ratio.fits"
    assert Path(str(row["path"])).exists()
    measure(tmp_path / "home", paths[:2])
    assert not Path(str(row["path"])).exists()


def test_a_visit_has_its_own_names_and_all_are_found_by_them() -> None:
    indices = range(0, WFC3_BOWTIE.maximum, 31)
    names = [WFC3_BOWTIE.locate(index).rootname for index in indices]
    assert [WFC3_BOWTIE.find_index(name) for name in names] == list(indices)
    assert WFC3_BOWTIE.find_index("iw000101q") is None
