"""The composites of targets."""

import dagster as dg

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.batching.partition_names import SPECTROGRAPHS
from hstql_assets.batching.partitions import ALL_KEYS, TARGETS
from hstql_assets.composites.inputs import locate_composites
from hstql_assets.composites.making import decide_composites
from hstql_assets.composites.registering import retire_empty_targets
from hstql_assets.composites.retiring import drop_lost_statistics
from hstql_assets.lightcurves.assets import ExtractionConfig, read_settings
from hstql_resources.clients import Clients
from hstql_resources.tables import Composite, CompositeMember

OWNED = [OwnedTable(Composite, "target"), OwnedTable(CompositeMember, "target")]


def build_composites() -> dg.AssetsDefinition:
    """Return `composites`."""

    @batch_asset(
        None,
        "composites",
        TARGETS,
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
        outcomes = run_batch(context, clients, tasks, decide_composites, OWNED)
        drop_lost_statistics(clients.database)
        result = report_batch(context.asset_key, clients, outcomes)
        retire_empty_targets(context.instance, clients.database, clients.filesystem)
        return result

    return composites
