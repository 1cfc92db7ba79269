"""The headers of observations as rows, and the keys of the sets that depend on them."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.partition_names import COS_SUBSETS, SPECTROGRAPHS
from hstql_assets.batching.partitions import (
    ROOTNAMES,
    SUBSETS,
    TIMETAG_ROOTNAMES,
    register_keys,
    set_name,
    unregister_keys,
)
from hstql_assets.composites.registering import retire_empty_targets
from hstql_assets.cumulative_images.registering_keys import register_images
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.proposal_rows import refine_proposals
from hstql_assets.headers.recording import owned_tables, settle_associations, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_assets.lightcurves.retiring import retire_lightcurves
from hstql_assets.monitors.framework.retiring import retire_measurements
from hstql_assets.observations.checks import report_currency
from hstql_resources.clients import Clients


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
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
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
        tasks = locate_headers(clients.database, instrument, keys)
        owned = owned_tables(instrument)
        outcomes = run_batch(context, clients, tasks, scan_headers, owned, write_headers)
        refine_proposals(clients.database, clients.archive, outcomes)
        settle_associations(clients.database, clients.workers, instrument, keys)
        if instrument in SPECTROGRAPHS:
            _sort_timetag_keys(context.instance, clients, instrument, outcomes)
        if instrument == "cos":
            _sort_monitored_keys(context.instance, clients, outcomes)
        report_currency(context.instance, clients.database, instrument)
        return report_batch(context.asset_key, clients, outcomes)

    return header_tables


def _sort_timetag_keys(
    instance: dg.DagsterInstance, clients: Clients, instrument: str, outcomes: Sequence[Outcome]
) -> None:
    """Register TIME-TAG exposures, and retire the lightcurves of those that are none any more."""
    others = _sort_keys(instance, TIMETAG_ROOTNAMES[instrument], outcomes)
    retire_lightcurves(clients.database, clients.filesystem, instrument, others)
    retire_empty_targets(instance, clients.database, clients.filesystem)


def _sort_monitored_keys(
    instance: dg.DagsterInstance, clients: Clients, outcomes: Sequence[Outcome]
) -> None:
    """Register what monitors look at, and retire what was measured of those that are none."""
    for name in COS_SUBSETS:
        others = _sort_keys(instance, SUBSETS[name], outcomes)
        retire_measurements(clients.database, name, others)
    register_images(instance, clients.archive, clients.database, clients.filesystem)


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
