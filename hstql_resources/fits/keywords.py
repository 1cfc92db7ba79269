"""Read values of FITS keywords, with a clear word about what is missing or of a wrong type."""

from astropy.io import fits
from astropy.io.fits.verify import VerifyError

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header_values import CAPITALS


def number(header: fits.Header, keyword: str, default: float | None = None) -> float:
    """Return a keyword as a float; FitsError if it is missing without default, or no number."""
    value = value_of(header, keyword, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FitsError(f"{keyword} is {value!r}, not a number")
    return float(value)


def integer(header: fits.Header, keyword: str, default: int | None = None) -> int:
    """Return a keyword as an integer; FitsError as in `number`."""
    value = number(header, keyword, default)
    if not value.is_integer():
        raise FitsError(f"{keyword} is {value}, not a whole number")
    return int(value)


def text(header: fits.Header, keyword: str, default: str | None = None) -> str:
    """Return a keyword as stripped text; FitsError if it is missing without default.

    One of `CAPITALS` is in capitals, however the header has it.
    """
    found = str(value_of(header, keyword, default)).strip()
    return found.upper() if keyword in CAPITALS else found


def value_of(header: fits.Header, keyword: str, default: object) -> object:
    """Return a keyword as it stands there; FitsError as in `number`, whatever its type."""
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
