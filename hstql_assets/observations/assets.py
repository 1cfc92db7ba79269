"""Declare the files of observations: raw ones and calibrated ones, an asset each per instrument."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import dagster as dg
from pydantic import Field

from hstql_assets.batching.batch_asset import BatchStep, Tasks
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.observations.checks import check_currency, describe_currency
from hstql_assets.observations.fetching import supply_files
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.listing import write_products
from hstql_assets.observations.retrieval import RetrievalTask, retrieve_files
from hstql_assets.observations.sources import RetrievalSettings
from hstql_resources.filenames import exposure_of, parse_filename
from hstql_resources.filetypes import Kind
from hstql_resources.postgres.database import Writer
from hstql_resources.tables import File

ARCHIVE_POOL = "archive"  # its limit, over all runs, is in dagster.yaml
DESCRIPTIONS = {
    "raw": """Uncalibrated and support files of each observation, brought in from the archive.

    Raw, rawtag, rawacq, spt, asn, jit, jif, lampflash, wav and wsp files, and what lies beside them
    that is of no type of the archive's (other). Where the archive is a folder they are used in
    place unless copying is asked for. A key is `missing` if the archive has nothing of it, or did
    not hand it over.""",
    "calibrated": """Calibrated files of each observation: the archive's own, or made here.

    Corrtag, x1d, x1dsum, flt and so on. Where the archive is a folder they are used in place
    unless copying is asked for. The configuration can have them made here by the calibration
    pipeline instead. Of STIS events (tag) the corrtag is always made here.""",
}


def _is_of_exposure(match: re.Match[str]) -> bool:
    """Tell whether a file in the folder of an exposure is one of it, or the jitter beside it."""
    parsed, rootname = parse_filename(match["name"]), match["key"]
    if parsed is None or not rootname.startswith(match["group"]):
        return False
    return parsed.rootname in (rootname, f"{exposure_of(rootname)}j")


_FILES = OwnedFiles(
    "files", rf"(?P<group>[^/]{{4}})/{ROOTNAME}/(?P<name>[^/]+)", (File.path,), _is_of_exposure
)
OWNED = {
    kind: Ownership((OwnedTable(File, only=File.kind == kind),), files=(_FILES,))
    for kind in ("raw", "calibrated")
}


class RetrievalConfig(dg.Config):
    """How files are brought in."""

    fetch: Literal["changed", "again"] = Field(
        "changed", description="Only files that are not here or changed; or all of them again."
    )

    def to_settings(self) -> RetrievalSettings:
        """Return the same as the pure modules take it."""
        return RetrievalSettings(is_again=self.fetch == "again")


class CalibrationConfig(RetrievalConfig):
    """How calibrated files are had."""

    source: Literal["same", "archive", "pipeline", "auto"] = Field(
        "same",
        description="The archive's; or made here of the raw files by the calibration pipeline; or "
        "auto: made here only where the archive has raw files and no calibrated ones; or same: "
        "from where they came last, which is the archive for what was never made here.",
    )

    def to_settings(self) -> RetrievalSettings:
        """Return the same as the pure modules take it."""
        return RetrievalSettings(is_again=self.fetch == "again", source=self.source)


def declare_file_assets(instrument: str) -> list[BatchStep]:
    """Declare `raw_files` and `calibrated_files` of an instrument."""
    key = dg.AssetKey([instrument, "calibrated_files"])
    calibrated = replace(
        _declare_files(instrument, "calibrated", CalibrationConfig),
        upstream=(f"{instrument}/raw_files",),  # what is made here is made of those
        check_specs=tuple(describe_currency(key)),
        check=lambda database, _: check_currency(database, key),
    )
    return [_declare_files(instrument, "raw", RetrievalConfig), calibrated]


def _declare_files(instrument: str, kind: Kind, config: type[dg.Config]) -> BatchStep:
    return BatchStep(
        f"{instrument}/{kind}_files",
        DESCRIPTIONS[kind],
        partitions=ROOTNAMES[instrument],
        upstream=(),
        owns=OWNED[kind],
        locate=lambda clients, keys, settings: supply_files(
            clients, locate_retrievals(clients, kind, keys, settings)
        ),
        decide=retrieve_files,
        group="observations",
        kinds={"fits"},
        code_version="2",
        store=_record_lists,
        config=config,
        pool=ARCHIVE_POOL,
    )


def _record_lists(writer: Writer, tasks: Tasks, _outcomes: Sequence[Outcome]) -> None:
    """Record what the archive lists of the keys of a batch."""
    retrieved = (task for task in tasks if isinstance(task, RetrievalTask))
    write_products(writer, [product for task in retrieved for product in task.products])
