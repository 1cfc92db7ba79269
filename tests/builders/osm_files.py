"""Lampflash files with known content, and what they are looked up in."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.archive import ArchiveError
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos_monitoring.lamp_files import (
    make_lamp_reference,
    reference_name,
)
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

KEY = "lwtest01q"
PRIMARY = {
    "DETECTOR": "FUV", "OPT_ELEM": "G130M", "CENWAVE": 1291, "FPPOS": 1, "LIFE_ADJ": 4,
    "PROPOSID": 12345, "LAMPTAB": "lref$sim_cos_fuv_flash_lamp.fits",
    "WCPTAB": "lref$sim_cos_fuv_flash_wcp.fits",
}  # fmt: skip


@dataclass(frozen=True)
class SilentArchive:
    """An archive that does not answer."""

    name: str = "silent"

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        raise ArchiveError("The archive does not answer.")


def write_lampflash(
    path: Path,
    rows: list[tuple[object, ...]],
    primary: dict[str, object] | None = None,
    leave_out: tuple[str, ...] = (),
) -> Path:
    """Write rows of segment, time, shift along, shift across, and whether the lamp was found."""
    segments, times, along, across, found = zip(*rows, strict=True) if rows else ((),) * 5
    columns = [
        fits.Column("SEGMENT", "4A", array=np.array(segments, dtype="S4")),
        fits.Column("TIME", "1D", "s", array=np.array(times, dtype=float)),
        fits.Column("GROSS", "8E", array=np.ones((len(rows), 8))),
        fits.Column("SHIFT_DISP", "1E", array=np.array(along, dtype=float)),
        fits.Column("SHIFT_XDISP", "1E", array=np.array(across, dtype=float)),
        fits.Column("SPEC_FOUND", "1L", array=np.array(found, dtype=bool)),
    ]
    kept = [column for column in columns if column.name not in leave_out]
    table = fits.BinTableHDU.from_columns(kept, name="LAMPFLASH")
    table.header["EXPSTART"] = 58500.25
    header = fits.Header({**PRIMARY, **(primary or {})})
    fits.HDUList([fits.PrimaryHDU(header=header), table]).writeto(path)
    return path


def write_references(folder: Path) -> Path:
    """Write the reference files of the simulated lamps into a folder."""
    folder.mkdir(exist_ok=True)
    for detector in ("FUV", "NUV"):
        for kind in ("lamp", "wcp"):
            name = reference_name(detector, kind)
            content = make_lamp_reference(name)
            assert content is not None
            (folder / name).write_bytes(content)
    return folder


def make_task(path: Path, lref: Path | None = None, archive: object = None) -> ExposureTask:
    """Return the task of one lampflash file."""
    # Not beside the file, which may lie in an archive.
    home = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    filesystem = Filesystem(home)
    references = References(archive or SimulatedArchive(0), filesystem, lref=lref)  # type: ignore[arg-type]
    name = path.name.removesuffix(".gz")
    return ExposureTask(name[:9], (InputFile(name, "lampflash", path),), references)
