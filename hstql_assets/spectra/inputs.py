"""What the steps of this domain need to know about a batch: which of its files to read."""

from collections.abc import Sequence
from dataclasses import dataclass

from hstql_assets.batching.decisions import among, find_unmade, read_decisions
from hstql_assets.batching.input_files import InputFile, read_files
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_resources import tables
from hstql_resources.fits.errors import UNREADABLE
from hstql_resources.postgres.database import Database

NO_SPECTRUM = "No spectrum"
NO_FLUX = "No flux"

SPECTRA = ("x1d", "x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4", "sx1")
CORRTAGS = ("corrtag", "corrtag_a", "corrtag_b")


@dataclass(frozen=True)
class FilesTask:
    """The files of one observation, at least one."""

    key: str
    files: tuple[InputFile, ...]


def locate_spectra(
    database: Database, instrument: str, keys: Sequence[str]
) -> list[FilesTask | Outcome]:
    """Return the files of extracted spectra of each key of a batch, in two queries."""
    return _locate(database, instrument, keys, SPECTRA, "extracted spectra (x1d)")


def locate_corrtags(database: Database, keys: Sequence[str]) -> list[FilesTask | Outcome]:
    """Return the corrtag files of each COS key of a batch, in two queries."""
    return _locate(database, "cos", keys, CORRTAGS, "events (corrtag)")


def _locate(
    database: Database, instrument: str, keys: Sequence[str], filetypes: Sequence[str], what: str
) -> list[FilesTask | Outcome]:
    before, retrieval = [f"{instrument}/header_tables"], f"{instrument}/calibrated_files"
    decisions = read_decisions(database, [*before, retrieval], keys)
    files = read_files(database, keys, tables.File.filetype == among(filetypes))
    tasks: list[FilesTask | Outcome] = []
    for key in keys:
        if (unmade := find_unmade(decisions, before, key)) is not None:
            tasks.append(unmade)
        elif files[key]:
            tasks.append(FilesTask(key, tuple(files[key])))
        else:
            status, reason = decisions.get((retrieval, key), ("none", None))
            is_missing = status == "missing" and reason is not None
            tasks.append(
                Outcome(key, "missing", reason)
                if is_missing
                else Outcome(key, "none", f"There are no {what} of {key}.")
            )
    return tasks


def unreadable(file: InputFile, error: Exception) -> BadFile:
    """Return the record of a file that reading stumbled over."""
    if isinstance(error, OSError):  # its own text would name the folder
        error = OSError(f"cannot be read: {error.strerror or error}")
    return BadFile(file.filename, UNREADABLE, f"{file.filename} {error}.")
