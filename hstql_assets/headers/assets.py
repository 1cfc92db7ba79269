"""Record the headers of observations as rows."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.batching.batch_asset import Consequence, batch_asset, report_batch, run_batch
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.proposal_rows import refine_proposals
from hstql_assets.headers.recording import OWNED, settle_associations, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_resources.clients import Clients


def build_header_tables(
    instrument: str, consequences: Sequence[Consequence] = ()
) -> dg.AssetsDefinition:
    """Return `header_tables` of an instrument, with what follows from a batch for others."""

    @batch_asset(
        instrument,
        "header_tables",
        ROOTNAMES[instrument],
        OWNED[instrument],
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
        outcomes = run_batch(context, clients, tasks, scan_headers, write_headers)
        refine_proposals(clients.database, clients.archive, outcomes)
        settle_associations(clients.database, clients.workers, instrument, keys)
        for follow in consequences:
            follow(context.instance, clients, outcomes)
        return report_batch(context.asset_key, clients, outcomes)

    return header_tables
