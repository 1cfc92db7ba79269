"""Draw an event list: where on the detector the events were."""

import numpy as np
from PIL import Image

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.events import DETECTORS, count_events
from hstql_assets.previews.picture_files import Drawn, draw_note
from hstql_assets.previews.stretching import Pixels, find_limits, stretch
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import text
from hstql_resources.fits.stream import FitsStream


def draw_events(source: InputFile) -> list[Drawn]:
    """Draw the events of a file as counts per pixel, all event tables together.

    Returns
    -------
    list of Drawn
        One picture; none if the file has no table of events.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    counts: np.ndarray | None = None
    with FitsStream(source.path) as stream:
        extensions = stream.extensions()
        detector = source.instrument, text(next(extensions).header, "DETECTOR")
        if detector not in DETECTORS:
            raise FitsError(f"has events of {' '.join(detector)}, a detector that is not known")
        for extension in extensions:
            if extension.name == "EVENTS":
                found = count_events(stream, extension, *DETECTORS[detector])
                counts = found if counts is None else counts + found
    return [] if counts is None else [_draw(counts)]


def _draw(counts: np.ndarray) -> Drawn:
    """Draw the counts of events per pixel, shape (rows, columns)."""
    is_short = counts.max() <= np.iinfo(np.uint16).max  # and so has a grey level for each number
    pixels = Pixels(counts.astype(np.uint16 if is_short else np.float32))
    limits = find_limits([pixels])
    if limits is None or limits.low == limits.top:
        note = "There are no events." if not counts.any() else "All pixels have as many events."
        return Drawn(draw_note(counts.shape, note), 1, unit="COUNTS", note=note)
    picture = np.empty(counts.shape, np.uint8)
    stretch(pixels, limits, picture[::-1])
    return Drawn(Image.fromarray(picture), 1, limits.low, limits.high, "COUNTS")
