"""Which exposures are of one target, what it is called, and why."""

import random
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.places import REAL_ARCHIVE
from hstql_assets.headers.summary import summarize
from hstql_assets.targets.exposures import TargetExposure
from hstql_assets.targets.overrides import Overrides, parse_overrides
from hstql_assets.targets.resolving import Resolution, resolve_targets
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import parse_filename
from hstql_resources.fits.file_headers import read_headers

SLUG = re.compile(r"[a-z0-9]([a-z0-9.+-]*[a-z0-9])?")
ARCSEC = 1 / 3600
HERE, THERE = (10.0, 20.0), (200.0, -30.0)


def see(*targets: tuple[object, ...]) -> list[TargetExposure]:
    """Return exposures a, b, c ... of (name, ra, dec, moving), each a day after the last."""
    return [
        TargetExposure(rootname, *target, *[None] * (4 - len(target)), 58000.0 + ord(rootname))
        for rootname, target in zip("abcdefgh", targets, strict=False)
    ]


def slugs(*targets: tuple[object, ...], overrides: Overrides | None = None) -> list[str]:
    resolved = resolve_targets(see(*targets), overrides or Overrides())
    return [resolved[rootname].target for rootname in sorted(resolved)]


def near(position: tuple[float, float], arcsec: float) -> tuple[float, float]:
    return position[0], position[1] + arcsec * ARCSEC


def test_two_names_at_one_place_are_one_target_called_as_the_earliest() -> None:
    assert slugs(("GJ-436", *HERE), ("ROSS905", *near(HERE, 1.9))) == ["gj-436"] * 2
    assert slugs(("ROSS905", *HERE), ("GJ-436", *near(HERE, 1.9))) == ["ross905"] * 2


def test_one_name_at_two_places_is_two_targets_and_the_earlier_keeps_the_name() -> None:
    first, second = slugs(("M31-FIELD", *HERE), ("M31-FIELD", *near(HERE, 2.1)))
    assert first == "m31-field"
    assert re.fullmatch(r"m31-field-[0-9a-f]{4}", second)


def test_places_are_linked_through_a_third_that_comes_later() -> None:
    apart = (("A1", *HERE), ("B1", *near(HERE, 3.0)))
    assert slugs(*apart) == ["a1", "b1"]
    assert slugs(*apart, ("C1", *near(HERE, 1.5))) == ["a1"] * 3


def test_what_moves_goes_by_name_only() -> None:
    comets = (("COMET-1", *HERE, True), ("COMET-1", *THERE, True), ("COMET-2", *HERE, True))
    assert slugs(*comets, ("STAR", *HERE)) == ["comet-1", "comet-1", "comet-2", "star"]


def test_planets_move_without_a_flag_and_their_numbers_do_not_count() -> None:
    assert slugs(("MARS-1", *HERE), ("MARS-STIS", *THERE), ("MARS", None, None)) == ["mars"] * 3


def test_an_exposure_without_a_flag_moves_if_another_of_its_name_does() -> None:
    assert slugs(("67P", *HERE), ("67P", *THERE, True)) == ["67p"] * 2
    assert len(set(slugs(("67P", *HERE, False), ("67P", *THERE, True)))) == 2


def test_without_a_position_it_is_the_one_target_of_its_name() -> None:
    assert slugs(("GW-LIB", *HERE), ("GWLIB-COPY", None, None)) == ["gw-lib"] * 2
    assert slugs(("GW-LIB", None, None), ("GWLIB", None, None)) == ["gw-lib"] * 2


def test_without_a_position_and_with_two_targets_of_its_name_it_is_neither() -> None:
    found = slugs(("X1", *HERE), ("X1", *THERE), ("X1", None, None))
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    "position", [(0.0, 0.0), (np.nan, 10.0), (10.0, np.nan), (10.0, 95.0), (1e300, 0.0)]
)
def test_a_position_that_cannot_be_is_none(position: tuple[float, float]) -> None:
    assert slugs(("GW-LIB", *HERE), ("GWLIB", *position)) == ["gw-lib"] * 2


def test_a_position_by_sesame_decides_where_the_header_has_none() -> None:
    target_exposures = see(
        ("X1", *HERE), ("X1", *THERE), ("X1-COPY", None, None), ("Y1", None, None)
    )
    resolved = resolve_targets(target_exposures, positions={"X1": THERE, "Y1": HERE})
    assert resolved["c"].target == resolved["b"].target
    assert resolved["d"].target == "x1"
    assert "position by Sesame" in resolved["c"].reason


