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
    stored_name,
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


@pytest.mark.parametrize(
    "name",
    [
        "LD9M10UJQ_X1D.FITS",
        "LD9M10UJQ_x1d.fits.gz",
        "ld9m10ujq_x1d.fits.fz",
        "ld9m10ujq_X1D.FITS.GZ",
    ],
)
def test_case_and_packing_make_no_other_file(name: str) -> None:
    assert parse_filename(name) == parse_filename("ld9m10ujq_x1d.fits")


@pytest.mark.parametrize(
    "name",
    [
        "ld9m10ujq_1_corrtag_a.fits", "ld9m10ujq_3_1_corrtag_a.fits", "ib6o03n9q_sci1_crmask.fits",
        "ld9m10ujq_x1d (1).fits", "ld9m10ujq_x1d-old.fits", "ld9m10ujq_corrtag_a.bak.fits.gz",
        "o3zx02070_x1f.fits", "j6gp01lzq_blv_tmp.fits", "ibxy01z8q_single_sci.fits",
        "ld9m10ujq_flat.fits", "ld9m10ujq_ima.fits", "odbue5030_rawtag_a.fits",
        "j8bt05njq_tag.fits",
    ],
)  # fmt: skip
def test_what_is_no_type_of_the_archive_is_other(name: str) -> None:
    parsed = parse_filename(name)
    assert parsed is not None
    assert (parsed.rootname, parsed.filetype, parsed.kind) == (name[:9], "other", "raw")
    assert parsed.name == name.lower().removesuffix(".gz")


@pytest.mark.parametrize(
    "name",
    [
        "o481727ao_lfl.fits", "xyz1234ml_flat.fits", "l2j0137to_drk.fits", "q9e1206kj_bia.fits.gz",
        "24914347l_lamp.fits.gz", "03P1706JL_WCP.FITS", "i9s1234kl_spwcs.fits",
        "o9a1234ao_pht.fits",
    ],
)  # fmt: skip
def test_reference_files_are_known_by_name(name: str) -> None:
    parsed = parse_filename(name)
    assert parsed is not None
    assert (parsed.filetype, parsed.kind) == ("reference", "reference")


def test_tables_have_names_without_packing_in_lower_case() -> None:
    for name in ("A_X1D.FITS.GZ", "a_x1d.fits.fz", "a_x1d.fits"):
        assert stored_name(name) == "a_x1d.fits"
    assert stored_name("a_x1d.fits.gz.tmp") == "a_x1d.fits.gz.tmp"


def test_what_stands_beside_the_fits_files_is_known_as_such() -> None:
    parsed = parse_filename("ls000101q_truth.json")
    assert parsed is not None
    assert not parsed.is_fits


@pytest.mark.parametrize(
    "name",
    [
        "", "README.md", "ld9m10ujq.fits", "ld9m10uj_x1d.fits", "ld9m10ujq_.fits",
        "ld9m10ujq_x1d.fits.gz.tmp", ".ld9m10ujq_x1d.fits", "9d9m10ujq_x1d.fits",
        "ld9m10ujq_x1d.fits\n", "ld9m10ujq_../x1d.fits", "ld9m10ujq_x1d.fit",
        "ld9m10ujq_x\n1d.fits", "ld9m10ujq_..\\x1d.fits", "ullyses_cos_nuv_disp.fits",
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
