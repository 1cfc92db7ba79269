"""Choose where the calibrated files of a key come from: the archive, or a pipeline here.

Running the pipelines is done in `calibrating`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hstql_assets.batching.input_files import ARCHIVE, HSTQL
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_resources.archive import Product
from hstql_resources.filenames import parse_filename
from hstql_resources.filetypes import segments_of

Source = Literal["same", "archive", "pipeline", "auto"]

# What a pipeline starts from; the rest of the raw types are support files, and what it ignores.
INPUT_TYPES = frozenset(
    {"asn", "raw", "tag", "wav", *segments_of("rawtag"), *segments_of("rawaccum")}
)


@dataclass(frozen=True)
class RetrievalSettings:
    """How files are had.

    Attributes
    ----------
    is_again : bool
        Whether files that are here and current are brought in again.
    source : str
        `archive`: its calibrated files. `pipeline`: made here of the raw files. `auto`: the
        archive's, and made here where it has raw files and no calibrated ones. `same`: from where
        they came last, which is the archive for what was never made here. What was made here stays
        as long as its raw files do, and is made again when they are others; `archive` takes the
        archive's instead, where it has any.
    """

    is_again: bool = False
    source: Source = "same"


def choose_source(
    task: RetrievalTask,
    listed: Sequence[Product],
    settings: RetrievalSettings,
    is_raw_newer: bool,
) -> RetrievalTask:
    """Return the task with what is to be made here, and what was made here and stays.

    Parameters
    ----------
    task : RetrievalTask
        Of calibrated files.
    listed : sequence of Product
        All that the archive has of the key.
    settings : RetrievalSettings
        What is wanted.
    is_raw_newer : bool
        Whether the raw files changed after the last decision about the calibrated ones.
    """
    is_archived = any(map(is_product, task.products))
    if settings.source == "archive" and is_archived:
        return task
    made = _made_here(task)
    is_old = is_raw_newer or settings.is_again or not _are_there(made)
    is_lacking = settings.source == "auto" and not is_archived
    is_wanted = settings.source == "pipeline" or (is_old if made else is_lacking)
    if is_wanted and any(map(_is_input, listed)):
        return replace(task, is_calibrated_here=True)
    if not made:
        return task
    others = tuple(product for product in task.products if not is_product(product))
    return replace(task, made=made, products=others)


def _made_here(task: RetrievalTask) -> Mapping[Path, str]:
    """Return the files that a pipeline made here."""
    return {
        file.path: file.origin for file in task.had if file.origin not in (None, ARCHIVE, HSTQL)
    }


def _are_there(paths: Mapping[Path, str]) -> bool:
    return all(path.is_file() for path in paths)


def is_product(product: Product) -> bool:
    """Return whether a file is what pipelines make, not what stands beside it."""
    parsed = parse_filename(product.filename)
    return parsed is not None and parsed.is_fits


def _is_input(product: Product) -> bool:
    parsed = parse_filename(product.filename)
    return parsed is not None and parsed.filetype in INPUT_TYPES
