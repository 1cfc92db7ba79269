"""Which flats make pairs: like ones, near in time, each once; others have a reason."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from hstql_assets.monitors.flat_gains.pairs import (
    ALONE,
    BINNING,
    LAMP_OFF,
    NO_TIME,
    SUBARRAY,
    Flat,
    Setup,
    pair_flats,
)
from hstql_assets.monitors.flat_gains.selection import FlatSelection, load_selections
from hstql_assets.monitors.framework.selection import parse_selections

UVIS = load_selections()["UVIS"]
SETUP = Setup("UVIS", "TUNGSTEN", "F645N", 20.0, (1, 1), 1.5, "ABCD")


def flat(name: str, start_mjd: float | None = 60000.0, **other: object) -> Flat:
    own = {key: value for key, value in other.items() if key != "is_subarray"}
    setup = replace(SETUP, **own)  # type: ignore[arg-type]
    return Flat(name, start_mjd, bool(other.get("is_subarray")), setup)


def names(pairs: list[tuple[Flat, Flat]]) -> list[str]:
    return [f"{first.rootname}{second.rootname}" for first, second in pairs]


def test_neighbours_in_time_are_a_pair_whatever_the_order_they_come_in() -> None:
    flats = [flat(name, 60000.0 + days) for name, days in zip("abcd", (0, 1, 2, 3), strict=True)]
    for order in (flats, flats[::-1], [flats[2], flats[0], flats[3], flats[1]]):
        pairs, unused = pair_flats(order, UVIS)
        assert names(pairs) == ["ab", "cd"]
        assert unused == []


def test_flats_too_far_apart_are_alone_and_the_next_are_not() -> None:
    flats = [flat("a", 60000.0), flat("b", 60007.5), flat("c", 60014.5)]
    pairs, unused = pair_flats(flats, UVIS)
    assert names(pairs) == ["bc"]
    (alone,) = unused
    assert (alone.rootname, alone.reason) == ("a", ALONE)
    assert alone.detail == "There is no second flat like it within 7 d."


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"lamp": "DEUTERIUM"}, "lamp"),
        ({"filter_name": "F814W"}, "filter"),
        ({"exposure_s": 21.0}, "exposure time"),
        ({"binning": (2, 2)}, "binning"),
        ({"gain_setting": 1.0}, "gain"),
        ({"amplifiers": "AD"}, "set of amplifiers"),
    ],
)
def test_unlike_flats_are_no_pair_and_it_is_said_what_differs(
    other: dict[str, object], word: str
) -> None:
    pairs, unused = pair_flats([flat("a"), flat("b", 60000.1, **other)], UVIS)
    assert pairs == []
    assert [one.reason for one in unused] == [ALONE, ALONE]
    assert unused[0].detail.endswith(f"b has another {word}.")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (flat("x", lamp="NONE"), LAMP_OFF),
        (flat("x", lamp=""), LAMP_OFF),
        (flat("x", is_subarray=True), SUBARRAY),
        (flat("x", binning=(4, 4)), BINNING),
        (flat("x", binning=(1, 2)), BINNING),
        (flat("x", None), NO_TIME),
    ],
)
def test_what_is_fit_for_no_pair_is_named_and_the_rest_goes_on(bad: Flat, reason: str) -> None:
    pairs, unused = pair_flats([bad, flat("a"), flat("b", 60000.1)], UVIS)
    assert names(pairs) == ["ab"]
    assert [(one.rootname, one.reason) for one in unused] == [("x", reason)]


def test_a_third_flat_is_left_and_none_make_nothing() -> None:
    pairs, unused = pair_flats([flat("a"), flat("b"), flat("c", 60000.2)], UVIS)
    assert names(pairs) == ["ab"]
    assert "not in a pair already" in unused[0].detail
    assert pair_flats([], UVIS) == ([], [])


def test_the_table_of_selections_says_what_is_wrong_with_it() -> None:
    assert set(load_selections()) == {"UVIS", "IR", "WFC"}
    with pytest.raises(ValidationError, match="instrument"):
        parse_selections(FlatSelection, "[UVIS]\nbinnings = [1]\n")
    with pytest.raises(ValidationError, match="binning"):
        parse_selections(FlatSelection, "[UVIS]\nbinnings = ['one']\n")
