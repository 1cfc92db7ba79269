"""Support files with nothing but the elements of an orbit: those of ldfd01vnq, of 2017."""

from pathlib import Path

from astropy.io import fits

ELEMENTS = {
    "EPCHTIME": 1025136000.0, "ECCENTRY": 0.0004283162639301, "SEMILREC": 6915725.28076,
    "MEANANOM": 6.044093970236, "FDMEANAN": 0.0001750392674955, "SDMEANAN": 5.302999084057e-16,
    "ARGPERIG": 0.1955231160603, "RCARGPER": -6.420404358549e-08, "RASCASCN": 0.8404418072316,
    "RCASCNRV": -2.130904121864e-07, "COSINCLI": 0.8799674739575, "SINEINCL": 0.4750339406578,
}  # fmt: skip


def write_spt(path: Path, **changes: object) -> Path:
    cards = {name: value for name, value in (ELEMENTS | changes).items() if value is not None}
    fits.PrimaryHDU(header=fits.Header(cards)).writeto(path)
    return path
