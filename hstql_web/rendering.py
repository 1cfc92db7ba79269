"""Render pages: templates, addresses, and how values are written for readers."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hstql_assets.pages import exposure_links
from hstql_resources.times import mjd_to_datetime

HERE = Path(__file__).parent
SHARED = Path(exposure_links.__file__).parent / "templates"  # of pages on the disk


class Menu(NamedTuple):
    """An entry of the menu that all pages have.

    Attributes
    ----------
    label : str
        What it is called.
    path : str
        Where it leads.
    place : int
        Where in the menu it stands, from 0.
    """

    label: str
    path: str
    place: int


class Rendering:
    """The templates of the site.

    Parameters
    ----------
    prefix : str
        The path under which the site lies, without a slash at its end.
    menu : iterable of Menu
        The entries of the menu.
    """

    def __init__(self, prefix: str, menu: Iterable[Menu]) -> None:
        self._prefix = prefix
        self._versions: dict[str, str] = {}
        self._environment = Environment(
            loader=FileSystemLoader([HERE / "templates", SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            address=self.address, static=self.static, menu=sorted(menu, key=lambda one: one.place)
        )
        self._environment.filters.update(
            linked=exposure_links.link_names,
            day=show_day,
            moment=show_moment,
            second=show_second,
            mjd=show_mjd,
            size=show_size,
            number=show_number,
        )

    def render(self, template: str, **content: Any) -> str:
        """Return a page as HTML."""
        return self._environment.get_template(template).render(**content)

    def address(self, path: str, **query: object) -> str:
        """Return the address of a page: its path is quoted, and what is None left out."""
        asked = {name: value for name, value in query.items() if value is not None}
        ending = f"?{urlencode(asked, doseq=True)}" if asked else ""
        return f"{self._prefix}{quote(path)}{ending}"

    def static(self, name: str) -> str:
        """Return the address of a script or a style sheet; another one when it changes."""
        if name not in self._versions:
            content = (HERE / "static" / name).read_bytes()
            self._versions[name] = sha256(content).hexdigest()[:10]
        return f"{self._prefix}/static/{quote(name)}?{self._versions[name]}"


def show_moment(time: datetime | None) -> str:
    """Return a time to the minute, UTC; empty if there is none."""
    return "" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"


def show_second(time: datetime | None) -> str:
    """Return a time to the second, UTC; empty if there is none."""
    return "" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def show_day(time: datetime | None) -> str:
    """Return the day of a time, UTC; empty if there is none."""
    return "" if time is None else f"{time.astimezone(UTC):%Y-%m-%d}"


def show_mjd(mjd: float | None) -> str:
    """Return an MJD (UTC) as a time to the second; empty if there is none."""
    return "" if mjd is None else f"{mjd_to_datetime(mjd):%Y-%m-%d %H:%M:%S}"


def show_size(size: int | None) -> str:
    """Return a number of bytes for readers; empty if there is none."""
    if size is None:
        return ""
    value, units = float(size), ["bytes", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.0f} {units[0]}" if units[0] == "bytes" else f"{value:.3g} {units[0]}"


def show_number(value: float | None, digits: int = 6) -> str:
    """Return a number with some digits; empty if there is none."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.{digits}g}"
