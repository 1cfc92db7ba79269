"""Read a lightcurve file back into what it was written from."""

import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.lightcurves.barycentric_times import BarycentricTimes
from hstql_assets.lightcurves.events import Exposure
from hstql_assets.lightcurves.lightcurve import Lightcurve, UsedFile
from hstql_assets.lightcurves.product import EXPOSURE_CARDS, SETTINGS_CARDS, TOTALS_CARDS
from hstql_assets.lightcurves.rates import BinValues, Totals
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.fits.whole_files import open_whole


def read_lightcurve(path: Path) -> Lightcurve:
    """Read a lightcurve as it was written, but for `settings.bad_proposals`: no card has them."""
    with open_whole(path) as hdus:
        return _lightcurve(hdus[0].header, hdus["LIGHTCURVE"].data)


def _lightcurve(header: fits.Header, table: fits.FITS_rec) -> Lightcurve:
    missing = {field.name: math.nan for field in fields(Totals)}
    renamed = {"times_s": "times", "exposure_s": "exposure"}
    arrays = {
        field.name: np.array(table[renamed.get(field.name, field.name)])
        for field in fields(BinValues)
    }
    return Lightcurve(
        exposure=Exposure(
            **_attributes(header, EXPOSURE_CARDS), is_simulated=header.get("SIMULATD", False)
        ),
        settings=ExtractionSettings(**_attributes(header, SETTINGS_CARDS)),
        segments=tuple(header["SEGMENTS"].split(",")),
        wave_min=header.get("WMIN", math.nan),
        wave_max=header.get("WMAX", math.nan),
        totals=Totals(**missing | _attributes(header, TOTALS_CARDS)),
        inputs=tuple(UsedFile(*row) for row in _numbered(header, "INFILE", "CALVER")),
        rejected=tuple(
            BadData(name, Reason(reason), detail)
            for name, reason, detail in _numbered(header, "REJFIL", "REJWHY", "REJTXT")
        ),
        barycentric=BarycentricTimes(
            np.array(table["BJD_TDB"]), header.get("BJDPOS"), header.get("BJDNOTE")
        ),
        bins=BinValues(**{k: v.astype(v.dtype.newbyteorder("=")) for k, v in arrays.items()}),
        is_background_subtracted=header.get("BACKSUB", True),
        missing_references=tuple(name for (name,) in _numbered(header, "MISREF")),
        remarks=tuple(remark for (remark,) in _numbered(header, "REMARK")),
        background_source=header.get("BACKSRC", "none"),
        x1d_ratio=header.get("XRATIO", math.nan),
        x1d_note=header.get("XNOTE", ""),
    )


def _attributes(header: fits.Header, table: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    return {name: header[keyword] for name, keyword, _ in table if keyword in header}


def _numbered(header: fits.Header, *stems: str) -> Iterator[tuple[Any, ...]]:
    i = 1
    while f"{stems[0]}{i}" in header:
        yield tuple(header[f"{stem}{i}"] for stem in stems)
        i += 1
