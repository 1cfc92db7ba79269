"""Lay out the scratch folder of one run: copies of its inputs, links to reference files.

The raw files of an archive are never touched; what a run needs changed in a header is changed in
the copy.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from hstql_resources.calibration.associations import write_association
from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.reference_files import ReferenceSet
from hstql_resources.calibration.units import CalibrationUnit
from hstql_resources.filenames import stored_name
from hstql_resources.fits.byte_source import ByteSource

# The support file under another name, and what the C programs leave when they fail.
_NO_PRODUCTS = ("_jnk.fits", "_tmp.fits")


@dataclass(frozen=True)
class Workspace:
    """The folders of one run.

    Attributes
    ----------
    files : Path
        Where the inputs are and the products will be; the working directory.
    references : Path
        What the variable of the reference files is set to.
    """

    files: Path
    references: Path

    def find_products(self, unit: CalibrationUnit) -> tuple[Path, ...]:
        """Return the FITS files that the run has made of what the unit makes, sorted by name."""
        inputs = {stored_name(path.name) for path in unit.inputs} | {unit.entry}
        return tuple(
            path
            for path in sorted(self.files.glob("*.fits"))
            if path.name not in inputs
            and path.name[:9] in unit.makes
            and not path.name.endswith(_NO_PRODUCTS)
        )

    def read_trailers(self) -> str:
        """Return what the program wrote into trailer files."""
        return "\n".join(
            path.read_text(errors="replace") for path in sorted(self.files.glob("*.tra"))
        )


def lay_out(unit: CalibrationUnit, references: ReferenceSet, folder: Path) -> Workspace:
    """Copy, unpack, amend and link all that a run needs.

    Parameters
    ----------
    unit : CalibrationUnit
        The run.
    references : ReferenceSet
        Its reference files.
    folder : Path
        A folder of its own; it exists and is empty.

    Raises
    ------
    CalibrationError
        If an input is broken, or the disk is full.
    """
    space = Workspace(folder / "files", folder / "references")
    try:
        for part in (space.files, space.references):
            part.mkdir()
        for path in unit.inputs:
            _copy(path, space.files / stored_name(path.name))
        for raw in unit.raws:
            name = stored_name(raw.name)
            _amend(unit, space.files / name, references.chosen.get(name, {}))
        if unit.generated_members:
            write_association(space.files / unit.entry, unit.generated_members)
        for name, path in references.paths.items():
            _link(path, space.references / name)
    except (OSError, ValueError, fits.VerifyError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise CalibrationError(
            f"The files of {unit.name} could not be laid out for calibration: {reason}."
        ) from None
    return space


def _copy(source: Path, path: Path) -> None:
    """Copy a file; what is gzipped is unpacked."""
    with ByteSource(source) as opened, path.open("wb") as file:
        file.writelines(opened.pieces())


def _link(source: Path, path: Path) -> None:
    if source.suffix.lower() == ".gz":
        _copy(source, path)
    else:
        path.symlink_to(source.resolve())


def _amend(unit: CalibrationUnit, path: Path, changed: dict[str, str]) -> None:
    with fits.open(path, mode="update", memmap=False, do_not_scale_image_data=True) as hdus:
        header = hdus[0].header
        header.update(changed)
        # Without a seed CalCOS takes the time of day, and no product would be made twice.
        if unit.instrument == "cos" and header.get("RANDSEED", -1) == -1:
            header["RANDSEED"] = zlib.crc32(path.name[:9].encode()) & 0x7FFFFFFF
