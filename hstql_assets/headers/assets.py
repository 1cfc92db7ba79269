"""The headers of observations as rows, and the keys of the sets that depend on them."""

import dagster as dg

from hstql_assets.batches import Outcome
from hstql_assets.composites.sensors import retire_empty_targets
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.proposal_rows import refine_proposals
from hstql_assets.headers.recording import OWNED, settle_associations, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_assets.lightcurves.retiring import retire_lightcurves
from hstql_assets.observations.checks import report_currency
from hstql_assets.partitions import (
    ROOTNAMES,
    SPECTROGRAPHS,
    TIMETAG_ROOTNAMES,
    register_keys,
    unregister_keys,
)
from hstql_assets.presentation import batch_asset, report_batch, run_batch
from hstql_resources.workbench import Workbench


def build_header_tables(instrument: str) -> dg.AssetsDefinition:
    """Return `header_tables` of an instrument."""

    @batch_asset(
        instrument,
        "header_tables",
        ROOTNAMES[instrument],
        deps=[[instrument, "raw_files"], [instrument, "calibrated_files"]],
        group_name="headers",
        kinds={"postgres"},
        code_version="3",
    )
    def header_tables(
        context: dg.AssetExecutionContext, workbench: dg.ResourceParam[Workbench]
    ) -> dg.MaterializeResult:
        """Every keyword of every header of each observation, as rows in the database.

        Made after each retrieval. There is a table for each detector, file type and extension
        name, such as `acs_wfc_flt_sci`, with a row for each header and a column for each keyword
        that was ever seen; what joins all instruments is in `observations` and `files`. Of the
        spectrographs it registers the exposures that can become a lightcurve in the TIME-TAG set,
        and takes out those that no longer can.
        """
        keys = context.partition_keys
        tasks = locate_headers(workbench.database, instrument, keys)
        outcomes = run_batch(context, workbench, tasks, scan_headers, OWNED, write_headers)
        refine_proposals(workbench.database, workbench.archive, outcomes)
        settle_associations(workbench.database, workbench.workers, instrument, keys)
        if instrument in SPECTROGRAPHS:
            _sort_timetag_keys(context.instance, workbench, instrument, outcomes)
        report_currency(context.instance, workbench.database, instrument)
        return report_batch(context.asset_key, workbench, outcomes)

    return header_tables


def _sort_timetag_keys(
    instance: dg.DagsterInstance, bench: Workbench, instrument: str, outcomes: list[Outcome]
) -> None:
    """Register TIME-TAG exposures; an exposure that cannot be read now keeps its key."""
    made = [outcome for outcome in outcomes if outcome.status == "made"]
    is_timetag = {outcome.key: bool(outcome.facts["is_timetag_science"]) for outcome in made}
    others = [key for key, yes in is_timetag.items() if not yes]
    partitions = TIMETAG_ROOTNAMES[instrument]
    register_keys(instance, partitions, [key for key, yes in is_timetag.items() if yes])
    unregister_keys(instance, partitions, others)
    retire_lightcurves(bench.database, bench.filesystem, instrument, others)
    retire_empty_targets(instance, bench.database, bench.filesystem)
