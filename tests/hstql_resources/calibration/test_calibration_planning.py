"""Which exposures are calibrated together, from which files, and what is expected of it."""

import gzip
import pickle
import random
from pathlib import Path

import pytest

from builders.calibration_files import hold, plan, write_raw, write_table
from builders.places import REAL_ARCHIVE
from hstql_resources.calibration.planning import plan_units
from hstql_resources.calibration.units import Fault


def test_the_two_segments_of_an_exposure_are_one_run(tmp_path: Path) -> None:
    for segment in "ab":
        write_raw(tmp_path, f"ldfd01vnq_rawtag_{segment}.fits", DETECTOR="FUV")
    (tmp_path / "ldfd01vnq_spt.fits").write_text("support")
    (tmp_path / "ldfd01vnq_corrtag_a.fits").write_text("of an earlier run")
    (unit,) = plan(tmp_path, "ldfd01vnq").units
    assert unit.entry == "ldfd01vnq_rawtag_a.fits"
    assert [path.name for path in unit.raws] == [f"ldfd01vnq_rawtag_{s}.fits" for s in "ab"]
    assert {path.name for path in unit.inputs} == {
        "ldfd01vnq_rawtag_a.fits", "ldfd01vnq_rawtag_b.fits", "ldfd01vnq_spt.fits",
    }  # fmt: skip
    assert {name for names in unit.expected for name in names} == {
        f"ldfd01vnq_{kind}_{s}.fits" for kind in ("corrtag", "flt", "counts") for s in "ab"
    } | {"ldfd01vnq_x1d.fits"}
    assert unit.memory_bytes > 1_300_000_000
    assert pickle.loads(pickle.dumps(unit)) == unit


def test_a_plain_file_wins_over_the_same_gzipped_and_a_gzipped_one_will_do(tmp_path: Path) -> None:
    path = write_raw(tmp_path, "ldfd01vnq_rawtag.fits")
    packed = tmp_path / "ldfd01vnq_rawtag.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    plain_unit = plan(tmp_path, "ldfd01vnq").units[0]
    assert plain_unit.raws == (path,)
    path.unlink()
    unit = plan(tmp_path, "ldfd01vnq").units[0]
    assert (unit.raws, unit.entry) == ((packed,), "ldfd01vnq_rawtag.fits")
    assert unit.memory_bytes == plain_unit.memory_bytes


def test_images_and_switches_that_are_off_expect_no_spectrum(tmp_path: Path) -> None:
    write_raw(tmp_path, "ldfd01vaq_rawtag.fits", OBSTYPE="IMAGING")
    write_raw(tmp_path, "ldfd01vbq_rawtag.fits", X1DCORR="OMIT", FLATCORR="PERFORM")
    write_raw(tmp_path, "ldfd01vcq_rawacq.fits", OBSTYPE="IMAGING", EXPTYPE="ACQ/IMAGE")
    units = plan(tmp_path, "ldfd01vaq", "ldfd01vbq", "ldfd01vcq").units
    expected = {unit.name: {names[0][10:-5] for names in unit.expected} for unit in units}
    assert expected == {
        "ldfd01vaq": {"corrtag", "flt", "counts"},
        "ldfd01vbq": {"corrtag", "flt", "counts"},
        "ldfd01vcq": {"flt", "counts"},
    }


@pytest.mark.parametrize(
    ("name", "keywords", "reason"),
    [
        ("ldfd01vnq_rawacq.fits", {"EXPTYPE": "ACQ/PEAKD"}, "type ACQ/PEAKD are not"),
        ("ldfd01vnq_rawacq.fits", {"EXPTYPE": "ACQ/PEAKXD"}, "type ACQ/PEAKXD are not"),
        ("ldfd01vnq_rawtag.fits", {"X1DCORR": "OMIT"}, "None of its calibration switches"),
        ("octr11hrq_raw.fits", {"OBSMODE": "ACQ/PEAK"}, "mode ACQ/PEAK are not"),
    ],
)
def test_there_is_nothing_to_make_of_what_no_pipeline_calibrates(
    tmp_path: Path, name: str, keywords: dict[str, str], reason: str
) -> None:
    write_raw(tmp_path, name, **keywords)
    planned = plan(tmp_path, name[:9])
    assert (planned.units, planned.faults) == ((), ())
    assert reason in planned.nothing[name[:9]]


