"""The files of observations: raw ones and calibrated ones, one asset each per instrument."""

import dagster as dg

from hstql_assets.batches import OwnedTable
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.retrieval import retrieve_files
from hstql_assets.partitions import ROOTNAMES
from hstql_assets.presentation import batch_asset, report_batch, run_batch
from hstql_resources.filenames import Kind
from hstql_resources.tables import File
from hstql_resources.workbench import Workbench

DESCRIPTIONS = {
    "raw": """Uncalibrated and support files of each observation, brought in from the archive.

    Raw, rawtag, rawacq, spt, asn, jit, jif, lampflash, wav and wsp files. Where the archive is a
    folder they are used in place unless copying is asked for. A key is `missing` if the archive
    has nothing of it, or did not hand it over.""",
    "calibrated": """Calibrated files of each observation: the archive's own products.

    Corrtag, x1d, x1dsum, flt and so on. Where the archive is a folder they are used in place
    unless copying is asked for. Of STIS events (tag) the corrtag is made here.""",
}


def build_file_assets(instrument: str) -> list[dg.AssetsDefinition]:
    """Return `raw_files` and `calibrated_files` of an instrument."""
    return [_build_file_asset(instrument, "raw"), _build_file_asset(instrument, "calibrated")]


def _build_file_asset(instrument: str, kind: Kind) -> dg.AssetsDefinition:
    name = f"{kind}_files"
    owned = [OwnedTable(File, "rootname", File.kind == kind)]

    @batch_asset(
        instrument,
        name,
        ROOTNAMES[instrument],
        # Events of STIS are corrected here.
        deps=[[instrument, "raw_files"]] if (instrument, kind) == ("stis", "calibrated") else [],
        description=DESCRIPTIONS[kind],
        group_name="observations",
        kinds={"fits"},
        code_version="1",
    )
    def files(
        context: dg.AssetExecutionContext, workbench: dg.ResourceParam[Workbench]
    ) -> dg.MaterializeResult:
        tasks = locate_retrievals(workbench, kind, context.partition_keys)
        outcomes = run_batch(context, workbench, tasks, retrieve_files, owned)
        return report_batch(context.asset_key, workbench, outcomes)

    return files
