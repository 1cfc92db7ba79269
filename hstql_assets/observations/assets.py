"""Wire the files of observations: raw ones and calibrated ones, one asset each per instrument."""

import re
from collections.abc import Sequence
from typing import Literal

import dagster as dg
from pydantic import Field

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.observations.checks import check_currency, describe_currency
from hstql_assets.observations.fetching import supply_files
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.listing import write_products
from hstql_assets.observations.retrieval import RetrievalTask, retrieve_files
from hstql_assets.observations.sources import RetrievalSettings
from hstql_resources.clients import Clients
from hstql_resources.filenames import exposure_of, parse_filename
from hstql_resources.filetypes import Kind
from hstql_resources.postgres.database import Writer
from hstql_resources.tables import File

ARCHIVE_POOL = "archive"  # its limit, over all runs, is in dagster.yaml
DESCRIPTIONS = {
    "raw": """Uncalibrated and support files of each observation, brought in from the archive.

    Raw, rawtag, rawacq, spt, asn, jit, jif, lampflash, wav and wsp files. Where the archive is a
    folder they are used in place unless copying is asked for. A key is `missing` if the archive
    has nothing of it, or did not hand it over.""",
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


def build_file_assets(instrument: str) -> list[dg.AssetsDefinition]:
    """Return `raw_files` and `calibrated_files` of an instrument."""
    return [_build_raw_files(instrument), _build_calibrated_files(instrument)]


def _build_raw_files(instrument: str) -> dg.AssetsDefinition:
    @batch_asset(
        instrument,
        "raw_files",
        ROOTNAMES[instrument],
        OWNED["raw"],
        description=DESCRIPTIONS["raw"],
        group_name="observations",
        kinds={"fits"},
        code_version="2",
        pool=ARCHIVE_POOL,
    )
    def raw_files(
        context: dg.AssetExecutionContext,
        config: RetrievalConfig,
        clients: dg.ResourceParam[Clients],
    ) -> dg.MaterializeResult:
        outcomes = _make_files(context, clients, "raw", config.to_settings())
        return report_batch(context.asset_key, clients, outcomes)

    return raw_files


def _build_calibrated_files(instrument: str) -> dg.AssetsDefinition:
    @batch_asset(
        instrument,
        "calibrated_files",
        ROOTNAMES[instrument],
        OWNED["calibrated"],
        # What is made here is made of those.
        deps=[[instrument, "raw_files"]],
        description=DESCRIPTIONS["calibrated"],
        group_name="observations",
        kinds={"fits"},
        check_specs=describe_currency(dg.AssetKey([instrument, "calibrated_files"])),
        code_version="2",
        pool=ARCHIVE_POOL,
    )
    def calibrated_files(
        context: dg.AssetExecutionContext,
        config: CalibrationConfig,
        clients: dg.ResourceParam[Clients],
    ) -> dg.MaterializeResult:
        outcomes = _make_files(context, clients, "calibrated", config.to_settings())
        checks = check_currency(clients.database, context.asset_key)
        return report_batch(context.asset_key, clients, outcomes, checks)

    return calibrated_files


def _make_files(
    context: dg.AssetExecutionContext, clients: Clients, kind: Kind, settings: RetrievalSettings
) -> list[Outcome]:
    tasks = locate_retrievals(clients, kind, context.partition_keys, settings)
    tasks = supply_files(clients, tasks)

    def record_lists(writer: Writer, _outcomes: Sequence[Outcome]) -> None:
        listed = [product for task in tasks if isinstance(task, RetrievalTask)
                  for product in task.products]  # fmt: skip
        write_products(writer, listed)

    return run_batch(context, clients, tasks, retrieve_files, record_lists)