def test_an_association_is_one_run_for_its_members_too(tmp_path: Path) -> None:
    for name in ("ldfd01vnq", "ldfd01vpq", "ldfd02aaq"):
        write_raw(tmp_path, f"{name}_rawtag.fits")
    write_table(tmp_path, "ldfd01010", ldfd01vnq="EXP-FP", ldfd01vpq="EXP-FP", ldfd01010="PROD-FP")
    units = plan(tmp_path, "ldfd01vnq", "ldfd02aaq", "ldfd01010").units
    assert [unit.name for unit in units] == ["ldfd01010", "ldfd02aaq"]
    assert units[0].entry == "ldfd01010_asn.fits"
    assert units[0].makes == ("ldfd01010", "ldfd01vnq", "ldfd01vpq")
    assert ("ldfd01010_x1dsum.fits",) in units[0].expected
    assert ("ldfd01vpq_corrtag.fits",) in units[0].expected


def test_an_association_without_all_its_members_names_those_that_lack(tmp_path: Path) -> None:
    write_raw(tmp_path, "ldfd01vnq_rawtag.fits")
    write_table(tmp_path, "ldfd01010", ldfd01vnq="EXP-FP", ldfd01vpq="EXP-FP", ldfd01010="PROD-FP")
    planned = plan(tmp_path, "ldfd01010", "ldfd01vnq")
    assert planned.faults == (
        Fault(
            "ldfd01010",
            "Association ldfd01010 cannot be calibrated: there is no raw file of ldfd01vpq.",
            ("ldfd01vpq",),
        ),
    )
    assert [unit.name for unit in planned.units] == ["ldfd01vnq"]


def test_an_exposure_without_flashes_is_run_with_its_wavecals(tmp_path: Path) -> None:
    write_raw(tmp_path, "ldfd01vnq_rawtag.fits", TAGFLASH="NONE", ASN_ID="LDFD01010",
              WAVECORR="PERFORM")  # fmt: skip
    no_table = plan(tmp_path, "ldfd01vnq")
    assert (no_table.units, no_table.faults[0].lacks) == ((), ("ldfd01010",))

    write_table(tmp_path, "ldfd01010", ldfd01vnq="EXP-FP", ldfd01vpq="EXP-AWAVE",
                ldfd01vrq="EXP-FP", ldfd01010="PROD-FP")  # fmt: skip
    no_wavecal = plan(tmp_path, "ldfd01vnq")
    assert (no_wavecal.units, no_wavecal.faults[0].lacks) == ((), ("ldfd01vpq",))

    write_raw(tmp_path, "ldfd01vpq_rawtag.fits", TAGFLASH="NONE", EXPTYPE="WAVECAL")
    (unit,) = plan(tmp_path, "ldfd01vnq").units
    assert unit.entry == "ldfd01vnq_asn.fits"
    assert [(m.rootname, m.memtype) for m in unit.generated_members] == [
        ("ldfd01vnq", "EXP-FP"),
        ("ldfd01vpq", "EXP-AWAVE"),
    ]
    assert unit.makes == ("ldfd01vnq",)
    assert [path.name[:9] for path in unit.raws] == ["ldfd01vnq", "ldfd01vpq"]


def test_a_wavecal_of_two_associations_is_kept_from_one_run_only(tmp_path: Path) -> None:
    for name in ("ldfd01vnq", "ldfd01vpq", "ldfd01vrq"):
        write_raw(tmp_path, f"{name}_rawtag.fits")
    write_table(tmp_path, "ldfd01010", ldfd01vnq="EXP-FP", ldfd01vrq="EXP-AWAVE")
    write_table(tmp_path, "ldfd01020", ldfd01vpq="EXP-FP", ldfd01vrq="EXP-AWAVE")
    makes = [unit.makes for unit in plan(tmp_path, "ldfd01010", "ldfd01020").units]
    assert makes == [("ldfd01010", "ldfd01vnq", "ldfd01vrq"), ("ldfd01020", "ldfd01vpq")]


