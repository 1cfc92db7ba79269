"""Declare the assets of pictures of observations, one per instrument."""

from hstql_assets.batching.batch_asset import BatchStep
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.previews.drawing import draw_previews
from hstql_assets.previews.inputs import locate_previews
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
ABOUT = """A picture of every image, spectrum and event list of each observation.

    Made after its headers, as JPEG at full resolution with a thumbnail of 128 pixels, for
    looking through the images of a night or a proposal. The table `previews` says where they
    are, and which of them stands for the observation.
    """


def declare_previews(instrument: str) -> BatchStep:
    """Declare `previews` of an instrument."""
    return BatchStep(
        f"{instrument}/previews",
        ABOUT,
        partitions=ROOTNAMES[instrument],
        upstream=(f"{instrument}/header_tables",),
        owns=OWNED,
        locate=lambda clients, keys, _: locate_previews(
            clients.database, clients.filesystem, instrument, keys
        ),
        decide=draw_previews,
        group="previews",
        kinds={"jpeg", "numpy"},
    )
