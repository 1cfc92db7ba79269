"""Hold what drawing a file results in."""

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, and what is to be known about it.

    Attributes
    ----------
    image : Image
        At full resolution.
    version : int
        EXTVER of the extension, of the first where there are several.
    low, high : float or None
        Values (counts or fluxes) between which it is drawn: the percentiles of an image, the ends
        of the axis of a spectrum.
    unit : str or None
        Of these values.
    place : str or None
        Which part of the detector is shown; None if all of it is.
    note : str or None
        Why there is nothing to be seen, one sentence; it stands in the picture too.
    """

    image: Image.Image
    version: int
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    place: str | None = None
    note: str | None = None