def test_cameras_expect_images_corrected_for_charge_transfer_where_asked(tmp_path: Path) -> None:
    usual = {"OBSTYPE": "IMAGING", "DETECTOR": "WFC", "FLATCORR": "PERFORM"}
    write_raw(tmp_path, "jbz504ejq_raw.fits", PCTECORR="PERFORM", **usual)
    write_raw(tmp_path, "jbz504ekq_raw.fits", PCTECORR="OMIT", **usual)
    write_table(tmp_path, "jbz504010", jbz504ejq="EXP-CRJ", jbz504ekq="EXP-CRJ",
                jbz504011="PROD-CRJ", jbz504010="PROD-DTH")  # fmt: skip
    (unit,) = plan(tmp_path, "jbz504010").units
    assert unit.expected == (
        ("jbz504ejq_flt.fits",),
        ("jbz504ejq_flc.fits",),
        ("jbz504ekq_flt.fits",),
        ("jbz504011_crj.fits", "jbz504011_crc.fits"),
    )
    assert "jbz504011" in unit.makes


def test_stis_starts_from_the_raw_file_even_of_an_association(tmp_path: Path) -> None:
    write_raw(tmp_path, "odlm18040_raw.fits", DETECTOR="FUV-MAMA")
    write_table(tmp_path, "odlm18040", odlm18ftq="SCIENCE", odlm18040="PRODUCT")
    for kind in ("wav", "spt", "tag"):
        (tmp_path / f"odlm18040_{kind}.fits").write_text(kind)
    (unit,) = plan(tmp_path, "odlm18040").units
    assert unit.entry == "odlm18040_raw.fits"
    assert {path.name[10:13] for path in unit.inputs} == {"raw", "wav", "spt"}
    assert ("odlm18040_x1d.fits", "odlm18040_sx1.fits") in unit.expected


@pytest.mark.parametrize("name", ["ldfd01vnq_rawtag.fits", "ldfd01vnq_rawtag.fits.gz"])
def test_a_raw_file_that_cannot_be_read_is_a_fault_of_that_exposure(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"not FITS")
    write_raw(tmp_path, "ldfd02vnq_rawtag.fits")
    planned = plan(tmp_path, "ldfd01vnq", "ldfd02vnq", "ldfd03vnq")
    assert [unit.name for unit in planned.units] == ["ldfd02vnq"]
    sentences = {fault.name: fault.sentence for fault in planned.faults}
    assert f"{name} cannot be read" in sentences["ldfd01vnq"]
    assert sentences["ldfd03vnq"] == "There is no raw file of ldfd03vnq."


def test_a_gzip_that_is_cut_after_its_header_is_a_fault(tmp_path: Path) -> None:
    path = write_raw(tmp_path, "ldfd01vnq_rawtag.fits")
    noise = random.Random(1).randbytes(100_000)
    packed = gzip.compress(path.read_bytes() + noise)
    path.unlink()
    (tmp_path / "ldfd01vnq_rawtag.fits.gz").write_bytes(packed[:-20_000])
    planned = plan(tmp_path, "ldfd01vnq")
    assert planned.units == ()
    assert "ldfd01vnq_rawtag.fits.gz cannot be read" in planned.faults[0].sentence


def test_a_broken_association_table_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "ldfd01010_asn.fits").write_bytes(b"no table")
    planned = plan(tmp_path, "ldfd01010")
    assert "cannot be read as an association table" in planned.faults[0].sentence


@pytest.mark.skipif(not REAL_ARCHIVE.is_dir(), reason="the real files are not here")
def test_real_tables_of_acs_and_cos_are_read() -> None:
    cos = plan_units("cos", ["ldfd01010"], hold(REAL_ARCHIVE / "ldfd" / "ldfd01010"))
    assert cos.faults[0].lacks == ("ldfd01vnq", "ldfd01vpq", "ldfd01vrq", "ldfd01vtq")
    acs = plan_units("acs", ["jbz504010"], hold(REAL_ARCHIVE / "jbz5" / "jbz504010"))
    assert acs.faults[0].lacks == ("jbz504ejq", "jbz504ekq")
