"""Declare the assets of the headers of observations, one per instrument."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.batching.batch_asset import BatchStep, Consequence
from hstql_assets.batching.job_names import file_assets
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.headers.checks import check_odd_values, describe_odd_values
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.proposal_rows import refine_proposals
from hstql_assets.headers.recording import OWNED, settle_associations, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_resources.clients import Clients

ABOUT = """Every keyword of every header of each observation, as rows in the database.

    Made after each retrieval. There is a table for each detector, file type and extension
    name, such as `acs_wfc_flt_sci`, with a row for each header and a column for each keyword
    that was ever seen; what joins all instruments is in `observations` and `files`. Of the
    spectrographs it registers the exposures that can become a lightcurve in the TIME-TAG set,
    of COS also darks, lamp flashes, acquisitions and FUV events in theirs, and takes out those
    that no longer belong there.
    """


def declare_header_tables(instrument: str, consequences: Sequence[Consequence] = ()) -> BatchStep:
    """Declare `header_tables` of an instrument, with what follows from a batch for others."""

    def settle(_: dg.DagsterInstance, clients: Clients, outcomes: Sequence[Outcome]) -> None:
        refine_proposals(clients.database, clients.archive, outcomes)
        keys = [outcome.key for outcome in outcomes]
        settle_associations(clients.database, clients.workers, instrument, keys)

    key = dg.AssetKey([instrument, "header_tables"])
    return BatchStep(
        f"{instrument}/header_tables",
        ABOUT,
        partitions=ROOTNAMES[instrument],
        upstream=tuple(file_assets(instrument)),
        owns=OWNED[instrument],
        locate=lambda clients, keys, _: locate_headers(clients.database, instrument, keys),
        decide=scan_headers,
        group="headers",
        kinds={"postgres"},
        code_version="4",
        store=lambda writer, _, outcomes: write_headers(writer, outcomes),
        then=(settle, *consequences),
        check_specs=describe_odd_values(key),
        check=lambda database, _: check_odd_values(database, key),
    )
