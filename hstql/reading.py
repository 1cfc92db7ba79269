"""Take what a person hands over: paths and quantities; what is of a wrong kind is refused."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from astropy import units as u

from hstql_resources.filenames import parse_filename
from hstql_resources.fits.file_headers import read_headers
from hstql_resources.fits.header import Header

Pathlike = str | os.PathLike[str]


def headers(path: Pathlike) -> tuple[Header, ...]:
    """Return the headers of a FITS file, one for each HDU, the primary first.

    Parameters
    ----------
    path : str or path
        Plain or gzipped.

    Returns
    -------
    tuple of Header
        `header["EXPTIME"]` is a value, `header.values` all, by keyword; a header knows its `name`
        (EXTNAME), `version` and `number`.

    Raises
    ------
    ValueError
        If the file is no whole FITS file.
    """
    (file,) = read_paths("path", path)
    parsed = parse_filename(file.name)
    found = read_headers(file, parsed.filetype if parsed else "")
    if found.fault is not None:
        raise ValueError(found.fault)
    return found.headers


def read_paths(name: str, given: Pathlike | Iterable[Pathlike] | None) -> list[Path]:
    """Return files that were given as one path or several; none for None.

    Raises
    ------
    TypeError
        If something else was given.
    FileNotFoundError
        If there is no such file.
    """
    if given is None:
        return []
    many = [given] if isinstance(given, str | os.PathLike) else given
    if not isinstance(many, Iterable) or isinstance(many, bytes):
        raise TypeError(f"{name} is {_tell(given)}: give the path of a file, or a list of paths.")
    paths = list(many)
    for one in paths:
        if not isinstance(one, str | os.PathLike):
            raise TypeError(f"{name} holds {_tell(one)}: give paths of files.")
        if not Path(one).is_file():
            raise FileNotFoundError(f"There is no file {one}, which {name} names.")
    return [Path(one) for one in paths]


def read_time(name: str, given: Any) -> float:
    """Return a time in seconds.

    Raises
    ------
    TypeError
        If it has no unit.
    ValueError
        If it is none, or several.
    """
    return float(_convert(name, given, u.s, (), "a time, such as 5 * u.s"))


def read_waves(name: str, given: Any) -> tuple[tuple[float, float], ...]:
    """Return windows of wavelengths, Angstrom; errors as those of `read_time`.

    Parameters
    ----------
    name : str
        Of the argument.
    given : Quantity, shape (2,) or (n, 2)
        From the first to the second.
    """
    advice = "two wavelengths, such as (1390, 1406) * u.AA, or several such pairs"
    if isinstance(given, list | tuple) and given and all(isinstance(x, u.Quantity) for x in given):
        try:
            given = u.Quantity(given)
        except u.UnitConversionError:
            raise ValueError(f"{name} has units that do not go together: give {advice}.") from None
    values = _convert(name, given, u.AA, None, advice)
    if values.ndim not in (1, 2) or values.shape[-1] != 2:
        raise ValueError(f"{name} has the shape {values.shape}: give {advice}.")
    return tuple((float(low), float(high)) for low, high in values.reshape(-1, 2))


def _convert(name: str, given: Any, unit: Any, shape: tuple[int, ...] | None, advice: str) -> Any:
    if not isinstance(given, u.Quantity):
        raise TypeError(f"{name} is {_tell(given)} without a unit: give {advice}.")
    try:
        values = given.to_value(unit)
    except u.UnitConversionError:
        raise ValueError(f"{name} is in {given.unit or 'no unit'}: give {advice}.") from None
    if shape is not None and values.shape != shape:
        raise ValueError(f"{name} has the shape {values.shape}: give {advice}.")
    return values


def _tell(given: object) -> str:
    return f"{given!r:.60} ({type(given).__name__})"
