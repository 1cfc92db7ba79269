"""Encode the rows of the table `gain` as Postgres's binary COPY has them.

The format is a header, then for each row the number of its columns, and for each column its length
and its value, big-endian; the length -1 is NULL.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains

_NULL = -1


@dataclass(frozen=True, eq=False)
class GainRows:
    """The rows of one image.

    Attributes
    ----------
    image : str
        Its key.
    segment : str
        FUVA or FUVB.
    high_voltage : int
        Commanded level.
    exp_start_mjd : float
        Start of its first exposure, MJD UTC.
    gains : SuperpixelGains
        One row for each.
    """

    image: str
    segment: str
    high_voltage: int
    exp_start_mjd: float
    gains: SuperpixelGains

    def columns(self) -> dict[str, object]:
        """Return each column of the table, as an array of shape (n,) or one value for all."""
        gains, peaks = self.gains, self.gains.peaks
        return {
            "image": self.image,
            "x": gains.x.astype(">i4"),
            "y": gains.y.astype(">i4"),
            "segment": self.segment,
            "high_voltage": np.full(len(gains.x), self.high_voltage, ">i4"),
            "exp_start_mjd": np.full(len(gains.x), self.exp_start_mjd, ">f8"),
            "gain": peaks.mean.astype(">f8"),
            "gain_error": peaks.mean_error.astype(">f8"),
            "width": peaks.width.astype(">f8"),
            "width_error": peaks.width_error.astype(">f8"),
            "counts": gains.counts.astype(">i4"),
            "all_counts": gains.all_counts.astype(">i4"),
            "quality": peaks.quality.astype(">f8"),
        }

    def encode(self) -> bytes:
        """Return the rows as binary COPY has them, without its header and end."""
        columns = self.columns()
        has_width_error = np.isfinite(self.gains.peaks.width_error)
        with_null = {name: values for name, values in columns.items() if name != "width_error"}
        return b"".join(
            [
                _encode(columns, has_width_error, None),
                _encode(with_null, ~has_width_error, "width_error"),
            ]
        )


COLUMNS = (
    *("image", "x", "y", "segment", "high_voltage", "exp_start_mjd", "gain", "gain_error"),
    *("width", "width_error", "counts", "all_counts", "quality"),
)


def _encode(columns: dict[str, object], chosen: NDArray[np.bool_], null: str | None) -> bytes:
    """Return rows, chosen of shape (n,), that are all alike: the column `null` is NULL in each."""
    fields: list[tuple[str, str]] = [("number", ">i2")]
    values: dict[str, object] = {"number": len(COLUMNS)}
    for name in COLUMNS:
        fields.append((f"{name} bytes", ">i4"))
        if name == null:
            values[f"{name} bytes"] = _NULL
            continue
        value = columns[name]
        if isinstance(value, str):
            value = np.bytes_(value.encode())
        array = np.asarray(value)
        values[f"{name} bytes"] = array.dtype.itemsize
        values[name] = array[chosen] if array.ndim else array
        fields.append((name, array.dtype.str))
    rows = np.empty(int(np.count_nonzero(chosen)), np.dtype(fields))
    for name, value in values.items():
        rows[name] = value
    return rows.tobytes()
