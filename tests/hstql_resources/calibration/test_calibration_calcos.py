"""Real CalCOS on generated raw exposures: an association, an exposure with a wavecal, a failure."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import pytest
from astropy.io import fits

from builders.calibration_files import hold, plan, write_table
from builders.raw_exposures import (
    write_association,
    write_raw_exposure,
    write_references,
)
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure, locate, make_exposure
from hstql_resources.calibration.calibrating import calibrate_all
from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.reference_files import ReferenceSet, assemble_references
from hstql_resources.calibration.running import Calibrated, run_pipeline
from hstql_resources.calibration.units import CalibrationUnit, Plan
from hstql_resources.filesystem import Filesystem

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("calcos") is None, reason="CalCOS is not installed"
)
DURATION_S = 120.0


@pytest.fixture(scope="module")
def lref(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference files of both exposures of the visit."""
    folder = tmp_path_factory.mktemp("lref")
    write_references([expose(0), expose(1)], folder)
    return folder


def expose(number: int) -> RawExposure:
    return make_exposure(3, locate(0, "NUV", number), DURATION_S, is_member=True)


def find_references(planned: Plan, lref: Path) -> Mapping[str, ReferenceSet | CalibrationError]:
    def find(value: str) -> Path | None:
        path = lref / value.removeprefix("lref$")
        return path if path.is_file() else None

    return assemble_references(planned.units, find)


@pytest.fixture(scope="module")
def association(
    tmp_path_factory: pytest.TempPathFactory, lref: Path
) -> tuple[Calibrated, Path, Filesystem, dict[Path, bytes]]:
    """An association that was calibrated and whose products were moved, and its raw files."""
    raw, filesystem = tmp_path_factory.mktemp("raw"), Filesystem(tmp_path_factory.mktemp("home"))
    name = write_association([expose(0), expose(1)], raw).name[:9]
    (raw / f"{expose(0).place.rootname}_corrtag.fits").write_text("of an earlier run")
    before = {path: path.read_bytes() for path in raw.iterdir()}
    planned = plan(raw, name)
    kept = filesystem.home / "kept"

    def keep(unit: CalibrationUnit, calibrated: Calibrated) -> Calibrated:
        for path in calibrated.products:
            filesystem.move(path, kept / path.name)
        return calibrated

    (result,) = calibrate_all(
        planned.units, find_references(planned, lref), keep, scratch=filesystem.scratch, workers=2
    )
    assert isinstance(result[1], Calibrated), getattr(result[1], "trailer", "")
    return result[1], kept, filesystem, before


@pytest.mark.full
def test_an_association_gives_the_products_of_its_members_and_its_own(
    association: tuple[Calibrated, Path, Filesystem, dict[Path, bytes]],
) -> None:
    calibrated, kept, filesystem, before = association
    names = {path.name for path in kept.iterdir()}
    members = [expose(number).place.rootname for number in (0, 1)]
    kinds = ("corrtag", "counts", "flt", "lampflash", "x1d")
    assert {f"{member}_{kind}.fits" for member in members for kind in kinds} <= names
    assert any(name.endswith("_x1dsum.fits") for name in names)
    assert not any("rawtag" in name or "asn" in name or "spt" in name for name in names)
    assert calibrated.version == "3.6.2"
    assert calibrated.trailer.startswith("CALCOS version 3.6.2")
    assert "sim_cos_nuv_flat.fits" in calibrated.references
    assert 100_000_000 < calibrated.peak_memory_bytes < 300_000_000
    assert not list((filesystem.home / "scratch").rglob("*.fits"))
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.full
def test_the_shift_that_was_put_in_comes_out(
    association: tuple[Calibrated, Path, Filesystem, dict[Path, bytes]],
) -> None:
    _, kept, _, _ = association
    for number in (0, 1):
        exposure = expose(number)
        events = fits.getheader(kept / f"{exposure.place.rootname}_corrtag.fits", 1)
        assert events["SHIFT1A"] == pytest.approx(exposure.shift1, abs=0.5)


@pytest.mark.full
def test_an_exposure_without_flashes_takes_its_wavelengths_from_its_wavecal(
    tmp_path: Path, lref: Path
) -> None:
    science, lamp = expose(0), expose(1)
    for exposure in (science, lamp):
        write_raw_exposure(exposure, tmp_path)
    name, wavecal = science.place.rootname, lamp.place.rootname
    amend(tmp_path / f"{name}_rawtag.fits", TAGFLASH="NONE", FPPOS=3, FPOFFSET=0)
    amend(tmp_path / f"{wavecal}_rawtag.fits", TAGFLASH="NONE", EXPTYPE="WAVECAL", APERTURE="WCA",
          FPPOS=3, FPOFFSET=0)  # fmt: skip
    table = fits.getval(tmp_path / f"{name}_rawtag.fits", "ASN_ID").lower()
    write_table(tmp_path, table, **{name: "EXP-FP", wavecal: "EXP-AWAVE", table: "PROD-FP"})
    planned = plan(tmp_path, name)
    (tmp_path / "run").mkdir()
    references = find_references(planned, lref)[name]
    assert isinstance(references, ReferenceSet)
    made = run_pipeline(planned.units[0], references, tmp_path / "run")
    assert {path.name[:9] for path in made.products} == {name}
    corrtag = next(path for path in made.products if "corrtag" in path.name)
    assert fits.getval(corrtag, "SHIFT1A", 1) == pytest.approx(lamp.shift1, abs=1.0)


def amend(path: Path, **keywords: object) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[0].header.update(keywords)


def test_what_calcos_reports_is_what_the_error_says(tmp_path: Path, lref: Path) -> None:
    exposure = expose(0)
    write_raw_exposure(exposure, tmp_path)
    name = exposure.place.rootname
    amend(tmp_path / f"{name}_rawtag.fits", COSCOORD="DETECTOR")
    planned = plan(tmp_path, name)
    (tmp_path / "run").mkdir()
    references = find_references(planned, lref)[name]
    assert isinstance(references, ReferenceSet)
    with pytest.raises(CalibrationError) as caught:
        run_pipeline(planned.units[0], references, tmp_path / "run")
    assert str(caught.value) == (
        f"CalCOS on {name} ended with status 1: Wrong coordinates for this version of calcos."
    )
    assert "CALCOS version" in caught.value.trailer


def test_a_raw_file_without_its_reference_files_is_not_started(tmp_path: Path) -> None:
    exposure = expose(0)
    write_raw_exposure(exposure, tmp_path)
    planned = plan(tmp_path, exposure.place.rootname)
    sets = assemble_references(planned.units, lambda _value: None)
    filesystem = Filesystem(tmp_path / "home")
    results = calibrate_all(
        planned.units, sets, lambda _unit, made: made, scratch=filesystem.scratch, workers=1
    )
    assert dict(results)[planned.units[0]] is sets[exposure.place.rootname]
    assert not (tmp_path / "home").exists()
    assert hold(tmp_path)[exposure.place.rootname]
