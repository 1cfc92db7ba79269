"""Draw the pictures of a file with images."""

from PIL import Image

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import find_detector
from hstql_assets.images.reading import read_images
from hstql_assets.previews.assembling import Frame, arrange, render
from hstql_assets.previews.picture_files import Drawn, draw_note
from hstql_assets.previews.stretching import Limits
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import finite


def draw_images(source: InputFile) -> list[Drawn]:
    """Draw the images of a file: chips together, anything else one by one.

    Returns
    -------
    list of Drawn
        Empty if the file has no image.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    file = read_images(source.path, _is_shown)
    detector = find_detector(source.instrument, file.detector)
    return [_draw(frame) for frame in arrange(file.images, detector, source.filetype)]


def _is_shown(primary: Header, header: Header) -> bool:
    """Tell whether an extension is drawn: of the reads of the infrared detector the last one.

    It is the first in the file, EXTVER 1 (WFC3 Data Handbook 2.2.2).
    """
    return primary.values.get("DETECTOR") != "IR" or header.version == 1


def _draw(frame: Frame) -> Drawn:
    pixels, limits = render(frame)
    note = _note(limits, frame.unit)
    image = draw_note(pixels.shape, note) if note else Image.fromarray(pixels)
    return Drawn(
        image,
        frame.version,
        low=None if limits is None else finite(limits.low),
        high=None if limits is None else finite(limits.high),
        unit=frame.unit,
        place=frame.place,
        note=note,
    )


def _note(limits: Limits | None, unit: str | None) -> str | None:
    if limits is None:
        return "No pixel has a finite value."
    if limits.low < limits.top:
        return None
    return f"All pixels have the value {limits.low:.7g}{f' {unit}' if unit else ''}."
