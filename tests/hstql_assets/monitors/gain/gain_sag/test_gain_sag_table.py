"""The regions of the gain-sag reference file, its format, and two files compared."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.quiet_reading import require_readable
from hstql_assets.monitors.gain.gain_sag.comparison import (
    compare_tables,
    format_comparison,
    read_tables,
)
from hstql_assets.monitors.gain.gain_sag.table import (
    LEVELS,
    FlaggedSuperpixel,
    digest_tables,
    make_tables,
    write_gain_sag,
)
from hstql_resources.fits.errors import FitsError

FLAGGED = [
    FlaggedSuperpixel("FUVA", 163, 100, 240, 58000.0),
    FlaggedSuperpixel("FUVA", 167, 100, 240, 58500.0),
    FlaggedSuperpixel("FUVA", 169, 101, 240, 57000.5),
    FlaggedSuperpixel("FUVB", 163, 7, 250, 56000.0),
]
superpixels = st.builds(
    FlaggedSuperpixel,
    st.sampled_from(["FUVA", "FUVB"]),
    st.sampled_from([100, 150, 163, 167, 178, 180]),
    st.integers(0, 3),
    st.integers(240, 243),
    st.sampled_from([56000.0, 57000.25, 58000.0]),
)


def write(path, tables):
    write_gain_sag(path, tables, [("DETECTOR", "FUV", "")], ["Made for a test"])
    return path


def list_rows(regions):
    return regions.rows.tolist()


def test_a_superpixel_is_flagged_at_its_voltage_and_lower_ones_from_the_earliest_date():
    tables = make_tables(FLAGGED)
    box = (800, 480, 8, 2, 8192)
    other = (57000.5, 808, 480, 8, 2, 8192)
    assert list_rows(tables["FUVA", 0]) == [(58000.0, *box), other]
    assert list_rows(tables["FUVA", 163]) == [(58000.0, *box), other]
    assert list_rows(tables["FUVA", 164]) == [(58500.0, *box), other]
    assert list_rows(tables["FUVA", 168]) == list_rows(tables["FUVA", 169]) == [other]
    assert list_rows(tables["FUVA", 170]) == []
    assert list_rows(tables["FUVB", 163]) == [(56000.0, 56, 500, 8, 2, 8192)]
    assert [level for segment, level in tables if segment == "FUVB"] == list(LEVELS)
    assert LEVELS[:3] == (0, 100, 142)
    assert (LEVELS[-1], len(LEVELS)) == (178, 39)


@settings(max_examples=40)
@given(st.lists(superpixels, max_size=12))
def test_every_level_has_the_earliest_of_all_that_is_flagged_at_it_or_above(flagged):
    for (segment, level), regions in make_tables(flagged).items():
        expected = {}
        for one in flagged:
            if one.segment == segment and one.high_voltage >= level:
                place = (one.x * 8, one.y * 2)
                expected[place] = min(one.flagged_mjd, expected.get(place, 1e9))
        found = dict(zip(zip(regions.lx, regions.ly, strict=True), regions.date, strict=True))
        assert found == expected
        assert len(found) == len(regions)


@pytest.mark.parametrize(("segment", "boundary"), [("FUVA", 493), ("FUVB", 557)])
def test_the_blue_modes_leave_out_what_touches_their_boundary(segment, boundary):
    rows = range(200, 301)
    flagged = [FlaggedSuperpixel(segment, 163, 5, y, 57000.0) for y in rows]
    kept = {int(ly) for ly in make_tables(flagged, is_blue=True)[segment, 163].ly}
    touching = {2 * y for y in rows if {2 * y, 2 * y + 1} & set(range(boundary - 4, boundary + 5))}
    assert {2 * y for y in rows} - kept == touching
    assert touching == set(range(boundary - 5, boundary + 4, 2))


def test_levels_beyond_the_usual_ones_are_added_where_something_was_flagged():
    tables = make_tables([FlaggedSuperpixel("FUVA", 180, 5, 240, 57000.0)])
    assert len(tables["FUVA", 178]) == len(tables["FUVA", 180]) == 1
    assert ("FUVA", 179) not in tables


def test_the_file_has_binary_tables_that_say_what_was_put_in(tmp_path):
    tables = make_tables(FLAGGED)
    path = write(tmp_path / "gsag.fits", tables)
    require_readable(path)
    with fits.open(path) as hdus:
        assert len(hdus) == 1 + 2 * len(LEVELS)
        for hdu, ((segment, level), regions) in zip(hdus[1:], tables.items(), strict=True):
            assert hdu.header["XTENSION"] == "BINTABLE"
            assert (hdu.header["SEGMENT"], hdu.header[f"HVLEVEL{segment[-1]}"]) == (segment, level)
            assert [column.format for column in hdu.columns] == ["D", *["J"] * 5]
            assert hdu.columns.names == ["DATE", "LX", "LY", "DX", "DY", "DQ"]
            assert [column.unit for column in hdu.columns] == ["d", *["pixel"] * 4, None]
            expected = list_rows(regions) or [(0.0, 0, 0, 0, 0, 0)]
            assert [tuple(row) for row in hdu.data.tolist()] == expected
        hdus.verify("exception")
        assert hdus[0].header["HISTORY"][0] == "Made for a test"
    assert len(Table.read(path, hdu=("GSAGTAB", 24))) == 2  # FUVA, 163
    assert {level: list_rows(one) for level, one in read_tables(path).items()} == {
        level: list_rows(one) for level, one in tables.items()
    }


@settings(max_examples=25)
@given(st.lists(superpixels, max_size=12), st.randoms())
def test_the_digest_is_that_of_the_regions(flagged, random):
    tables = make_tables(flagged)
    shuffled = list(flagged)
    random.shuffle(shuffled)
    assert digest_tables(make_tables(shuffled)) == digest_tables(tables)
    other = make_tables([*flagged, FlaggedSuperpixel("FUVB", 178, 9, 250, 57000.0)])
    assert digest_tables(other) != digest_tables(tables)


def test_new_removed_and_changed_regions_are_told_apart(tmp_path):
    old = make_tables(FLAGGED)
    earlier = FLAGGED[0]._replace(flagged_mjd=57999.0)
    new_one = FlaggedSuperpixel("FUVA", 150, 300, 245, 59000.0)
    new = make_tables(
        [earlier, *FLAGGED[1:3], new_one, FlaggedSuperpixel("FUVB", 180, 1, 240, 1.0)]
    )
    comparison = compare_tables(old, new)
    assert comparison.new_levels == (("FUVA", 180), ("FUVB", 180))
    assert comparison.removed_levels == ()
    levels = {(one.segment, one.high_voltage): one for one in comparison.levels}
    at_150 = levels["FUVA", 150]
    assert at_150.new == ((2400, 490, 8, 2),)
    assert at_150.changed == ((800, 480, 8, 2),)
    assert at_150.removed == ()
    assert at_150.regions == 3
    assert levels["FUVB", 163].removed == ((56, 500, 8, 2),)
    assert levels["FUVB", 163].new == ((8, 480, 8, 2),)
    assert levels["FUVA", 164].changed == ()
    below_150 = sum(level <= 150 for level in LEVELS)
    below_163 = sum(level <= 163 for level in LEVELS)
    assert comparison.count("new") == below_150 + len(LEVELS) + 1
    assert comparison.count("removed") == comparison.count("changed") == below_163
    text = format_comparison("new.fits", "old.fits", comparison)
    assert "new.fits compared with old.fits" in text
    assert "New extension: FUVB 180" in text
    assert "FUVA 150: 3 regions, 1 new, 0 removed, 1 changed" in text
    assert "  changed: LX 800, LY 480, DX 8, DY 2" in text


def test_an_extension_that_is_gone_is_named():
    old = make_tables(FLAGGED)
    new = {level: regions for level, regions in old.items() if level != ("FUVA", 163)}
    comparison = compare_tables(old, new)
    assert comparison.removed_levels == (("FUVA", 163),)
    assert (comparison.count("removed"), comparison.count("new")) == (2, 0)
    assert "Removed extension: FUVA 163" in format_comparison("n", "o", comparison)


def test_a_long_list_of_regions_is_cut():
    flagged = [FlaggedSuperpixel("FUVA", 0, x, 240, 57000.0) for x in range(205)]
    text = format_comparison("n", "o", compare_tables(make_tables([]), make_tables(flagged)))
    assert "FUVA 0: 205 regions, 205 new" in text
    assert "  5 more new" in text


def test_ascii_tables_of_earlier_files_can_be_read(tmp_path):
    columns = [fits.Column("DATE", "D25.17", array=np.array([57000.5]))]
    values = {"LX": 8, "LY": 480, "DX": 8, "DY": 2, "DQ": 8192}
    columns += [fits.Column(name, "I11", array=np.array([one])) for name, one in values.items()]
    table = fits.TableHDU.from_columns(columns)
    table.header["SEGMENT"], table.header["HVLEVELA"] = "FUVA", 163
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "old.fits")
    tables = read_tables(tmp_path / "old.fits")
    assert list_rows(tables["FUVA", 163]) == [(57000.5, 8, 480, 8, 2, 8192)]


@pytest.mark.parametrize("content", [b"", b"no FITS file", None])
def test_a_file_that_is_no_gain_sag_table_says_so(tmp_path, content):
    path = tmp_path / "gsag.fits"
    if content is None:
        fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((2, 2)))]).writeto(path)
    else:
        path.write_bytes(content)
    with pytest.raises(FitsError, match=r"gsag\.fits cannot be read"):
        read_tables(path)
