"""STIS exposures with odd spectra, references and events, through all steps to the composite."""

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.pipeline import Pipeline
from builders.target_steps import run_targets
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.tables import BadData, Composite, CompositeMember, Lightcurve

FIRST_ORDER, ECHELLE = "os000101q", "os000102q"
REFERENCES = ("pfl", "lfl", "bpx", "lin")


@pytest.fixture(scope="module")
def simulated_stis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a first-order and an echelle exposure, and their references."""
    folder = tmp_path_factory.mktemp("simulated_stis")
    archive = SimulatedArchive(12)
    for products in archive.list_products([FIRST_ORDER, ECHELLE]).values():
        archive.fetch([p for p in products if p.filename.endswith(".fits")], folder)
    for name in REFERENCES:
        assert archive.fetch_reference(f"sim_fuv_{name}.fits", folder)
    return folder


@dataclass(frozen=True)
class Archive:
    """A directory archive that is filled by the tests."""

    root: Path
    simulated: Path

    def add(self, rootname: str, like: str = FIRST_ORDER) -> Path:
        folder = self.root / rootname[:4] / rootname
        folder.mkdir(parents=True)
        for path in sorted(self.simulated.glob(f"{like}_*.fits")):
            shutil.copyfile(path, folder / path.name.replace(like, rootname))
        return folder

    def add_reference(self, folder: Path, keyword: str, name: str) -> Path:
        """Give an exposure a reference of its own; return the file."""
        path = self.root / "references" / f"{folder.name}_{name}.fits"
        shutil.copyfile(self.simulated / f"sim_fuv_{name}.fits", path)
        set_keyword(folder, "tag", keyword, f"oref${path.name}")
        return path


@pytest.fixture
def archive(tmp_path: Path, pipeline: Pipeline, simulated_stis: Path) -> Archive:
    made = Archive(tmp_path / "archive", simulated_stis)
    (made.root / "references").mkdir()
    for name in REFERENCES:
        shutil.copy(simulated_stis / f"sim_fuv_{name}.fits", made.root / "references")
    return made


@pytest.fixture
def stis(pipeline: Pipeline, archive: Archive) -> Pipeline:
    return replace(pipeline, instrument="stis")


def set_keyword(folder: Path, filetype: str, keyword: str, value: object, extension: int = 0):
    fits.setval(folder / f"{folder.name}_{filetype}.fits", keyword, value=value, ext=extension)


def change_spectrum(folder: Path, **columns: object) -> None:
    """Give columns of the x1d other values; a function is given the old ones."""
    with fits.open(folder / f"{folder.name}_x1d.fits", mode="update") as hdus:
        for name, value in columns.items():
            table = hdus[1].data
            table[name] = value(table[name]) if callable(value) else value


def keep_orders(folder: Path, count: int) -> None:
    with fits.open(folder / f"{folder.name}_x1d.fits", mode="update") as hdus:
        hdus[1].data = hdus[1].data[:count]


def in_airglow(waves: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.linspace(1210, 1220, waves.shape[1]), waves.shape)


def put_in_airglow(folder: Path) -> None:
    """Give an exposure a wide slit, and a spectrum that the airglow through it covers."""
    set_keyword(folder, "tag", "APERTURE", "52X2")
    change_spectrum(folder, WAVELENGTH=in_airglow)


Spoil = Callable[[Path], object]


@dataclass(frozen=True)
class Fault:
    """What is done to the files of an exposure, and what becomes of it."""

    spoil: Spoil
    status: str = "made"
    words: tuple[str, ...] = ()
    bad: tuple[str, str] | None = None  # file type and reason
    is_calibrated: bool = True
    like: str = FIRST_ORDER


FAULTS = {
    "x1d without an order": Fault(
        lambda folder: keep_orders(folder, 0),
        "bad", ("without a row", "no spectral order"), ("x1d", "Mismatched x1d"),
    ),
    "x1d of two orders of twenty": Fault(lambda folder: keep_orders(folder, 2), like=ECHELLE),
    "x1d of another grating": Fault(
        lambda folder: set_keyword(folder, "x1d", "OPT_ELEM", "G140M"),
        "bad", ("OPT_ELEM is G140M",), ("x1d", "Mismatched x1d"),
    ),
    "x1d of another exposure": Fault(
        lambda folder: set_keyword(folder, "x1d", "EXPSTART", 51000.0, 1),
        "bad", ("another exposure",), ("x1d", "Mismatched x1d"),
    ),
    "NaN for all wavelengths": Fault(
        lambda folder: change_spectrum(folder, WAVELENGTH=math.nan),
        "bad", ("WAVELENGTH",), ("x1d", "Mismatched x1d"),
    ),
    "NaN for the trace": Fault(
        lambda folder: change_spectrum(folder, EXTRLOCY=math.nan),
        "bad", ("EXTRLOCY",), ("x1d", "Mismatched x1d"), like=ECHELLE,
    ),
    "infinite trace": Fault(
        lambda folder: change_spectrum(folder, EXTRLOCY=math.inf),
        "bad", ("EXTRLOCY",), ("x1d", "Mismatched x1d"), like=ECHELLE,
    ),
    "NaN for NET and FLUX": Fault(
        lambda folder: change_spectrum(folder, NET=math.nan, FLUX=math.nan), is_calibrated=False
    ),
    "NET and FLUX 0": Fault(
        lambda folder: change_spectrum(folder, NET=0.0, FLUX=0.0), is_calibrated=False
    ),
    "NET and FLUX negative": Fault(
        lambda folder: change_spectrum(folder, NET=np.negative, FLUX=np.negative)
    ),
    "wholly in airglow": Fault(
        put_in_airglow,
        "none", ("outside airglow",),
    ),
    "no x1d": Fault(
        lambda folder: (folder / f"{folder.name}_x1d.fits").unlink(), is_calibrated=False
    ),
    "tag is a web page": Fault(
        lambda folder: (folder / f"{folder.name}_tag.fits").write_text("<html>404</html>"),
        "bad", ("tag.fits", "not FITS"), ("tag", "Unreadable"),
    ),
}  # fmt: skip
ROOTNAMES = {name: f"oodd{number:02d}aaq" for number, name in enumerate(FAULTS)}
GOOD = "oodd90aaq"


def test_each_odd_stis_exposure_ends_in_a_row_or_a_right_product(
    stis: Pipeline, archive: Archive
) -> None:
    for name, rootname in ROOTNAMES.items():
        FAULTS[name].spoil(archive.add(rootname, FAULTS[name].like))
    archive.add(GOOD)
    decisions = stis.run(sorted([*ROOTNAMES.values(), GOOD]))
    rows = {row["rootname"]: row for row in stis.rows(Lightcurve)}
    for name, fault in FAULTS.items():
        rootname = ROOTNAMES[name]
        for asset in ("lightcurves", "lightcurve_statistics", "lightcurve_plots"):
            outcome = decisions[asset][rootname]
            assert outcome.status == fault.status, (name, asset, outcome.reason)
            for word in fault.words:
                assert word in outcome.reason, (name, outcome.reason)
        assert (rootname in rows) == (fault.status == "made"), name
        if fault.status == "made":
            assert rows[rootname]["is_flux_calibrated"] == fault.is_calibrated, name
    assert {(row["filename"], row["reason"]) for row in stis.rows(BadData)} == {
        (f"{ROOTNAMES[name]}_{fault.bad[0]}.fits", fault.bad[1])
        for name, fault in FAULTS.items()
        if fault.bad is not None
    }
    check_values(rows)
    check_files(stis, rows)


def check_values(rows: dict[str, dict[str, object]]) -> None:
    good = rows[GOOD]
    same = rows[ROOTNAMES["NET and FLUX negative"]]
    assert same["mean_flux"] == pytest.approx(good["mean_flux"])
    whole = rows[ROOTNAMES["no x1d"]]
    assert not whole["is_background_subtracted"]
    assert whole["gross_counts"] > good["gross_counts"]
    assert all(row["missing_references"] is None for row in rows.values())


def check_files(pipeline: Pipeline, rows: dict[str, dict[str, object]]) -> None:
    for outcomes in run_targets(pipeline).values():
        assert {outcome.status for outcome in outcomes.values()} == {"made"}
    members = {row["rootname"]: row for row in pipeline.rows(CompositeMember)}
    assert members.keys() == rows.keys()
    left_out = {name: row["note"] for name, row in members.items() if row["filename"] is None}
    assert list(left_out) == [ROOTNAMES["no x1d"]]
    assert "wavelength" in str(left_out.popitem()[1])
    assert sum(row["exposures"] for row in pipeline.rows(Composite)) == len(rows) - 1
    for row in (*rows.values(), *pipeline.rows(Composite)):
        with fits.open(str(row["path"]), checksum=True) as hdus:
            hdus.verify("exception")
    assert not [name for name in pipeline.files() if name.startswith("scratch/")]


def spoil_values(path: Path, value: float) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[:] = value


def spoil_tau(path: Path) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[1].data["TAU"] = math.nan


REFERENCE_FAULTS: dict[str, tuple[str, str, Spoil, str]] = {
    "of another grating": (
        "PFLTFILE", "pfl", lambda path: fits.setval(path, "OPT_ELEM", value="E230H"),
        "wrong mode, OPT_ELEM is E230H, not G140L",
    ),
    "of another detector": (
        "LFLTFILE", "lfl", lambda path: fits.setval(path, "DETECTOR", value="NUV-MAMA"),
        "wrong mode, DETECTOR is NUV-MAMA, not FUV-MAMA",
    ),
    "of the CCD": (
        "BPIXTAB", "bpx", lambda path: fits.setval(path, "DETECTOR", value="CCD"),
        "wrong mode, DETECTOR is CCD, not FUV-MAMA",
    ),
    "without a number": ("MLINTAB", "lin", spoil_tau, "TAU is nan s"),
    "all NaN": ("PFLTFILE", "pfl", lambda path: spoil_values(path, math.nan), "no value above 0"),
    "all 0": ("LFLTFILE", "lfl", lambda path: spoil_values(path, 0.0), "no value above 0"),
    "empty": ("PFLTFILE", "pfl", lambda path: path.write_bytes(b""), "cannot be read"),
    "absent": ("PFLTFILE", "pfl", lambda path: path.unlink(), "not found"),
}  # fmt: skip


def test_a_reference_that_does_not_fit_is_named_and_not_used(
    stis: Pipeline, archive: Archive
) -> None:
    names = {f"oref{number:02d}aaq": fault for number, fault in enumerate(REFERENCE_FAULTS)}
    for rootname, fault in names.items():
        keyword, kind, spoil, _ = REFERENCE_FAULTS[fault]
        spoil(archive.add_reference(archive.add(rootname), keyword, kind))
    archive.add(GOOD)
    decisions = stis.run([*names, GOOD])
    rows = {row["rootname"]: row for row in stis.rows(Lightcurve)}
    assert rows[GOOD]["missing_references"] is None
    for rootname, fault in names.items():
        keyword, kind, _, words = REFERENCE_FAULTS[fault]
        assert decisions["lightcurves"][rootname].status == "made", fault
        row = rows[rootname]
        assert row["missing_references"] == f"{keyword}={rootname}_{kind}.fits", fault
        assert row["gross_counts"] == rows[GOOD]["gross_counts"]
        assert row["mean_flux"] == pytest.approx(rows[GOOD]["mean_flux"], rel=0.2), fault
        assert words in fits.getval(str(row["path"]), "MISREF1")
