"""Lightcurve files by hand: what a page must cope with, without a pipeline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy.io import fits

HOSTILE = "<script>alert(1)</script>\"'&$x_{1"
DAY_S = 86400.0


@dataclass(frozen=True)
class Curve:
    """What a lightcurve file is to hold.

    Each exposure begins `apart_d` days after the one before it. `dead` are the first of the bins
    without live time in every exposure, and the first after them.
    """

    exposures: int = 1
    bins: int = 60
    bin_s: float = 2.0
    rate: float = 30.0
    target_name: str = "A-STAR"
    has_flux: bool = True
    apart_d: float = 300.0
    dead: tuple[int, int] = (0, 0)
    rootnames: tuple[str, ...] = ()
    cards: dict[str, object] = field(default_factory=dict)
    start_mjd: float = 57000.0
    law: Callable[[np.ndarray], np.ndarray] = np.ones_like  # brightness at times in s

    @property
    def names(self) -> tuple[str, ...]:
        return self.rootnames or tuple(f"ltst{i:03d}zq" for i in range(1, self.exposures + 1))


def write_curve(path: Path, curve: Curve, is_composite: bool = True) -> Path:
    """Write a file as `read_curve_table` reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hdus = [fits.PrimaryHDU(header=_header(curve, is_composite)), _lightcurve(curve)]
    if is_composite:
        hdus.append(_provenance(curve))
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def _header(curve: Curve, is_composite: bool) -> fits.Header:
    cards = {
        "INSTRUME": "COS",
        "DETECTOR": "FUV",
        "OPT_ELEM": "G130M",
        "CENWAVE": 1291,
        "APERTURE": "PSA",
        "OBJECT": curve.target_name,
        "TARGNAME": curve.target_name,
        "PROPOSID": 13902,
        "STEPSIZE": curve.bin_s,
        "FLUXCAL": curve.has_flux,
        "WMIN": 1150.0,
        "WMAX": 1400.0,
        **({"HLSPID": "HSTLC"} if is_composite else {"ROOTNAME": curve.names[0]}),
        **curve.cards,
    }
    return fits.Header(list(cards.items()))


def _lightcurve(curve: Curve) -> fits.BinTableHDU:
    random = np.random.default_rng(curve.exposures)
    times_s = np.tile(np.arange(curve.bins) * curve.bin_s, curve.exposures)
    dataset = np.repeat(np.arange(1, curve.exposures + 1), curve.bins)
    mjd = curve.start_mjd + (dataset - 1) * curve.apart_d + times_s / DAY_S
    live_s = np.full((curve.exposures, curve.bins), curve.bin_s)
    live_s[:, slice(*curve.dead)] = 0.0
    live_s = live_s.ravel()
    known = np.where(live_s > 0, 1.0, np.nan)
    gross = random.poisson(curve.rate * curve.bin_s * curve.law(times_s)) * known
    background = 0.5 * known
    error = np.sqrt(gross + background / 10)
    net = (gross - background) / (live_s * known)
    flux = net * (1e-15 if curve.has_flux else np.nan)
    flux_error = error / (live_s * known) * (1e-15 if curve.has_flux else np.nan)
    columns = {
        "bins": np.full(len(mjd), curve.bin_s),
        "times": times_s,
        "mjd": mjd,
        "gross": gross,
        "counts": gross - background,
        "net": net,
        "flux": flux,
        "flux_error": flux_error,
        "background": background,
        "error": error,
        "dataset": dataset,
        "TIME": mjd + curve.bin_s / 2 / DAY_S,
        "FLUX_ERR": flux_error,
        "exposure": live_s,
        "quality": np.where(live_s > 0, 0, 1),
        "net_error": error / (live_s * known),
        "BJD_TDB": np.full(len(mjd), np.nan),
    }
    return fits.BinTableHDU.from_columns(
        [
            fits.Column(name, "J" if values.dtype.kind == "i" else "D", array=values)
            for name, values in columns.items()
        ],
        name="LIGHTCURVE",
    )


def _provenance(curve: Curve) -> fits.BinTableHDU:
    width = max(map(len, curve.names))
    return fits.BinTableHDU.from_columns(
        [
            fits.Column("dataset", "J", array=np.arange(1, curve.exposures + 1)),
            fits.Column("rootname", f"{width}A", array=np.array(curve.names)),
        ],
        name="PROVENANCE",
    )
