"""Headers from texts with blanks, and many small files with full headers."""

import hashlib

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_frames import MAXIMUM_EXPOSURES, make_many
from hstql_resources.archive.simulated.cards import Blank, load_cards

RNG = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("", "it's", "it's"),
        ("", "", ""),
        ("%-12s", "WFC", "WFC"),
        ("", True, True),
        ("", 12, 12),
        ("", 0.1, 0.1),
        ("", 1e-20, 1e-20),
        ("%.6f", 410.0, 410.0),
        ("%.12E", 54990.125, 54990.125),
    ],
)
def test_a_card_has_the_value_that_was_filled_in(form, value, expected):
    card = Blank("KEYWORD", form, None, "what it means").write(value)
    assert len(card) == 80
    read = fits.Card.fromstring(card)
    read.verify("exception")
    assert read.value == expected
    assert type(read.value) is type(expected)
    assert read.comment == "what it means"


def test_a_comment_is_cut_where_the_card_ends_and_a_value_is_not():
    card = Blank("KEYWORD", "%-60s", None, "a comment that has no room").write("x")
    assert len(card) == 80
    assert fits.Card.fromstring(card).value == "x"
    with pytest.raises(ValueError, match=r"KEYWORD = 'x+' does not fit"):
        Blank("KEYWORD", "", None, "").write("x" * 70)


def test_a_blank_without_a_value_is_named():
    cards = load_cards("cameras/jit_primary", frozenset(("acs", "wfc")))
    with pytest.raises(ValueError, match="cameras/jit_primary have a blank NEXTEND"):
        cards.fill({}, RNG)


def test_conditions_choose_cards_by_the_tags_of_a_file():
    raw = load_cards("cameras/acs_primary", frozenset(("acs", "wfc", "ccd", "raw")))
    flt = load_cards("cameras/acs_primary", frozenset(("acs", "wfc", "ccd", "calibrated")))
    sbc = load_cards("cameras/acs_primary", frozenset(("acs", "sbc", "no_ccd", "raw")))
    assert "CCDGAIN" in raw.keywords
    assert "CCDGAIN" not in sbc.keywords
    assert {"GLINCORR"} <= sbc.keywords - raw.keywords
    written = {name: "".join(p for p in cards.parts if isinstance(p, str))
               for name, cards in (("raw", raw), ("flt", flt))}  # fmt: skip
    assert "GROUPS" in written["raw"]
    assert "GROUPS" not in written["flt"]
    assert "HISTORY BLEVCORR" in written["flt"]
    assert "HISTORY" not in written["raw"]


def test_measurements_scatter_by_a_thousandth_about_their_typical_value():
    cards = load_cards("cameras/udl", frozenset(("acs", "wfc")))
    blank = next(
        part for part in cards.parts if isinstance(part, Blank) and part.keyword == "JWXVDD"
    )
    assert blank.typical == pytest.approx(26.67, abs=0.01)
    values = dict.fromkeys(cards.keywords, 0)
    rng = np.random.default_rng(3)
    drawn = [
        fits.Header.fromstring(cards.fill(values, rng))["JWXVDD"] / blank.typical
        for _ in range(200)
    ]
    assert np.mean(drawn) == pytest.approx(1.0, abs=3e-4)
    assert np.std(drawn) == pytest.approx(1e-3, rel=0.2)


def test_many_files_have_full_headers_and_small_images(tmp_path):
    paths = make_many(tmp_path, 30, seed=4)
    assert len(set(paths)) == 30
    assert all(path.parent.name == path.name[:9] for path in paths)
    headers = []
    for path in paths:
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert len(hdus) == 7
            assert sum(len(hdu.header) for hdu in hdus) > 870
            assert hdus["SCI", 2].shape == (16, 32)
            headers.append(hdus[0].header.copy())
    assert len({header["ROOTNAME"] for header in headers}) == 30
    assert len({header["EXPSTART"] for header in headers}) == 30
    assert {header["FILTER1"].strip() for header in headers} == {"F606W", "CLEAR1L", "F555W"}
    assert 0 < sum("PATTERN2" in header for header in headers) < 30
    assert len({header["BIASFILE"] for header in headers}) > 10


def test_many_files_are_the_same_again_and_can_be_shared_out(tmp_path):
    whole = [path.read_bytes() for path in make_many(tmp_path / "whole", 6, seed=4)]
    second = [path.read_bytes() for path in make_many(tmp_path / "part", 3, seed=4, first=3)]
    assert second == whole[3:]
    assert len({hashlib.sha256(content).hexdigest() for content in whole}) == 6
    other = [path.read_bytes() for path in make_many(tmp_path / "other", 1, seed=5)]
    assert other[0] != whole[0]


def test_many_files_of_several_types_can_be_had(tmp_path):
    paths = make_many(tmp_path, 2, filetypes=("raw", "flt", "spt"))
    assert [path.name[10:-5] for path in paths] == ["raw", "flt", "spt"] * 2


def test_no_more_files_are_promised_than_there_are_rootnames(tmp_path):
    assert MAXIMUM_EXPOSURES >= 20_000
    with pytest.raises(ValueError, match="rootnames for 25,920 exposures"):
        make_many(tmp_path, 2, first=MAXIMUM_EXPOSURES - 1)
    assert len(make_many(tmp_path, 1, first=MAXIMUM_EXPOSURES - 1)) == 1
