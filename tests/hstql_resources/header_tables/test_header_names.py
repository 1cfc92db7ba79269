"""Names of header tables and their columns: always fit for Postgres, whatever a header says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstql_resources.header_tables.names import (
    FIXED,
    MAX_BYTES,
    column_name,
    index_name,
    table_name,
)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("acs", "WFC", "flt", "SCI", 1), "acs_wfc_flt_sci"),
        (("acs", "WFC", "flt", "SCI", 0), "acs_wfc_flt_primary"),
        (("stis", "FUV-MAMA", "tag", "", 0), "stis_fuv_mama_tag_primary"),
        (("cos", "FUV", "corrtag_a", "EVENTS", 1), "cos_fuv_corrtag_a_events"),
        (("cos", "NUV", "spt", "", 3), "cos_nuv_spt_ext3"),
        (("wfc3", "", "asn", " -- ", 1), "wfc3_unknown_asn_ext1"),
        (
            ("wfc3", "IR", "raw", 'x"; DROP TABLE observations; --', 1),
            "wfc3_ir_raw_x_drop_table_observations",
        ),
    ],
)
def test_a_table_is_named_by_instrument_detector_file_type_and_extension(
    parts: tuple[str, str, str, str, int], name: str
) -> None:
    assert table_name(*parts) == name


@pytest.mark.parametrize(
    ("keyword", "column"),
    [
        ("TARGNAME", "targname"),
        ("DATE-OBS", "date_obs"),
        ("D2IM1.AXIS.1", "d2im1_axis_1"),
        ("ESO DET GAIN", "eso_det_gain"),
        ("2MASS", "2mass"),
        ("SELECT", "select"),
        ("ROOTNAME", "kw_rootname"),
        ("FILENAME", "kw_filename"),
        ("EXT", "kw_ext"),
        ("EXTVER", "kw_extver"),
        ("XMIN", "kw_xmin"),
        ("TABLEOID", "kw_tableoid"),
        ("X" * 63, "x" * 63),
        ("X" * 64, None),
        ('A"B', None),
        ("", None),
        ("A\n", None),
        ("\xc9CLAIR", None),
    ],
)
def test_a_column_is_named_by_its_keyword(keyword: str, column: str | None) -> None:
    assert column_name(keyword) == column


def test_two_long_names_that_begin_alike_stay_apart() -> None:
    names = {table_name("cos", "FUV", "x1dsum", "N" * 60 + end, 1) for end in "AB"}
    assert {len(name) for name in names} == {MAX_BYTES}
    assert len(names) == 2
    assert len({index_name(name, "rootname") for name in names}) == 2


ANYTHING = st.text(st.characters(max_codepoint=0xFF), max_size=100)


@given(ANYTHING, ANYTHING, ANYTHING, st.integers(0, 999))
def test_any_header_gives_a_plain_name(detector: str, filetype: str, ext: str, number: int) -> None:
    name = table_name("acs", detector, filetype, ext, number)
    assert name.startswith("acs_")
    assert len(name) <= MAX_BYTES
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")


@given(ANYTHING)
def test_no_keyword_takes_a_column_that_every_table_has(keyword: str) -> None:
    assert column_name(keyword) not in FIXED
    assert column_name(keyword.upper()) not in FIXED
