"""Write extensions of images, and whole files of them: pixels and the cards of their headers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.image_values import (
    coordinate_values,
    describe_pixels,
    distortion_values,
    readout_values,
)
from hstql_resources.archive.simulated.cameras.values import (
    blank_photometry,
    is_rejected,
    photometry_values,
    primary_values,
)
from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.sky.fitsfile import Value, Values, to_big_endian, write_unit

ZERO_OF_UNSIGNED = 32768
MEASUREMENTS_STREAM = 92

Pixels = NDArray[np.uint16] | NDArray[np.int16] | NDArray[np.int32] | NDArray[np.float32]


@dataclass(frozen=True)
class Constant:
    """An array of one value, of which only the header is written.

    Attributes
    ----------
    shape : tuple of int
        Its rows and columns.
    value : int or float
        What all of it is; as a float the extension is one of floats.
    """

    shape: tuple[int, int]
    value: float


class Writer:
    """Writes the extensions of a file, and the file.

    Parameters
    ----------
    exposure : Exposure
        Whose file it is.
    tags : sequence of str
        Which cards its headers have, besides those of its detector.
    is_raw : bool
        Whether the images have their overscan or reference pixels.
    """

    def __init__(self, exposure: Exposure, tags: Sequence[str], is_raw: bool) -> None:
        kind = "ccd" if exposure.detector.is_ccd else "no_ccd"
        self.exposure = exposure
        self.tags = exposure.tags | {kind, *tags}
        self.is_raw = is_raw
        self._rng = exposure.random_stream(MEASUREMENTS_STREAM)
        self._primary = primary_values(exposure, "raw" not in tags)
        self._photometry = blank_photometry() if "raw" in tags else photometry_values(exposure)
        self._coordinates: dict[int, Values] = {}

    def constants(self, frame: Frame, values: Mapping[str, Value]) -> list[bytes]:
        """Return the ERR and DQ extensions of raw files, which have no pixels."""
        error = {**describe_pixels(np.zeros((0, 0))), **values}
        return [
            self.extension(frame, "ERR", Constant(frame.raw_shape, 0.0), "COUNTS", error),
            self.extension(frame, "DQ", Constant(frame.raw_shape, 0), "UNITLESS", values),
        ]

    def triplet(
        self,
        frame: Frame,
        arrays: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int16]],
        unit: str,
        values: Mapping[str, Value],
    ) -> list[bytes]:
        """Return the extensions SCI, ERR and DQ of arrays, shape (rows, columns), in `unit`."""
        science, error, flags = arrays
        described = {**describe_pixels(science, flags, error), **values}
        of_error = {**describe_pixels(error, flags), **values}
        return [
            self.extension(frame, "SCI", science, unit, described),
            self.extension(frame, "ERR", error, unit, of_error),
            self.extension(frame, "DQ", flags, "UNITLESS", values),
        ]

    def finish(
        self,
        filename: str,
        values: Mapping[str, Value],
        extensions: Sequence[bytes],
        more: str = "",
    ) -> bytes:
        """Return the file.

        Parameters
        ----------
        filename : str
            Its name.
        values : mapping
            What its primary header says, other than those of the exposure.
        extensions : sequence of bytes
            All of them.
        more : str
            Cards at the end of the primary header.
        """
        primary = {
            **self._primary,
            **self._photometry,
            "NEXTEND": len(extensions),
            "FILENAME": filename,
            **values,
        }
        name = f"cameras/{self.exposure.detector.instrument}_primary"
        cards = fill_cards(name, primary, self._primary_tags(), self._rng)
        return write_unit(cards + more) + b"".join(extensions)

    def _primary_tags(self) -> frozenset[str]:
        external = {"external"} if self.exposure.slot.is_external else set()
        patterned = {"pattern2"} if self.exposure.place.index % 5 == 1 else set()
        rejected = is_rejected(self.exposure) and "raw" not in self.tags
        return self.tags | external | patterned | {"rejected" if rejected else "unrejected"}

    def extension(
        self,
        frame: Frame,
        name: str,
        pixels: Pixels | Constant,
        unit: str,
        values: Mapping[str, Value],
    ) -> bytes:
        """Return an extension.

        Parameters
        ----------
        name, unit : str
            EXTNAME and BUNIT.
        pixels : ndarray, shape (rows, columns), or Constant
        values : mapping
            What its header says besides.
        """
        tags = {*self.tags, name.lower()}
        structure, data = _store(pixels)
        tags |= {"constant"} if isinstance(pixels, Constant) else {"array"}
        tags |= {"scaled"} if structure.get("BZERO") else set()
        if len(self.exposure.detector.chips) > 1:
            tags.add("chip")
        whole: Values = {
            **self._frame_values(frame, name == "SCI" and "aligned" in tags),
            "EXTNAME": name,
            "BUNIT": unit,
            **values,
            **structure,
        }
        text = fill_cards("cameras/image", whole, tags, self._rng)
        if name in {"SCI", "ERR"}:
            rest = "image_science" if name == "SCI" else "image_error"
            text += fill_cards(f"cameras/{rest}", whole, tags, self._rng)
        return write_unit(text, data)

    def _frame_values(self, frame: Frame, is_aligned: bool) -> Values:
        if frame.extver not in self._coordinates:
            self._coordinates[frame.extver] = {
                **coordinate_values(self.exposure, frame, self.is_raw),
                **readout_values(self.exposure, frame),
                **self._photometry,
                "ROOTNAME": self.exposure.rootname,
                "EXPNAME": self.exposure.rootname,
                "DATE": self._primary["DATE"],
                "IDCTAB": self._primary["IDCTAB"],
                "GLOBRATE": 0.0,
            }
        values = self._coordinates[frame.extver]
        return {**values, **distortion_values(self.exposure, values)} if is_aligned else values


def _store(pixels: Pixels | Constant) -> tuple[Values, bytes]:
    """Return the structural values of an array, and its bytes."""
    if isinstance(pixels, Constant):
        rows, columns = pixels.shape
        is_float = isinstance(pixels.value, float)
        size: Values = {"NPIX1": columns, "NPIX2": rows, "PIXVALUE": pixels.value}
        low: Values = {"DATAMIN": 0.0, "DATAMAX": 0.0}
        return {"BITPIX": -32 if is_float else 16, "NAXIS": 0, **size, **low}, b""
    structure: Values = {
        "BITPIX": pixels.dtype.itemsize * (-8 if pixels.dtype.kind == "f" else 8),
        "NAXIS": 2,
        "NAXIS1": pixels.shape[1],
        "NAXIS2": pixels.shape[0],
        "DATAMIN": float(pixels.min()),
        "DATAMAX": float(pixels.max()),
    }
    if pixels.dtype == np.uint16:
        structure["BZERO"] = float(ZERO_OF_UNSIGNED)
        pixels = (pixels.view(np.uint16) ^ np.uint16(ZERO_OF_UNSIGNED)).view(np.int16)
    return structure, to_big_endian(pixels)
