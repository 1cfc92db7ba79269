"""Declare the asset of the composites of targets."""

from collections.abc import Sequence

from hstql_assets.batching.batch_asset import BatchStep, Consequence
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.partition_names import SPECTROGRAPHS
from hstql_assets.batching.partitions import TARGETS
from hstql_assets.composites.inputs import COMPOSITE_FILES, locate_composites
from hstql_assets.composites.making import decide_composites
from hstql_assets.composites.retiring import drop_lost_statistics
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.tables import Composite, CompositeMember

OWNED = Ownership(
    (OwnedTable(Composite, "target"), OwnedTable(CompositeMember, "target")),
    files=(COMPOSITE_FILES,),
)
ABOUT = """One FITS lightcurve per configuration of a target, of all its exposures in order.

    Made whenever a lightcurve of the target is new, changed or gone. The exposures are
    extracted again in the wavelengths that all of them have, always with the usual settings.
    """


def declare_composites(consequences: Sequence[Consequence] = ()) -> BatchStep:
    """Declare `composites`, with what follows from a batch for others."""
    return BatchStep(
        "composites",
        ABOUT,
        partitions=TARGETS,
        upstream=tuple(f"{instrument}/lightcurves" for instrument in SPECTROGRAPHS),
        owns=OWNED,
        locate=lambda clients, keys, _: locate_composites(
            clients.database, clients.filesystem, keys, ExtractionSettings()
        ),
        decide=decide_composites,
        group="composites",
        kinds={"fits", "numpy"},
        code_version="3",
        then=(
            lambda _instance, clients, _outcomes: drop_lost_statistics(clients.database),
            *consequences,
        ),
    )
