"""Write figures as files, and small for the user interface.

Apart from `figures`, for whoever only lists what draws should not wait for Matplotlib.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from hstql_resources.filesystem import Filesystem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100
SHOWN_WIDTH = 640  # of the picture in the user interface, which keeps it under 60 kB


def save_figure(figure: "Figure", path: Path, filesystem: Filesystem) -> bytes:
    """Write a figure; return it small, for the user interface.

    The file is that of `figure.savefig`, which would lay out and draw all of it once more.
    """
    # Whoever has a figure has imported this.
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    with filesystem.write(path) as temporary:
        canvas.print_png(temporary, metadata={"Software": None})
    return _shrink(Image.fromarray(np.asarray(canvas.buffer_rgba())))


def _shrink(image: Image.Image) -> bytes:
    height = round(image.height * SHOWN_WIDTH / image.width)
    small = image.convert("RGB").resize((SHOWN_WIDTH, height), Image.Resampling.BOX)
    buffer = io.BytesIO()
    small.quantize(32, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    return buffer.getvalue()
