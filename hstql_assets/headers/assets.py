"""The headers of observations as rows, and the keys of the sets that depend on them."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.batches import Outcome
from hstql_assets.composites.sensors import retire_empty_targets
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.proposal_rows import refine_proposals
from hstql_assets.headers.recording import owned_tables, settle_associations, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_assets.headers.subsets import COS_SUBSETS
from hstql_assets.lightcurves.retiring import retire_lightcurves
from hstql_assets.monitors.gain.sensors import register_images
from hstql_assets.monitors.retiring import retire_measurements
from hstql_assets.observations.checks import report_currency
from hstql_assets.partitions import (
    ROOTNAMES,
    SPECTROGRAPHS,
    SUBSETS,
    TIMETAG_ROOTNAMES,
    register_keys,
    set_name,
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
        of COS also darks, lamp flashes, acquisitions and FUV events in theirs, and takes out those
        that no longer belong there.
        """
        keys = context.partition_keys
        tasks = locate_headers(workbench.database, instrument, keys)
        owned = owned_tables(instrument)
        outcomes = run_batch(context, workbench, tasks, scan_headers, owned, write_headers)
        refine_proposals(workbench.database, workbench.archive, outcomes)
        settle_associations(workbench.database, workbench.workers, instrument, keys)
        if instrument in SPECTROGRAPHS:
            _sort_timetag_keys(context.instance, workbench, instrument, outcomes)
        if instrument == "cos":
            _sort_monitored_keys(context.instance, workbench, outcomes)
        report_currency(context.instance, workbench.database, instrument)
        return report_batch(context.asset_key, workbench, outcomes)

    return header_tables


def _sort_timetag_keys(
    instance: dg.DagsterInstance, bench: Workbench, instrument: str, outcomes: Sequence[Outcome]
) -> None:
    """Register TIME-TAG exposures, and retire the lightcurves of those that are none any more."""
    others = _sort_keys(instance, TIMETAG_ROOTNAMES[instrument], outcomes)
    retire_lightcurves(bench.database, bench.filesystem, instrument, others)
    retire_empty_targets(instance, bench.database, bench.filesystem)


def _sort_monitored_keys(
    instance: dg.DagsterInstance, bench: Workbench, outcomes: Sequence[Outcome]
) -> None:
    """Register what monitors look at, and retire what was measured of those that are none."""
    for name in COS_SUBSETS:
        others = _sort_keys(instance, SUBSETS[name], outcomes)
        retire_measurements(bench.database, name, others)
    register_images(instance, bench.archive, bench.database, bench.filesystem)


def _sort_keys(
    instance: dg.DagsterInstance,
    partitions: dg.DynamicPartitionsDefinition,
    outcomes: Sequence[Outcome],
) -> list[str]:
    """Register the exposures that belong to a set; return those that do not, which are taken out.

    An exposure that cannot be read now keeps its key.
    """
    name = set_name(partitions)
    belongs = {
        outcome.key: name in str(outcome.facts["partition_sets"]).split()
        for outcome in outcomes
        if outcome.status == "made"
    }
    others = [key for key, yes in belongs.items() if not yes]
    register_keys(instance, partitions, [key for key, yes in belongs.items() if yes])
    unregister_keys(instance, partitions, others)
    return others