def test_a_fast_star_is_one_target_by_the_proper_motion_of_its_headers() -> None:
    """TRAPPIST-1 moves by 1 arcsec a year; positions in headers are of the day."""
    years = (0.0, 6.0)
    target_exposures = [
        TargetExposure(
            f"r{year}", "TRAPPIST", 346.6 + 0.922 * year * ARCSEC / np.cos(np.deg2rad(5.04)),
            -5.04 - 0.472 * year * ARCSEC, None, 57000.0 + year * 365.25, pm_ra, pm_dec,
        )
        for year in years
        for pm_ra, pm_dec in [(0.9221, -0.4719)]
    ]  # fmt: skip
    assert len({found.target for found in resolve_targets(target_exposures).values()}) == 1
    blind = [
        target_exposure._replace(pm_ra=0.0, pm_dec=0.0) for target_exposure in target_exposures
    ]
    assert len({found.target for found in resolve_targets(blind).values()}) == 2


def test_the_override_file_wins_over_names_and_places() -> None:
    overrides = parse_overrides('[names]\n"ALIAS" = "Right Name"\n"B1" = "B 1"', "t")
    assert (
        slugs(("ALIAS", *HERE), ("RIGHT-NAME", *THERE), overrides=overrides) == ["right-name"] * 2
    )
    assert (
        slugs(("A1", *HERE), ("ALIAS", *near(HERE, 1)), overrides=overrides) == ["right-name"] * 2
    )
    pair = slugs(
        ("ALIAS", *HERE), ("B1", *near(HERE, 1.5)), ("Z", *near(HERE, 1.6)), overrides=overrides
    )
    assert pair == ["right-name", "b-1", "b-1"]


def test_a_name_that_is_listed_is_one_target_anywhere() -> None:
    overrides = parse_overrides('anywhere = ["EPS IND"]', "t")
    assert (
        slugs(("EPS-IND", *HERE), ("EPSIND-COPY", *THERE), overrides=overrides) == ["eps-ind"] * 2
    )


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        ([("GJ-436", *HERE)], "GJ-436: as in the header."),
        (
            [("GWLIB", *HERE), ("GW-LIB-COPY2", *near(HERE, 0.3))],
            "GW-LIB-COPY2: suffix -COPY2 left out; same place (0.3 arcsec) as GWLIB.",
        ),
        (
            [("A1", *HERE), ("B1", *near(HERE, 1.5)), ("C1", *near(HERE, 3.0))],
            "C1: linked through others to the place of A1, 3.0 arcsec away.",
        ),
        (
            [("A1", *HERE), ("A1", *THERE)],
            "A1: one of 2 targets with exposures of that name.",
        ),
        (
            [("MARS-STIS", *HERE)],
            "MARS-STIS: suffix -STIS left out; moves over the sky, so goes by name only.",
        ),
        ([("GJ551", *HERE)], "GJ551: PROXIMA-CEN by the override file."),
        ([("A1", None, None)], "A1: no position."),
        (
            [("A1", *HERE), ("A-1", None, None)],
            "A-1: no position, and one target of that name, A1.",
        ),
        ([("", *HERE)], "No name: as in the header."),
    ],
)
def test_the_reason_is_one_sentence(targets: list[tuple[object, ...]], reason: str) -> None:
    overrides = parse_overrides('[names]\n"GJ551" = "PROXIMA-CEN"', "t")
    target_exposures = see(*targets)
    assert (
        resolve_targets(target_exposures, overrides)[target_exposures[-1].rootname].reason == reason
    )


NAMES = st.sampled_from(
    ["GW-LIB", "GWLIB", "GW-LIB-COPY", "MARS-1", "X" * 35, "x" * 35, "*", "", "<script>", "A/../B"]
) | st.text(max_size=40)  # fmt: skip
EXPOSURES = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from([None, 0.0, 10.0, 359.9999]),
        st.sampled_from([None, -90.0, 20.0, 20.0 + ARCSEC, 20.0 + 2.5 * ARCSEC]),
        st.sampled_from([None, True, False]),
        st.none() | st.sampled_from([58000.0, 58001.0, float("nan")]),
    ),
    max_size=12,
)
OVERRIDES = Overrides({"GWLIB": "GW Librae", "*": "STAR"}, frozenset({"GWLIB"}))


def to_target_exposures(exposures: list[tuple[object, ...]]) -> list[TargetExposure]:
    return [TargetExposure(f"r{number}", *exposure) for number, exposure in enumerate(exposures)]


@settings(max_examples=200)
@given(EXPOSURES, st.randoms(use_true_random=False))
def test_the_order_of_the_exposures_does_not_matter(
    exposures: list[tuple[object, ...]], shuffling: random.Random
) -> None:
    target_exposures = to_target_exposures(exposures)
    before = resolve_targets(target_exposures, OVERRIDES)
    shuffling.shuffle(target_exposures)
    assert resolve_targets(target_exposures, OVERRIDES) == before


