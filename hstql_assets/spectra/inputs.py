"""Read which files of a batch the steps of this domain work on."""

from collections.abc import Sequence

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.input_files import FilesTask
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.stored_files import read_files
from hstql_resources import tables
from hstql_resources.postgres.database import Database

SPECTRA = ("x1d", "x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4", "sx1")
CORRTAGS = ("corrtag", "corrtag_a", "corrtag_b")


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
    files = read_files(database, keys, tables.File.filetype == any_of(filetypes))
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
