"""Build the asset of the composites of targets."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.batching.batch_asset import Consequence, batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.partition_names import SPECTROGRAPHS
from hstql_assets.batching.partitions import ALL_KEYS, TARGETS
from hstql_assets.composites.inputs import COMPOSITE_FILES, locate_composites
from hstql_assets.composites.making import decide_composites
from hstql_assets.composites.retiring import drop_lost_statistics
from hstql_assets.lightcurves.assets import ExtractionConfig, read_settings
from hstql_resources.clients import Clients
from hstql_resources.tables import Composite, CompositeMember

OWNED = Ownership(
    (OwnedTable(Composite, "target"), OwnedTable(CompositeMember, "target")),
    files=(COMPOSITE_FILES,),
)


def build_composites(consequences: Sequence[Consequence] = ()) -> dg.AssetsDefinition:
    """Return `composites`, with what follows from a batch for others."""

    @batch_asset(
        None,
        "composites",
        TARGETS,
        OWNED,
        deps=[
            dg.AssetDep([instrument, "lightcurves"], partition_mapping=ALL_KEYS)
            for instrument in SPECTROGRAPHS
        ],
        group_name="composites",
        kinds={"fits", "numpy"},
        code_version="1",
    )
    def composites(
        context: dg.AssetExecutionContext,
        config: ExtractionConfig,
        clients: dg.ResourceParam[Clients],
    ) -> dg.MaterializeResult:
        """One FITS lightcurve per configuration of a target, of all its exposures in order.

        Made whenever a lightcurve of the target is new, changed or gone. The exposures are
        extracted again in the wavelengths that all of them have.
        """
        settings = read_settings(config)
        keys = context.partition_keys
        tasks = locate_composites(clients.database, clients.filesystem, keys, settings)
        outcomes = run_batch(context, clients, tasks, decide_composites)
        drop_lost_statistics(clients.database)
        for follow in consequences:
            follow(context.instance, clients, outcomes)
        return report_batch(context.asset_key, clients, outcomes)

    return composites
