"""Write figures as files, and small for the user interface.

Apart from `figures`, for whoever only lists what draws should not wait for Matplotlib.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from hstql_resources.filesystem import Filesystem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100
SHOWN_WIDTH = 640  # of the picture in the user interface, which keeps it under 60 kB


def save_figure(figure: "Figure", path: Path, filesystem: Filesystem) -> bytes:
    """Write a figure; return it small, for the user interface."""
    with filesystem.write(path) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, metadata={"Software": None})
        return _shrink(temporary)


def _shrink(path: Path) -> bytes:
    with Image.open(path) as image:
        height = round(image.height * SHOWN_WIDTH / image.width)
        small = image.convert("RGB").resize((SHOWN_WIDTH, height), Image.Resampling.BOX)
    buffer = io.BytesIO()
    small.quantize(32, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    return buffer.getvalue()
