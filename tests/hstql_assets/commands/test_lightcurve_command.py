"""One lightcurve of files or of a rootname, without a database and without a home."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits

from builders.commands import call
from hstql_assets.commands.completion import find_extractions
from hstql_assets.lightcurves.table import read_curve_table

TWO, ONE = "ls000101q", "ls000103q"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def files(tmp_path: Path, simulated: Path) -> Path:
    """A folder with the files of two exposures, one of them of both segments."""
    folder = tmp_path / "files"
    folder.mkdir()
    for path in (path for name in (TWO, ONE) for path in simulated.glob(f"{name}_*.fits")):
        shutil.copyfile(path, folder / path.name)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the command; there is no home, and nothing else is written."""

    def start(*words: str | Path, **environment: str) -> tuple[int, str, str]:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        home = {"HSTQL_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": "/usr/bin"}
        done = call(["lightcurve", *map(str, words)], {**home, **environment}, work)
        assert not (tmp_path / "home").exists()
        return done.returncode, done.stdout, done.stderr

    return start


def test_one_band_of_both_segments_with_what_lies_beside(
    run: Run, files: Path, tmp_path: Path
) -> None:
    first = files / f"{TWO}_corrtag_a.fits"
    words = (first, "--bin", "5", "--wave", "1250", "1300", "--output", "band.fits")
    status, said, errors = run(*words)
    assert (status, errors) == (0, "")
    assert said.startswith("band.fits: FUVA, FUVB, ")
    path = tmp_path / "work" / "band.fits"
    table = read_curve_table(path)
    assert table.bin_s == 5
    assert table.is_flux_calibrated
    assert table.header["XRATIO"] == pytest.approx(1, abs=1e-6)
    assert [table.header[f"INFILE{i}"] for i in (1, 2, 3)] == [
        f"{TWO}_corrtag_a.fits", f"{TWO}_corrtag_b.fits", f"{TWO}_x1d.fits",
    ]  # fmt: skip
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    status, _, errors = run(*words)
    assert status == 2
    assert errors.startswith("Error: band.fits is there already: --force writes over it.")
    assert run(*words, "--force")[0] == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [one.name for one in path.parent.iterdir()] == ["band.fits"]


def test_only_what_is_given_without_an_x1d_is_counts(run: Run, files: Path, tmp_path: Path) -> None:
    status, said, _ = run(files / f"{TWO}_corrtag_b.fits", "--alone", "--wave", "1250", "1280")
    assert status == 0
    assert "FUVB, " in said
    assert "no flux, for there is no x1d" in said
    with fits.open(tmp_path / "work" / f"{TWO}_curve.fits") as hdus:
        assert (hdus[0].header["FLUXCAL"], hdus[0].header["WLIMMIN"]) == (False, 1250)


def test_an_extraction_by_its_name_and_what_is_changed_of_it(
    run: Run, files: Path, tmp_path: Path
) -> None:
    assert run(files / f"{TWO}_x1d.fits", "--name", "C2", "--target-sn", "5")[0] == 0
    header = fits.getheader(tmp_path / "work" / f"{TWO}_c2_curve.fits")
    assert (header["EXTRACT"], header["TARGETSN"], header["WINMIN1"]) == ("c2", 5, 1334.087)
    assert header["BANDFLUX"] > 5 * header["BFLUXERR"]


def test_a_rootname_is_found_in_the_archive(run: Run, files: Path, tmp_path: Path) -> None:
    status, said, _ = run(ONE.upper(), "--keep-airglow", HSTQL_ARCHIVE=str(files))
    assert (status, said.split(":")[0]) == (0, f"{ONE}_curve.fits")
    assert fits.getheader(tmp_path / "work" / f"{ONE}_curve.fits")["NOAIRGLW"] is False


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 2, "Missing argument 'ROOTNAME|FILE...'."),
        (("none_corrtag.fits",), 2, "There is no file none_corrtag.fits."),
        ((TWO, ONE), 2, "Give one rootname, or the files of one exposure."),
        (("A", "B"), 2, "These are files of ls000101q and ls000103q: give one exposure."),
        (("A", "--name", "c22"), 2, "There is no extraction 'c22'. Did you mean c2?"),
        (("A", "--bin", "-1"), 2, "bin_s is -1.0: give a width of more than 0 seconds."),
        (("A", "--night", "--day"), 2, "give --night or --day."),
        (("A", "--output", "no/x.fits"), 2, "There is no folder no."),
        (("A", "--output", "."), 2, ". is a folder: give the name of a file with --output."),
        (("A", "--wave", "3000", "3100"), 1, "has no good column from 3000 to 3100 Angstrom"),
        (("lzzz00zzq",), 1, "There is no corrtag of lzzz00zzq in the home or the archive."),
        (("BAD",), 1, "Unreadable: "),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    run: Run, files: Path, tmp_path: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    (files / "lbad00aaq_corrtag_a.fits").write_bytes(b"no FITS")
    given = {
        "A": files / f"{TWO}_corrtag_a.fits", "B": files / f"{ONE}_corrtag_a.fits",
        "BAD": files / "lbad00aaq_corrtag_a.fits",
    }  # fmt: skip
    found, output, errors = run(
        *(given.get(word, word) for word in words), HSTQL_ARCHIVE=str(files)
    )
    assert (found, output) == (status, "")
    assert errors.startswith("Error: ")
    assert said in errors
    assert errors.count("\n") == 1
    assert list((tmp_path / "work").iterdir()) == []


def test_names_of_extractions_are_completed() -> None:
    assert find_extractions("si") == ["si4"]
    assert find_extractions("continuum") == ["continuum-1340", "continuum-1410"]
