"""Write figures as files.

Apart from `figures`, for whoever only lists what draws should not wait for Matplotlib.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hstql_resources.filesystem import Filesystem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100
END_OF_PNG = b"IEND\xaeB`\x82"


def save_figure(
    figure: "Figure", path: Path, filesystem: Filesystem, digest: str | None = None
) -> None:
    """Write a figure, as `figure.savefig` would after drawing all of it once more.

    The picture can hold a digest of what it is drawn from, see `is_drawn`.
    """
    # Whoever has a figure has imported this.
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    with filesystem.write(path) as temporary:
        canvas.print_png(temporary, metadata={"Software": None, "Source": digest})


def is_drawn(path: Path, digest: str) -> bool:
    """Tell whether there is a whole picture with a digest."""
    try:
        picture = path.read_bytes()
    except OSError:
        return False
    return digest.encode() in picture[:1000] and picture.endswith(END_OF_PNG)
