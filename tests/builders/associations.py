"""Put files of an association and of its members into an archive."""

from collections.abc import Mapping
from pathlib import Path

from astropy.io import fits

ASSOCIATION, MEMBER, OTHER_MEMBER = "jdet01010", "jdet01aaq", "jdet01abq"


def put(folder: Path, name: str, values: Mapping[str, object], extname: str = "SCI") -> None:
    """Put a file with these keywords in its primary header into the archive."""
    folder = folder / "archive" / name[:4] / name[:9]
    folder.mkdir(parents=True, exist_ok=True)
    primary = fits.PrimaryHDU(header=fits.Header(dict(values)))
    fits.HDUList([primary, fits.ImageHDU(name=extname)]).writeto(folder / name)


def put_association(folder: Path) -> None:
    put(folder, f"{ASSOCIATION}_asn.fits", {"ASN_ID": ASSOCIATION.upper()}, "ASN")


def put_member(folder: Path, name: str = MEMBER) -> None:
    values = {"DETECTOR": "WFC", "ASN_ID": ASSOCIATION.upper()}
    put(folder, f"{name}_raw.fits", values)
