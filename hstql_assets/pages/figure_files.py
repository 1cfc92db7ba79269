"""Write figures as files.

Apart from `figures`, for whoever only lists what draws should not wait for Matplotlib.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hstql_resources.filesystem import Filesystem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100


def save_figure(figure: "Figure", path: Path, filesystem: Filesystem) -> None:
    """Write a figure, as `figure.savefig` would after drawing all of it once more."""
    # Whoever has a figure has imported this.
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    with filesystem.write(path) as temporary:
        canvas.print_png(temporary, metadata={"Software": None})
