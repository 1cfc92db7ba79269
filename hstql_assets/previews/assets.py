"""Build the assets of pictures of observations, one per instrument."""

import dagster as dg

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import ROOTNAMES, SAME_KEY
from hstql_assets.previews.drawing import draw_previews
from hstql_assets.previews.inputs import locate_previews
from hstql_resources.clients import Clients
from hstql_resources.tables import Preview

OWNED = Ownership(
    (OwnedTable(Preview),),
    files=(
        OwnedFiles(
            "previews",
            rf"[^/]+/{ROOTNAME}_[a-z0-9_]+\.(jpg|thumb)",
            (Preview.path, Preview.thumbnail_path),
        ),
    ),
)


def build_previews(instrument: str) -> dg.AssetsDefinition:
    """Return `previews` of an instrument."""

    @batch_asset(
        instrument,
        "previews",
        ROOTNAMES[instrument],
        OWNED,
        deps=[dg.AssetDep([instrument, "header_tables"], partition_mapping=SAME_KEY)],
        group_name="previews",
        kinds={"jpeg", "numpy"},
        code_version="1",
    )
    def previews(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """A picture of every image, spectrum and event list of each observation.

        Made after its headers, as JPEG at full resolution with a thumbnail of 128 pixels, for
        looking through the images of a night or a proposal. The table `previews` says where they
        are, and which of them stands for the observation.
        """
        tasks = locate_previews(
            clients.database, clients.filesystem, instrument, context.partition_keys
        )
        outcomes = run_batch(context, clients, tasks, draw_previews)
        return report_batch(context.asset_key, clients, outcomes)

    return previews