@given(EXPOSURES)
def test_every_slug_is_safe_and_no_two_targets_share_one(
    exposures: list[tuple[object, ...]],
) -> None:
    resolved = resolve_targets(to_target_exposures(exposures), OVERRIDES)
    assert set(resolved) == {f"r{number}" for number in range(len(exposures))}
    for found in resolved.values():
        assert SLUG.fullmatch(found.target)
        assert ".." not in found.target
        assert len(found.target) <= 30
        assert found.reason.endswith(".")
        assert found.resolved_name


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_places_far_from_each_other_never_share_a_slug(names: list[str]) -> None:
    target_exposures = [
        TargetExposure(f"r{number}", name, 10.0 + number, 40.0, False, 58000.0)
        for number, name in enumerate(names)
        if not name.upper().startswith(("MARS", "JUP"))
    ]
    resolved = resolve_targets(target_exposures)
    assert len({found.target for found in resolved.values()}) == len(target_exposures)


def test_later_exposures_do_not_rename_a_target() -> None:
    early = see(("A1", *HERE), ("B1", *THERE))
    later = [
        TargetExposure("y", "Z1", *HERE, None, 59000.0),
        TargetExposure("z", "A1", 100.0, 0.0, None, 59000.0),
    ]
    alone, together = resolve_targets(early), resolve_targets(early + later)
    assert {name: found.target for name, found in alone.items()} == {
        name: together[name].target for name in alone
    }


@pytest.mark.parametrize("count", [20_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_a_hundred_thousand_exposures_take_seconds(count: int) -> None:
    rng = np.random.default_rng(4)
    number = rng.integers(0, 5000, count)
    shifts = rng.normal(0, 0.05, count) * ARCSEC
    ra, dec = rng.uniform(0, 360, 5000), np.rad2deg(np.arcsin(rng.uniform(-1, 1, 5000)))
    target_exposures = [
        TargetExposure(
            f"l{row:08d}", f"T-{target}", ra[target] + shift, dec[target], None, 58000.0 + row
        )
        for row, (target, shift) in enumerate(zip(number, shifts, strict=True))
    ]
    start = time.process_time()
    resolved = resolve_targets(target_exposures)
    assert time.process_time() - start < 30  # 2 s where nothing else runs
    assert {found.target for found in resolved.values()} == {
        f"t-{target}" for target in set(number)
    }


@pytest.fixture(scope="module")
def real() -> dict[str, tuple[TargetExposure, Resolution]]:
    """The targets of all real observations of COS and STIS that are at hand."""
    if not REAL_ARCHIVE.is_dir():
        pytest.skip(f"the real HST files are not at {REAL_ARCHIVE}")
    archive = DirectoryArchive(REAL_ARCHIVE)
    target_exposures = []
    for instrument in ("cos", "stis"):
        for rootname, products in archive.list_products(archive.find_rootnames(instrument)).items():
            files = [
                read_headers(Path(product.location), parse_filename(product.filename).filetype)
                for product in products
            ]
            row = summarize(rootname, files).columns
            target_exposures.append(
                TargetExposure(
                    rootname, str(row["target_name"] or ""), row["ra_deg"], row["dec_deg"], None,
                    row["exp_start_mjd"], row["pm_ra_arcsec_per_yr"], row["pm_dec_arcsec_per_yr"],
                )
            )  # fmt: skip
    resolved = resolve_targets(target_exposures)
    return {
        target_exposure.rootname: (target_exposure, resolved[target_exposure.rootname])
        for target_exposure in target_exposures
    }


def test_real_spellings_at_one_place_are_one_target(
    real: dict[str, tuple[TargetExposure, Resolution]],
) -> None:
    assert real["ld9m10ujq"][0].target_name == "GJ-436"
    assert real["ldi405e3q"][0].target_name == "GJ436"
    assert real["ldi405e3q"][1].target == real["ld9m10ujq"][1].target == "gj-436"
    assert real["ldi405e3q"][1].reason == "GJ436: same place (0.1 arcsec) as GJ-436."


def test_real_planets_and_fast_stars_are_one_target_each(
    real: dict[str, tuple[TargetExposure, Resolution]],
) -> None:
    assert real["ocoa03q2q"][1].target == "ceres"
    trappist = {"ldlm42010", "od3v01bfq", "odlm41010"}
    assert {real[rootname][1].target for rootname in trappist} == {"2mass-j23062928-0502285"}
