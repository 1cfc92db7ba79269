"""The columns of `observations` that join the instruments, from headers of each of them."""

from pathlib import Path

import pytest

from hstql_assets.headers.light_path import describe_light_path
from hstql_assets.headers.summary import summarize
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import parse_filename
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.fits.header import Header

KEY = "jobs01aaq"


def headers(filetype: str, *hdus: dict[str, object]) -> FileHeaders:
    made = tuple(Header(number, values) for number, values in enumerate(hdus))
    return FileHeaders(f"{KEY}_{filetype}.fits", filetype, made)


def columns(*files: FileHeaders) -> dict[str, object]:
    return summarize(KEY, files).columns


def summarize_real(archive: Path, rootname: str) -> dict[str, object]:
    products = DirectoryArchive(archive).list_products([rootname])[rootname]
    files = [
        read_headers(Path(product.location), parse_filename(product.filename).filetype)
        for product in products
    ]
    return summarize(rootname, files).columns


@pytest.mark.parametrize(
    ("single", "first", "second", "expected"),
    [
        (None, "F606W", "CLEAR2L", "F606W"),
        (None, "CLEAR1L", "F435W", "F435W"),
        (None, "F606W", "POL0V", "F606W;POL0V"),
        (None, "CLEAR1S", "CLEAR2S", "CLEAR"),
        (None, "F140LP", "N/A", "F140LP"),
        (None, "F140LP", None, "F140LP"),
        ("F130N", None, None, "F130N"),
        ("Clear", None, None, "CLEAR"),
        ("Long_Pass", None, None, "Long_Pass"),
        ("N/A", None, None, None),
        (None, "N/A", "N/A", None),
        (None, None, None, None),
    ],
)
def test_the_light_path_is_what_filters_are_in_it(
    single: str | None, first: str | None, second: str | None, expected: str | None
) -> None:
    assert describe_light_path(single, first, second) == expected


@pytest.mark.parametrize(
    ("rootname", "expected"),
    [
        (
            "jbz504eoq",
            {"filter": "F165LP", "filter1": "F165LP", "filter2": "N/A", "visit": "04",
             "association": None, "is_subarray": False, "date_obs": "2012-09-27",
             "exp_end_mjd": 56197.85276325, "ccd_gain": None},
        ),
        (
            "ibxy01z8q",
            {"filter": "F130N", "filter1": None, "visit": "01", "association": "ibxy01010",
             "is_subarray": True, "ccd_gain": 2.5, "ccd_amp": "ABCD", "date_obs": "2012-09-27",
             "exp_end_mjd": 56197.00894478, "aperture": "GRISM256"},
        ),
        (
            "obri05010",
            {"filter": "CLEAR", "filter2": None, "visit": "05", "association": "obri05010",
             "is_subarray": True, "ccd_gain": 4.0, "ccd_amp": "D", "date_obs": "2013-03-15",
             "exp_end_mjd": 56366.45465359},
        ),
        (
            "ldfd01vnq",
            {"filter": None, "visit": "01", "association": "ldfd01010", "is_subarray": True,
             "ccd_gain": None, "date_obs": "2017-06-30", "exp_end_mjd": 57934.22135054},
        ),
        ("jbz504elq", {"association": "jbz504020", "visit": "04", "filter": "F115LP"}),
        ("jbz504010", {"association": "jbz504010", "visit": "04", "filter": None}),
        ("ldxe02010", {"association": "ldxe02010", "visit": "02", "date_obs": None}),
    ],
)  # fmt: skip
def test_a_real_observation_has_these_columns(
    rootname: str, expected: dict[str, object], real_archive: Path
) -> None:
    found = summarize_real(real_archive, rootname)
    assert {name: found[name] for name in expected} == expected


def test_no_association_is_none_and_a_name_is_in_lower_case() -> None:
    assert columns(headers("raw", {"ASN_ID": "NONE"}))["association"] is None
    assert columns(headers("raw", {"ASN_ID": "JOBS01010"}))["association"] == "jobs01010"
    assert columns(headers("raw", {}))["association"] is None


def test_support_files_know_the_association_where_nothing_else_is_left() -> None:
    raw, jit = headers("raw", {"ASN_ID": "NONE"}), headers("jit", {"ASN_ID": "jobs01020"})
    assert columns(jit)["association"] == "jobs01020"
    assert columns(jit, headers("raw", {}))["association"] == "jobs01020"
    assert columns(jit, raw)["association"] is None
    assert columns(headers("wav", {"ASN_ID": "JOBS01030"}))["association"] is None


def test_the_end_is_that_of_the_last_exposure_of_the_most_trusted_file() -> None:
    x1d = headers("x1d", {}, {"EXPEND": 59000.5}, {"EXPEND": 59000.75}, {"EXPEND": None})
    raw = headers("raw", {"EXPEND": 59001.0})
    assert columns(raw, x1d)["exp_end_mjd"] == 59000.75
    assert columns(raw)["exp_end_mjd"] == 59001.0
    assert columns(headers("raw", {"EXPEND": "soon"}))["exp_end_mjd"] is None


def test_the_day_is_as_the_header_has_it_whatever_it_is_called() -> None:
    tag = headers("tag", {"TDATEOBS": "2019-06-09"})
    assert columns(tag)["date_obs"] == "2019-06-09"
    both = headers("raw", {"TDATEOBS": "2019-06-09"}, {"DATE-OBS": "2019-06-10"})
    assert columns(both)["date_obs"] == "2019-06-10"
    assert columns(headers("raw", {"DATE-OBS": "0000-00-00"}))["date_obs"] == "0000-00-00"


def test_the_visit_is_read_from_the_rootname_where_no_header_says_it() -> None:
    assert columns(headers("raw", {}))["visit"] == "01"
    assert columns(headers("raw", {"OBSET_ID": "1E"}))["visit"] == "1E"


def test_a_filter_of_one_file_is_not_mixed_with_that_of_another() -> None:
    found = columns(headers("flt", {"FILTER1": "F606W", "FILTER2": "CLEAR2L"}),
                    headers("raw", {"FILTER1": "F814W", "FILTER2": "POL0V"}))  # fmt: skip
    assert (found["filter"], found["filter1"], found["filter2"]) == ("F606W", "F606W", "CLEAR2L")


def test_a_text_that_no_column_can_hold_is_left_out() -> None:
    assert columns(headers("raw", {"FILTER": "F\0W", "CCDAMP": "\0"}))["filter"] is None
