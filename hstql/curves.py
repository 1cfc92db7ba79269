"""Make a lightcurve of files, and hand it on as astronomers' packages have it."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from astropy import units as u
from astropy.table import QTable
from astropy.timeseries import TimeSeries

from hstql.reading import Pathlike, headers, read_paths, read_time, read_waves
from hstql_assets.commands.lightcurve import read_choices
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.table import LIGHTCURVE, read_curve_table

if TYPE_CHECKING:
    from PIL.Image import Image

    from hstql_resources.fits.header import Header


class Lightcurve:
    """A lightcurve, of one exposure or a composite of several, as its FITS file has it.

    Parameters
    ----------
    path : Path
        The file.
    is_temporary : bool
        Whether the folder of the file goes when this object does.
    """

    def __init__(self, path: Path, *, is_temporary: bool = False) -> None:
        self._path = path
        if is_temporary:
            weakref.finalize(self, shutil.rmtree, path.parent, ignore_errors=True)

    def __repr__(self) -> str:
        return f"<Lightcurve {self._path.name}: {len(self.table)} bins>"

    @property
    def header(self) -> "Header":
        """The primary header: what it was made from and how, with totals."""
        return headers(self._path)[0]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out or is odd, a sentence each."""
        values = self.header.values
        return tuple(str(value) for key, value in values.items() if key.startswith("REMARK"))

    @property
    def table(self) -> QTable:
        """A row for each bin, columns with units; `TIME` is a Time, the centre of the bin (UTC)."""
        return QTable.read(self._path, hdu=LIGHTCURVE, format="fits", astropy_native=True)

    def to_timeseries(self) -> TimeSeries:
        """Return it as a TimeSeries of astropy; `time` is the centre of the bin."""
        table = self.table
        table.rename_column("TIME", "time")
        return TimeSeries(table)

    def to_lightkurve(self) -> Any:
        """Return it as a LightCurve of lightkurve.

        Raises
        ------
        ImportError
            If lightkurve is not installed.
        """
        try:
            import lightkurve  # not everybody has it, and it takes seconds
        except ImportError as error:
            raise ImportError(
                "lightkurve is not there: 'pip install lightkurve' installs it."
            ) from error
        return lightkurve.read(self._path)

    def plot(self) -> "Image":
        """Return its picture, which notebooks show: rates and flux against time."""
        # Takes what draws along.
        from hstql_assets.plots.figures import draw_curve

        return draw_curve(read_curve_table(self._path))

    def write(self, path: Pathlike, overwrite: bool = False) -> None:
        """Write its FITS file.

        Raises
        ------
        FileExistsError
            If there is something already, and it is not to be overwritten.
        """
        if Path(path).exists() and not overwrite:
            raise FileExistsError(f"{path} is there already: overwrite=True writes over it.")
        with tempfile.TemporaryDirectory(prefix=".hstql_", dir=Path(path).parent) as folder:
            copy = shutil.copy(self._path, folder)
            Path(copy).replace(path)


def lightcurve(
    corrtag: Pathlike | Iterable[Pathlike],
    x1d: Pathlike | None = None,
    spt: Pathlike | None = None,
    *,
    bin: u.Quantity | None = None,  # noqa: A002, as the option of the command
    wave: u.Quantity | Sequence[u.Quantity] | None = None,
    name: str | None = None,
    sun: Literal["day", "night"] | None = None,
    keep_airglow: bool = False,
    pulse_heights: tuple[int, int] | None = None,
    by_orbit: bool = False,
    target_sn: float | None = None,
) -> Lightcurve:
    """Make the lightcurve of a COS or STIS TIME-TAG exposure from its files, as the command does.

    Parameters
    ----------
    corrtag : path or list of paths
        One corrtag of COS/NUV or STIS, or corrtag_a, corrtag_b or both of COS/FUV; plain or
        gzipped.
    x1d : path, optional
        The spectrum of the same exposure. Without it there are counts and no flux.
    spt : path, optional
        Its support file, by which times at the barycentre are exact to 10 ms.
    bin : Quantity [time], optional
        Width of a bin; 2 s if not said.
    wave : Quantity [length], shape (2,) or (n, 2), optional
        Only these wavelengths, from the first to the second.
    name : str, optional
        As an extraction of `extractions.toml`; what else is said changes it.
    sun : {"day", "night"}, optional
        Only while the Sun is above the horizon, or below.
    keep_airglow : bool
        Do not leave geocoronal lines out.
    pulse_heights : (int, int), optional
        Only these, of COS/FUV.
    by_orbit : bool
        One bin for each orbit.
    target_sn : float, optional
        Join bins to this signal to noise.

    Returns
    -------
    Lightcurve

    Raises
    ------
    TypeError, ValueError
        If what was given is of a wrong kind or makes no sense; the message says what to give.
    BadExposure, NothingToExtract
        If files are bad, or the choices leave nothing.
    """
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name is {name!r:.60}: give that of an extraction as a text.")
    if sun not in (None, "day", "night"):
        raise ValueError(f'sun is {sun!r}: give "day" or "night".')
    events = read_paths("corrtag", corrtag)
    if not events:
        raise ValueError("corrtag is empty: give at least one corrtag file.")
    choices: dict[str, object] = {
        "bin_s": None if bin is None else read_time("bin", bin),
        "waves": () if wave is None else read_waves("wave", wave),
        "night": sun == "night",
        "day": sun == "day",
        "keep_airglow": keep_airglow,
        "pulse_heights": _check(
            "pulse_heights", pulse_heights, "two numbers, such as (2, 23)", _is_pair
        ),
        "is_by_orbit": by_orbit,
        "target_sn": _check("target_sn", target_sn, "a number, such as 10", _is_number),
    }
    settings = read_choices(name, choices)
    made = make_lightcurve(events, _read_one("x1d", x1d), settings, _read_one("spt", spt))
    path = Path(tempfile.mkdtemp(prefix="hstql_")) / f"{made.exposure.rootname}_curve.fits"
    write_lightcurve(made, path, name=name)
    return Lightcurve(path, is_temporary=True)


def _check(name: str, given: Any, advice: str, is_right: Callable[[Any], bool]) -> Any:
    if given is not None and not is_right(given):
        raise TypeError(f"{name} is {given!r:.60}: give {advice}.")
    return given


def _is_number(given: Any) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def _is_pair(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2 and all(isinstance(x, int) for x in given)


def _read_one(name: str, given: Pathlike | None) -> Path | None:
    paths = read_paths(name, given)
    if len(paths) > 1:
        raise ValueError(f"{name} has {len(paths)} files: give the one of the exposure.")
    return paths[0] if paths else None
