"""What the names of HST files say."""

import pytest

from hstql_resources.filenames import (
    INSTRUMENTS,
    FileName,
    exposure_of,
    instrument_of,
    is_rootname,
    letter_of,
    parse_filename,
)


@pytest.mark.parametrize(
    ("name", "filetype", "kind"),
    [
        ("ld9m10ujq_corrtag_a.fits", "corrtag_a", "calibrated"),
        ("ldfd01vnq_rawtag_a.fits.gz", "rawtag_a", "raw"),
        ("ldfd01010_x1dsum3.fits", "x1dsum3", "calibrated"),
        ("odlm18040_tag.fits.gz", "tag", "raw"),
        ("ldfd01vlj_jit.fits", "jit", "raw"),
        ("jbz504010_asn.fits", "asn", "raw"),
        ("ldfd01vlq_rawacq.fits", "rawacq", "raw"),
        ("ibxy01z8q_ima.fits", "ima", "calibrated"),
    ],
)
def test_a_file_name_tells_rootname_type_and_kind(name: str, filetype: str, kind: str) -> None:
    parsed = parse_filename(name)
    assert parsed == FileName(name.removesuffix(".gz"), name[:9], filetype, is_fits=True)
    assert parsed.kind == kind


def test_what_stands_beside_the_fits_files_is_known_as_such() -> None:
    parsed = parse_filename("ls000101q_truth.json")
    assert parsed is not None
    assert not parsed.is_fits


@pytest.mark.parametrize(
    "name",
    [
        "", "README.md", "ld9m10ujq.fits", "LD9M10UJQ_x1d.fits", "ld9m10uj_x1d.fits",
        "ld9m10ujq_x1d.fits.gz.tmp", ".ld9m10ujq_x1d.fits", "9d9m10ujq_x1d.fits",
        "ld9m10ujq_x1d.fits\n", "ld9m10ujq_../x1d.fits", "ld9m10ujq_x1d.fit",
    ],
)  # fmt: skip
def test_other_names_are_not_taken_for_those_of_hst_files(name: str) -> None:
    assert parse_filename(name) is None


@pytest.mark.parametrize(
    ("rootname", "instrument"),
    [("ld9m10ujq", "cos"), ("odlm18040", "stis"), ("jbz504010", "acs"), ("ibxy01z8q", "wfc3")],
)
def test_the_first_letter_is_the_instrument(rootname: str, instrument: str) -> None:
    assert is_rootname(rootname)
    assert instrument_of(rootname) == instrument


@pytest.mark.parametrize(
    "text", ["", "l", "nd9m10ujq", "ld9m10uj", "ld9m10ujqq", "LD9M10UJQ", "ld9m1-ujq"]
)
def test_other_texts_are_no_rootnames(text: str) -> None:
    assert not is_rootname(text)


@pytest.mark.parametrize("text", ["", "nd9m10ujq"])
def test_an_unknown_instrument_is_an_error_that_names_the_known_ones(text: str) -> None:
    with pytest.raises(ValueError, match="is not the rootname of cos, stis, acs, wfc3"):
        instrument_of(text)


def test_a_jitter_file_has_the_exposure_s_first_eight_characters() -> None:
    assert exposure_of("ldfd01vlj") == exposure_of("ldfd01vlq") == "ldfd01vl"


@pytest.mark.parametrize("instrument", INSTRUMENTS.values())
def test_the_letter_of_an_instrument_makes_rootnames_of_it(instrument: str) -> None:
    assert instrument_of(f"{letter_of(instrument)}dfd01vlq") == instrument
