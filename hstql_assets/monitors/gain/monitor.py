"""The gain of the COS/FUV detector as a monitor."""

from collections.abc import Sequence

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.cumulative_images.reading import ASSET
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source
from hstql_assets.monitors.gain.image_task import ImageTask
from hstql_assets.monitors.gain.locating import locate_images
from hstql_assets.monitors.gain.trend_declarations import GAIN_MONITOR, GAIN_SAG_TABLE
from hstql_resources.postgres.database import Writer
from hstql_resources.tables import CumulativeImage, Gain

ABOUT = """Modal gain of each superpixel of the COS/FUV detector, a map for each cumulative image.

Made of all events of a segment at one high voltage in one week, or of a cumulative image of the
archive (CCI), when their files change. The pulse heights of each superpixel of 8 x 2 pixels are
fitted with a Gaussian on a constant; where the gain has fallen to 3, events are lost. Each map is a
FITS file with rows in the table gain. `none` for an image without events.
"""


def _measure(task: ImageTask) -> Outcome:
    # Here, for it needs astropy, which whoever lists the monitors should not wait for.
    from hstql_assets.monitors.gain.measure import measure_image

    return measure_image(task)


def _copy(writer: Writer, outcomes: Sequence[Outcome]) -> None:
    from hstql_assets.monitors.gain.copying import copy_gains  # see above

    copy_gains(writer, outcomes)


GAIN_MAPS = Measurement(
    name=ASSET,
    about=ABOUT,
    partition_set="cumulative_image",
    source=Source(
        ("corrtag_a", "corrtag_b", "rawtag_a", "rawtag_b", "cci"), what="events of the FUV detector"
    ),
    measure=_measure,
    owned=(OwnedTable(CumulativeImage, "image"), OwnedTable(Gain, "image")),
    kinds=frozenset({"numpy", "postgres", "fits"}),
    locate=locate_images,
    also=_copy,
)

MONITOR = Monitor((GAIN_MAPS,), (GAIN_MONITOR, GAIN_SAG_TABLE))
