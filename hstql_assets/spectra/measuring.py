"""Measure the spectra of one observation: a worker's task, from files to rows."""

from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import FilesTask, InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.spectra.extracted import Extracted, read_extracted
from hstql_assets.spectra.numbers import measure_spectrum
from hstql_resources.fits.errors import FitsError

NO_SPECTRUM = "No spectrum"
NO_FLUX = "No flux"


def measure_spectra(task: FilesTask) -> Outcome:
    """Measure the spectra of one observation.

    Returns
    -------
    Outcome
        `made` with a row of `spectrum_statistics` for each file that has a flux; `bad` if none
        has. The others are in `bad_files`.

    Raises
    ------
    FileNotFoundError
        If one of them is not there any more.
    """
    rows: list[dict[str, object]] = []
    bad: list[BadFile] = []
    remarks: list[str] = []
    metadata: dict[str, object] = {}
    for file in task.files:
        spectrum = _read(file)
        if isinstance(spectrum, BadFile):
            bad.append(spectrum)
            continue
        rows.append(_row(task.key, file, spectrum))
        if spectrum.empty:
            remarks.append(
                f"{spectrum.empty} of {spectrum.spectra} spectra of {file.filename} were never "
                "extracted (GROSS, NET and ERROR are 0) and are left out."
            )
        metadata[file.filename] = _sentence(rows[-1])
        metadata.setdefault("picture", _draw(file, spectrum))
    if not rows:
        return all_bad(task.key, bad)
    return Outcome(
        task.key,
        "made",
        rows={"spectrum_statistics": rows},
        bad_files=tuple(bad),
        remarks=tuple(remarks),
        metadata={"path": task.files[0].path.parent, "files": len(rows), **metadata},
    )


def _read(file: InputFile) -> Extracted | BadFile:
    """Read a file, or say why its spectra cannot be measured."""
    try:
        spectrum = read_extracted(file.path)
    except FileNotFoundError:
        raise
    except (FitsError, OSError) as error:
        return bad_file(file.filename, error)
    if not spectrum.flux.size:
        return BadFile(file.filename, NO_SPECTRUM, f"{file.filename} has tables without a pixel.")
    if not np.isfinite(spectrum.flux).any():
        detail = f"None of the {spectrum.flux.size:,} pixels of {file.filename} has a flux."
        return BadFile(file.filename, NO_FLUX, detail)
    return spectrum


def _row(key: str, file: InputFile, spectrum: Extracted) -> dict[str, object]:
    return {
        "filename": file.filename,
        "rootname": key,
        "filetype": file.filetype,
        "spectra": spectrum.spectra,
        **measure_spectrum(spectrum),
        "flux_unit": spectrum.flux_unit,
        "is_flux_calibrated": spectrum.is_flux_calibrated,
        "ingest_date": datetime.now(UTC),
    }


def _sentence(row: dict[str, object]) -> str:
    """Describe one file in one line."""
    parts = [
        f"spectra: {row['spectra']}",
        f"{row['good_pixels']:,} of {row['pixels']:,} pixels good",
    ]
    if row["wave_min"] is not None:
        parts.append(f"{row['wave_min']:.1f} to {row['wave_max']:.1f} Angstrom")
    if row["flux_mean"] is not None:
        parts.append(
            f"mean flux {row['flux_mean']:.4g} erg/s/cm2/Angstrom (deviation {row['flux_std']:.2g})"
        )
    return ", ".join(parts)


def _draw(file: InputFile, spectrum: Extracted) -> Picture:
    """Draw the flux of the good pixels, the shortest wavelength left."""
    is_shown = spectrum.is_good & np.isfinite(spectrum.wavelength)
    waves, flux = spectrum.wavelength[is_shown], spectrum.flux[is_shown]
    if not flux.size:
        return draw_steps(np.zeros(0), f"{file.filename} has no good pixel")
    return draw_steps(
        flux[np.argsort(waves, kind="stable")],
        f"flux of the good pixels of {file.filename} from {waves.min():.1f} to {waves.max():.1f} "
        f"Angstrom, highest {flux.max():.3g} erg/s/cm2/Angstrom",
    )
