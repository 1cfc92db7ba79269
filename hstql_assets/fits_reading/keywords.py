"""Values of FITS keywords, read with a clear word about what is missing or of the wrong type."""

from astropy.io import fits
from astropy.io.fits.verify import VerifyError


class FitsError(ValueError):
    """The file is no FITS, or not whole, or not of the kind asked for; the text says which."""


def number(header: fits.Header, keyword: str, default: float | None = None) -> float:
    """Value of a keyword as a float; FitsError if it is missing without default, or no number."""
    value = _value(header, keyword, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FitsError(f"{keyword} is {value!r}, not a number")
    return float(value)


def integer(header: fits.Header, keyword: str, default: int | None = None) -> int:
    """Value of a keyword as an integer; FitsError as in `number`."""
    value = number(header, keyword, default)
    if not value.is_integer():
        raise FitsError(f"{keyword} is {value}, not a whole number")
    return int(value)


def text(header: fits.Header, keyword: str, default: str | None = None) -> str:
    """Value of a keyword as stripped text; FitsError if it is missing without default."""
    return str(_value(header, keyword, default)).strip()


def _value(header: fits.Header, keyword: str, default: object) -> object:
    try:
        value = header[keyword]
    except KeyError:
        value = None
    except (VerifyError, ValueError):
        raise FitsError(f"{keyword} has a value that cannot be read") from None
    if value is None or isinstance(value, fits.card.Undefined):
        value = default
    if value is None:
        raise FitsError(f"{keyword} is missing")
    return value
