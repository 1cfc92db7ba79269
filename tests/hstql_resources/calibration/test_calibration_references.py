"""Which reference files a run needs, and what is said when they are nowhere."""

import gzip
import time
from pathlib import Path

import pytest
from astropy.io import fits

from builders.calibration_files import FakeCalacs, hold, plan, write_raw
from builders.places import REAL_ARCHIVE
from hstql_resources.calibration.errors import MissingReferencesError
from hstql_resources.calibration.planning import plan_units
from hstql_resources.calibration.reference_files import (
    ReferenceSet,
    assemble_references,
    wanted_references,
)
from hstql_resources.calibration.running import run_pipeline


@pytest.mark.skipif(not REAL_ARCHIVE.is_dir(), reason="the real files are not here")
def test_a_real_raw_file_lists_all_its_missing_reference_files_at_once() -> None:
    started = time.process_time()
    planned = plan_units("cos", ["ldfd01vnq"], hold(REAL_ARCHIVE / "ldfd" / "ldfd01vnq"))
    error = assemble_references(planned.units, lambda _value: None)["ldfd01vnq"]
    assert time.process_time() - started < 30.0  # 0.2 s where nothing else runs
    assert isinstance(error, MissingReferencesError)
    assert str(error).startswith(
        "ldfd01vnq needs 20 reference files that are nowhere: 14o2013ql_xwalk.fits (XWLKFILE), "
        "14o2013rl_ywalk.fits (YWLKFILE), 23e16470l_gsag.fits (GSAGTAB), "
    )
    assert str(error).endswith(
        "zas1615jl_spot.fits (SPOTTAB). Put them into the folder that lref names, or set CRDS_PATH "
        "and let crds choose them."
    )


def header(**keywords: object) -> fits.Header:
    usual = {"OBSTYPE": "SPECTROSCOPIC", "OBSMODE": "TIME-TAG", "DETECTOR": "FUV"}
    return fits.Header(usual | keywords)


@pytest.mark.parametrize(
    ("keywords", "wanted"),
    [
        ({"FLATFILE": "lref$f.fits", "FLATCORR": "PERFORM"}, {"FLATFILE"}),
        ({"FLATFILE": "lref$f.fits", "FLATCORR": "OMIT"}, set()),
        ({"FLATFILE": "N/A", "FLATCORR": "PERFORM"}, set()),
        ({"BRFTAB": "lref$b.fits"}, {"BRFTAB"}),
        ({"BRFTAB": "lref$b.fits", "DETECTOR": "NUV"}, set()),
        ({"TWOZXTAB": "lref$z.fits", "XTRCTALG": "BOXCAR"}, set()),
        ({"TWOZXTAB": "lref$z.fits", "XTRCTALG": "TWOZONE"}, {"TWOZXTAB"}),
        ({"LAMPTAB": "lref$l.fits", "WAVECORR": "PERFORM"}, {"LAMPTAB"}),
        ({"LAMPTAB": "lref$l.fits", "WAVECORR": "PERFORM", "OBSTYPE": "IMAGING"}, set()),
        ({"TDSTAB": "lref$t.fits", "TDSCORR": "PERFORM", "FLUXCORR": "OMIT"}, set()),
        ({"TDSTAB": "lref$t.fits", "TDSCORR": "PERFORM", "FLUXCORR": "PERFORM"}, {"TDSTAB"}),
        (
            {"PHATAB": "lref$p.fits", "PHAFILE": "lref$i.fits", "PHACORR": "PERFORM"},
            {"PHAFILE"},
        ),
        ({"PHATAB": "lref$p.fits", "PHAFILE": "N/A", "PHACORR": "PERFORM"}, {"PHATAB"}),
        ({"NEWTAB": "lref$n.fits"}, {"NEWTAB"}),
    ],
)
def test_cos_needs_what_its_switches_use(keywords: dict[str, str], wanted: set[str]) -> None:
    assert set(wanted_references("cos", header(**keywords))) == wanted


def test_the_cameras_do_not_need_what_only_the_drizzle_program_reads() -> None:
    raw = header(
        BIASFILE="jref$b.fits", BIASCORR="PERFORM", DARKFILE="jref$d.fits", DARKCORR="OMIT",
        IDCTAB="jref$i.fits", GRAPHTAB="mtab$g.fits", CCDTAB="jref$c.fits",
    )  # fmt: skip
    assert wanted_references("acs", raw) == {"BIASFILE": "jref$b.fits", "CCDTAB": "jref$c.fits"}


def test_each_value_is_looked_for_once_and_one_lack_concerns_one_unit(tmp_path: Path) -> None:
    usual = {"BADTTAB": "lref$badt.fits", "BADTCORR": "PERFORM"}
    write_raw(tmp_path, "ldfd01vnq_rawtag.fits", **usual)
    write_raw(tmp_path, "ldfd01vpq_rawtag.fits", FLATFILE="lref$no.fits", FLATCORR="PERFORM",
              **usual)  # fmt: skip
    asked = []

    def find(value: str) -> Path | None:
        asked.append(value)
        return None if "no.fits" in value else tmp_path / "badt.fits"

    sets = assemble_references(plan(tmp_path, "ldfd01vnq", "ldfd01vpq").units, find)
    assert sets["ldfd01vnq"] == ReferenceSet({"badt.fits": tmp_path / "badt.fits"})
    assert "needs a reference file that is nowhere: no.fits (FLATFILE)." in str(sets["ldfd01vpq"])
    assert sorted(asked) == ["lref$badt.fits", "lref$no.fits"]


def test_a_choice_goes_before_the_header_and_into_the_copy_only(
    calacs: FakeCalacs, tmp_path: Path
) -> None:
    raw = calacs.folder / "raw"
    write_raw(raw, "j8bt05njq_raw.fits", BIASFILE="jref$old.fits", BIASCORR="PERFORM",
              FLATCORR="OMIT", DARKFILE="jref$d.fits")  # fmt: skip
    (unit,) = plan(raw, "j8bt05njq").units
    (tmp_path / "new.fits.gz").write_bytes(gzip.compress(b"new bias"))
    choice = {"j8bt05njq_raw.fits": {"BIASFILE": "new.fits", "DARKFILE": "N/A", "NEWTAB": "N/A"}}
    sets = assemble_references([unit], {"jref$new.fits": tmp_path / "new.fits.gz"}.get, choice)
    references = sets["j8bt05njq"]
    assert isinstance(references, ReferenceSet)
    calacs.does(
        "print(open(root + '_raw.fits').read(2880)); make('flt')",
        "print(open(os.environ['jref'] + 'new.fits').read())",
    )
    made = run_pipeline(unit, references, calacs.scratch())
    assert "BIASFILE= 'jref$new.fits'" in made.trailer
    assert "DARKFILE= 'N/A" in made.trailer
    assert "NEWTAB" not in made.trailer
    assert made.trailer.rstrip().endswith("new bias")
    assert fits.getval(unit.raws[0], "BIASFILE") == "jref$old.fits"
