"""Count the events of a list in the pixels of an image."""

import numpy as np

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import table_layout

# Corrected positions before raw ones (COS Data Handbook 2.4, STIS Data Handbook 2.3).
POSITIONS = (("XCORR", "YCORR"), ("RAWX", "RAWY"), ("AXIS1", "AXIS2"))
# Columns and rows of a detector, and how many of them make a pixel of its picture: a resolution
# element of FUV is 6 columns by 10 rows or more, and the tags of the MAMAs have half pixels.
DETECTORS = {
    ("cos", "FUV"): ((16384, 1024), (8, 2)),
    ("cos", "NUV"): ((1024, 1024), (1, 1)),
    ("stis", "FUV-MAMA"): ((2048, 2048), (2, 2)),
    ("stis", "NUV-MAMA"): ((2048, 2048), (2, 2)),
}


def count_events(
    stream: FitsStream, extension: Extension, size: tuple[int, int], binning: tuple[int, int]
) -> np.ndarray:
    """Count the events of a table in each pixel of a picture.

    Parameters
    ----------
    stream : FitsStream
    extension : Extension
        The table.
    size, binning : tuple of int
        Columns and rows of the detector; how many of them make a pixel.

    Returns
    -------
    ndarray of int, shape (rows, columns)
        Row 0 is the bottom. Events outside the detector are left out.
    """
    layout = table_layout(extension.header)
    names = layout.record.names or ()
    position = next((pair for pair in POSITIONS if set(pair) <= set(names)), None)
    if position is None:
        raise FitsError("has events without a position")
    columns, rows = size[0] // binning[0], size[1] // binning[1]
    counts = np.zeros(rows * columns, np.int32)
    for block in stream.blocks(extension, layout):
        # Pixel n reaches from n - 0.5 to n + 0.5; NaN and other nonsense are not inside.
        x, y = (np.rint(layout.numbers(block, name, 1)[:, 0]) for name in position)
        is_inside = (x >= 0) & (x < columns * binning[0]) & (y >= 0) & (y < rows * binning[1])
        column, row = (
            values[is_inside].astype(np.intp) // step
            for values, step in zip((x, y), binning, strict=True)
        )
        places = row * columns + column
        np.add.at(counts, places, 1)  # most pixels have no event: these are not touched
    return counts.reshape(rows, columns)
