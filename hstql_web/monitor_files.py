"""Read what a monitor has written for its page: texts and plots, and the files beside it."""

import json
from pathlib import Path
from typing import Any

from hstql_resources.filesystem import Filesystem
from hstql_resources.site.rows import AnyRow

_CONTENT = "page.json"


def read_content(filesystem: Filesystem, row: AnyRow) -> dict[str, Any] | None:
    """Return what the page of a monitor says; None if there is none that the site can show.

    Parameters
    ----------
    filesystem : Filesystem
    row : row of `monitor_states`
    """
    try:
        content: dict[str, Any] = json.loads((_folder(filesystem, row) / _CONTENT).read_bytes())
    except (OSError, ValueError):
        return None
    return content


def list_charts(content: dict[str, Any] | None) -> list[str]:
    """Return the names of the charts on the page of a monitor."""
    sections = () if content is None else content["sections"]
    return [one["name"] for section in sections for one in section["charts"]]


def find_beside(filesystem: Filesystem, row: AnyRow, chart: str, ending: str) -> Path | None:
    """Return the picture or the numbers of a chart that is on the page of a monitor.

    Parameters
    ----------
    filesystem : Filesystem
    row : row of `monitor_states`
    chart : str
        The name that is asked for.
    ending : str
        png or csv.
    """
    names = list_charts(read_content(filesystem, row))
    known = next((name for name in names if name == chart), None)
    path = None if known is None else _folder(filesystem, row) / f"{known}.{ending}"
    return path if path is not None and path.is_file() else None


def _folder(filesystem: Filesystem, row: AnyRow) -> Path:
    return filesystem.plots / Path(row.page).parent
