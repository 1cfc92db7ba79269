"""Which exposures go into a composite, in which order, and what becomes of the others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders.corrtag_files import Events, Observation
from hstql_assets.composites import composing
from hstql_assets.composites.choosing import Member, choose_members
from hstql_assets.composites.composing import Composition, compose
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings

SETTINGS = ExtractionSettings(exclude_airglow=False)


def extract(member: Member, settings: ExtractionSettings) -> Lightcurve:
    return make_lightcurve(member.events, member.x1d, settings)


def some_events(count: int = 400, until: float = 99.0, seed: int = 1) -> Events:
    rng = np.random.default_rng(seed)
    return Events(np.sort(rng.uniform(1, until, count)), rng.uniform(100, 16000, count),
                  np.full(count, 420.0))  # fmt: skip


def make_member(exposure: Observation, events: Events | None = None, **x1d: object) -> Member:
    """Write the files of an exposure; return it with the range that its own lightcurve has."""
    path = exposure.corrtag(some_events() if events is None else events)
    spectrum = exposure.x1d(**x1d)
    own = make_lightcurve([path], spectrum, SETTINGS)
    return Member(exposure.rootname, (path,), spectrum, own.wave_min, own.wave_max)


def in_range(rootname: str, lower: float | None, upper: float | None) -> Member:
    return Member(rootname, (Path("none"),), None, lower, upper)


def rootnames(composition: Composition) -> tuple[str, ...]:
    assert composition.composite is not None
    return composition.composite.rootnames


def moved(observation: Observation, rootname: str, start: float) -> Observation:
    return observation.but(rootname=rootname, exp_start=start)


def test_exposures_follow_in_time_and_then_by_name(observation: Observation) -> None:
    starts = {
        "ltest01aq": 58002.5,
        "ltest02aq": 58001.5,
        "ltest03aq": 58001.5,
        "ltest04aq": 58000.5,
    }
    members = [make_member(moved(observation, name, start)) for name, start in starts.items()]
    expected = ("ltest04aq", "ltest02aq", "ltest03aq", "ltest01aq")
    assert rootnames(compose(members, SETTINGS, extract)) == expected
    assert rootnames(compose(members[::-1], SETTINGS, extract)) == expected


def test_times_count_from_each_exposures_own_start(observation: Observation) -> None:
    members = [make_member(moved(observation, f"ltest0{i}aq", 58000.5 + i)) for i in (1, 2)]
    composite = compose(members, SETTINGS, extract).composite
    assert composite is not None
    for number, curve in enumerate(composite.curves, 1):
        assert curve.bins.times_s[0] == 0
        assert curve.mjd[0] == 58000.5 + number
    assert (composite.exp_start_mjd, composite.exp_end_mjd) == (58001.5, 58002.5 + 100 / 86400)


def test_one_exposure_has_the_numbers_of_its_lightcurve(observation: Observation) -> None:
    member = make_member(observation)
    alone = make_lightcurve(member.events, member.x1d, SETTINGS)
    composite = compose([member], SETTINGS, extract).composite
    assert composite is not None
    (curve,) = composite.curves
    assert curve.totals == alone.totals
    for name, values in vars(alone.bins).items():
        np.testing.assert_array_equal(getattr(curve.bins, name), values)


def test_a_real_exposure_has_its_gross_counts_in_its_composite(real_archive: Path) -> None:
    folder = real_archive / "ld9m" / "ld9m10ujq"
    events, x1d = folder / "ld9m10ujq_corrtag_a.fits", folder / "ld9m10ujq_x1d.fits"
    own = make_lightcurve([events], x1d)
    member = Member("ld9m10ujq", (events,), x1d, own.wave_min, own.wave_max)
    composite = compose([member], ExtractionSettings(), extract).composite
    assert composite is not None
    assert composite.curves[0].totals.gross == 1362
    assert composite.curves[0].totals == own.totals


def test_all_are_cut_to_the_wavelengths_that_all_have(observation: Observation) -> None:
    """The second exposure has no good columns at the ends; the first is not counted there."""
    good = np.zeros(16384)
    good[2000:15000] = 1
    first = make_member(observation)
    second = make_member(moved(observation, "ltest02aq", 58001.5), FUVA={"DQ_WGT": good})
    composite = compose([first, second], SETTINGS, extract).composite
    assert composite is not None
    column = np.round(some_events().column)
    expected = np.sum((column >= 2000) & (column < 15000))
    assert [curve.totals.gross for curve in composite.curves] == [expected, expected]
    assert 0 < expected < 400
    assert (composite.wave_min, composite.wave_max) == (1240.0, 1499.98)


def test_bins_without_counts_and_bins_without_live_time_are_kept(observation: Observation) -> None:
    eclipse = Events(np.array([1.0, 2.0, 97.0]), np.full(3, 8000.0), np.full(3, 420.0))
    gap = moved(observation, "ltest02aq", 58001.5).but(good_times=((0.0, 20.0), (60.0, 100.0)))
    members = [make_member(observation, eclipse), make_member(gap)]
    composite = compose(members, SETTINGS, extract).composite
    assert composite is not None
    first, second = composite.curves
    assert np.sum(first.bins.gross == 0) == 47
    assert np.isnan(second.bins.gross[10:30]).all()
    assert np.isfinite(second.bins.gross[30:]).all()
    assert composite.bins == 100


def test_two_exposures_with_the_same_times_are_both_in(observation: Observation) -> None:
    members = [make_member(observation.but(rootname=name)) for name in ("ltest02aq", "ltest01aq")]
    composite = compose(members, SETTINGS, extract).composite
    assert composite is not None
    assert composite.rootnames == ("ltest01aq", "ltest02aq")
    np.testing.assert_array_equal(composite.curves[0].mjd, composite.curves[1].mjd)


def test_the_wavelength_that_most_exposures_have_decides_and_the_odd_one_is_named() -> None:
    members = [in_range("c", 1100, 1290), in_range("a", 1150, 1300), in_range("b", 1400, 1500)]
    chosen, notes = choose_members(members)
    assert [member.rootname for member in chosen] == ["a", "c"]
    assert notes == {
        "b": "Its 1400.0 to 1500.0 Angstrom do not overlap with 1150.0 to 1290.0, the common "
        "range of 2 exposures."
    }


def test_one_that_narrows_the_common_range_by_more_than_it_adds_is_left_out() -> None:
    """Three exposures of 1,977 Angstrom are worth more than four of 7; a long one, less."""
    members = [*(in_range(name, 1172, 3149) for name in "abc"), in_range("d", 1806, 1813)]
    chosen, notes = choose_members(members)
    assert [member.rootname for member in chosen] == ["a", "b", "c"]
    assert notes == {
        "d": "Its 1806.0 to 1813.0 Angstrom would narrow 1172.0 to 3149.0, the common range of "
        "3 exposures: without it more exposure time x band is kept."
    }
    members[3] = replace(members[3], exposure_s=1000.0)
    assert [member.rootname for member in choose_members(members)[0]] == ["a", "b", "c", "d"]


def test_a_range_with_few_good_columns_in_it_is_worth_little() -> None:
    ends = replace(in_range("a", 1100, 1800), band=0.5)
    assert [member.rootname for member in choose_members([ends, in_range("b", 1300, 1400)])[0]] == [
        "a", "b"
    ]  # fmt: skip


def test_wavelengths_that_are_cut_are_told(observation: Observation) -> None:
    good = np.zeros(16384)
    good[2000:15000] = 1
    other = make_member(moved(observation, "ltest02aq", 58001.5), FUVA={"DQ_WGT": good})
    assert compose([make_member(observation), other], SETTINGS, extract).remarks == (
        "Of 2 exposures, 1 have wavelengths beyond the common 1240.0 to 1500.0 Angstrom, from "
        "1200.0 to 1527.7: these are left out.",
    )
    assert compose([other], SETTINGS, extract).remarks == ()


def make_pair(observation: Observation, rootname: str, segments: str = "AB") -> Member:
    """Write an exposure with these segments, in the same wavelengths, as NUV stripes can have."""
    exposure = moved(observation, rootname, 58000.5 + int(rootname[5:7]))
    names = tuple(f"FUV{letter}" for letter in segments)
    paths = tuple(exposure.corrtag(some_events(), name) for name in names)
    waves = 1200.0 + 0.02 * np.arange(16384)
    x1d = exposure.x1d(names, **{name: {"WAVELENGTH": waves} for name in names})
    own = make_lightcurve(paths, x1d, SETTINGS)
    return Member(exposure.rootname, paths, x1d, own.wave_min, own.wave_max, ",".join(own.segments))


def test_one_that_lacks_a_segment_is_left_out_and_told(observation: Observation) -> None:
    members = [make_pair(observation, name) for name in ("ltest01aq", "ltest02aq")]
    members.append(make_pair(observation, "ltest03aq", "A"))
    composition = compose(members, SETTINGS, extract)
    assert rootnames(composition) == ("ltest01aq", "ltest02aq")
    note = "It has FUVA, but 2 exposures with more exposure time x band have FUVA, FUVB."
    assert composition.left_out == {"ltest03aq": note}
    assert composition.remarks == (f"ltest03aq is left out: {note}",)


def test_settings_of_its_own_lightcurve_do_not_reach_the_composite(
    observation: Observation,
) -> None:
    """The range of a lightcurve that was made of 20 Angstrom is not that of its exposure."""
    members = [make_member(moved(observation, f"ltest0{i}aq", 58000.5 + i)) for i in (1, 2)]
    narrow = replace(members[0], wave_min=1300.0, wave_max=1320.0, has_own_settings=True)
    usual, other = (
        compose([member, members[1]], SETTINGS, extract).composite
        for member in (members[0], narrow)
    )
    assert usual is not None
    assert other is not None
    assert usual.settings == other.settings
    assert [curve.totals for curve in usual.curves] == [curve.totals for curve in other.curves]


def test_of_two_that_do_not_overlap_the_wider_one_is_used() -> None:
    chosen, notes = choose_members([in_range("a", 1100, 1200), in_range("b", 1300, 1500)])
    assert [member.rootname for member in chosen] == ["b"]
    assert set(notes) == {"a"}


def test_ranges_that_only_touch_have_nothing_in_common() -> None:
    chosen, notes = choose_members([in_range("a", 1100, 1200), in_range("b", 1200, 1250)])
    assert [member.rootname for member in chosen] == ["a"]
    assert set(notes) == {"b"}


def test_images_have_no_wavelengths_and_are_all_used() -> None:
    members = [in_range("b", None, None), in_range("a", None, None)]
    chosen, notes = choose_members(members)
    assert ([member.rootname for member in chosen], notes) == (["a", "b"], {})


def test_an_exposure_of_unknown_wavelengths_is_left_out_of_those_with_known_ones() -> None:
    chosen, notes = choose_members([in_range("a", 1100, 1200), in_range("b", None, None)])
    assert [member.rootname for member in chosen] == ["a"]
    assert notes == {"b": "The lightcurve of b has no range of wavelengths."}


def test_an_exposure_of_which_nothing_is_left_is_named(observation: Observation) -> None:
    """Its spectrum has only its two ends, so the common range holds none of its columns."""
    ends = np.zeros(16384)
    ends[[0, 16383]] = 1
    hollow = make_member(moved(observation, "ltest02aq", 58001.5), Events(
        np.array([1.0, 2.0, 3.0]), np.array([0.0, 16383.0, 0.0]), np.full(3, 420.0)
    ), FUVA={"DQ_WGT": ends})  # fmt: skip
    middle = np.zeros(16384)
    middle[4000:8000] = 1
    whole = make_member(observation, FUVA={"DQ_WGT": middle})
    composition = compose([whole, hollow], SETTINGS, extract)
    assert rootnames(composition) == ("ltest01aq",)
    assert "no good column from 1280 to 1359.98" in composition.left_out["ltest02aq"]


def test_an_exposure_that_turned_bad_is_named_and_the_rest_is_made(
    observation: Observation,
) -> None:
    members = [make_member(moved(observation, f"ltest0{i}aq", 58000.5 + i)) for i in (1, 2)]
    events = members[0].events[0]
    events.write_bytes(events.read_bytes()[:20_000])
    composition = compose(members, SETTINGS, extract)
    assert rootnames(composition) == ("ltest02aq",)
    assert "Unreadable" in composition.left_out["ltest01aq"]


def test_limits_of_the_settings_that_leave_nothing_leave_everything_out(
    observation: Observation,
) -> None:
    member = make_member(observation)
    composition = compose([member], replace(SETTINGS, wave_min=1700.0), extract)
    assert composition.composite is None
    assert "limits of the settings" in composition.left_out["ltest01aq"]


def test_more_bins_than_memory_should_hold_are_refused(
    observation: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "MAX_BINS", 60)
    members = [make_member(moved(observation, f"ltest0{i}aq", 58000.5 + i)) for i in (1, 2)]
    composition = compose(members, SETTINGS, extract)
    assert composition.composite is None
    assert all("choose wider ones" in note for note in composition.left_out.values())


@pytest.mark.parametrize("number", [50, pytest.param(500, marks=pytest.mark.full)])
def test_five_hundred_exposures_are_one_composite(observation: Observation, number: int) -> None:
    """One exposure under five hundred names and starts: the files need not differ otherwise."""
    member = make_member(observation)
    starts = {f"lmany{i:03d}q": 58000.5 + 0.1 * ((i * 7) % number) for i in range(number)}

    def extract_as(named: Member, settings: ExtractionSettings) -> Lightcurve:
        curve = extract(member, settings)
        start = starts[named.rootname]
        exposure = replace(curve.exposure, rootname=named.rootname, exp_start_mjd=start)
        return replace(curve, exposure=exposure)

    members: Sequence[Member] = [replace(member, rootname=name) for name in starts]
    composite = compose(members, SETTINGS, extract_as).composite
    assert composite is not None
    assert composite.rootnames == tuple(sorted(starts, key=lambda name: starts[name]))
    assert composite.bins == number * 50


def make_differing(observation: Observation) -> list[Member]:
    """Write three exposures, the third of which has no good columns at its ends."""
    good = np.zeros(16384)
    good[2000:15000] = 1
    whole = [make_member(moved(observation, f"ltest0{i}aq", 58000.5 + i)) for i in (1, 2)]
    return [*whole, make_member(moved(observation, "ltest03aq", 58003.5), FUVA={"DQ_WGT": good})]


def test_events_are_read_once_though_ranges_differ(observation: Observation) -> None:
    read: list[str] = []

    def extract_noted(member: Member, settings: ExtractionSettings) -> Lightcurve:
        read.append(member.rootname)
        return extract(member, settings)

    members = make_differing(observation)
    found = compose(members, SETTINGS, extract_noted).composite
    assert read == ["ltest01aq", "ltest02aq", "ltest03aq"]
    expected = compose(members, SETTINGS, extract, by_events=True).composite
    assert found is not None
    assert expected is not None
    assert found.settings == expected.settings
    assert [curve.totals for curve in found.curves] == [curve.totals for curve in expected.curves]


@pytest.mark.parametrize("segments", ["A", "AB"])
def test_what_only_events_show_is_found_though_ranges_differ(
    observation: Observation, segments: str
) -> None:
    """Times that turn back show in no header: a file, or all of the exposure, is left out."""
    members = [make_pair(observation, f"ltest0{i}aq", segments) for i in (1, 2)]
    odd = moved(observation, "ltest01aq", 58001.5)
    back = Events(np.array([50.0, 40.0, 60.0]), np.full(3, 8000.0), np.full(3, 420.0))
    odd.corrtag(back, "FUVA")
    members[1] = replace(members[1], has_own_settings=True)
    found = compose(members, SETTINGS, extract)
    expected = compose(members, SETTINGS, extract, by_events=True)
    assert (rootnames(found), found.left_out) == (rootnames(expected), expected.left_out)
    assert "ltest01aq" in found.left_out
