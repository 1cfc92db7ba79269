"""Files that the site shows, with their rows."""

from pathlib import Path

from astropy.io import fits

from builders.site_rows import NOW, Station
from hstql_resources import tables


def sky_cards() -> fits.Header:
    """Coordinates with distortion, as of the WFC of ACS."""
    header = fits.Header()
    header.update(
        CTYPE1="RA---TAN-SIP", CTYPE2="DEC--TAN-SIP", CRPIX1=512.0, CRPIX2=350.0, CRVAL1=359.999,
        CRVAL2=-72.1, CD1_1=1.3e-5, CD1_2=3e-6, CD2_1=2e-6, CD2_2=-1.4e-5, A_ORDER=2, B_ORDER=2,
        A_2_0=8e-6, A_1_1=-5e-6, B_0_2=-7e-6, B_1_1=6e-6, BUNIT="ELECTRONS",
    )  # fmt: skip
    return header


def add_file(station: Station, filename: str, hdus: fits.HDUList | bytes, **more: object) -> Path:
    """Write a file and its row."""
    path = station.home / "files" / filename
    if isinstance(hdus, bytes):
        path.write_bytes(hdus)
    else:
        hdus.writeto(path, overwrite=True)
    row = {
        "filename": filename.removesuffix(".gz"), "rootname": filename[:9],
        "filetype": filename[10:].partition(".")[0], "kind": "calibrated", "path": str(path),
        "size_bytes": path.stat().st_size, "ingest_date": NOW, **more,
    }  # fmt: skip
    with station.database.write() as writer:
        writer.upsert(tables.File, [row])
    return path
