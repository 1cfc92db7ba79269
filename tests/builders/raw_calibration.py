"""Real CalCOS run on simulated raw exposures, for the tests that look at what it makes."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from builders.raw_exposures import (
    write_association,
    write_raw_exposure,
    write_references,
)
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure

CALCOS = Path(sys.executable).with_name("calcos")


@dataclass(frozen=True)
class Calibrated:
    """Exposures and the folder with what CalCOS made of them."""

    exposures: tuple[RawExposure, ...]
    folder: Path

    @property
    def exposure(self) -> RawExposure:
        """The first of them."""
        return self.exposures[0]

    @property
    def corrtags(self) -> list[Path]:
        """The event files of the first exposure."""
        return sorted(self.folder.glob(f"{self.exposure.rootname}_corrtag*.fits"))

    @property
    def x1d(self) -> Path:
        """The spectrum of the first exposure."""
        return self.folder / f"{self.exposure.rootname}_x1d.fits"


def calibrate(exposures: Sequence[RawExposure], folder: Path) -> Calibrated:
    """Write exposures and reference files into an empty folder, and run CalCOS once."""
    references, products = folder / "lref", folder / "products"
    references.mkdir()
    write_references(exposures, references)
    if exposures[0].is_member:
        source = write_association(exposures, folder)
    else:
        paths = write_raw_exposure(exposures[0], folder)
        source = next(path for path in paths if "_rawtag" in path.name)
    done = subprocess.run(
        [CALCOS, "-q", "-o", str(products), str(source)],
        env=os.environ | {"lref": f"{references}/"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Inconsistent" not in done.stdout
    return Calibrated(tuple(exposures), products)
