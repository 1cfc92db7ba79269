"""Write the index of all monitors: what each says, those with an alarm on top."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from hstql_assets.monitors.framework.states import GRAVE
from hstql_assets.pages.pages import link, render, write_page
from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import STATES
from hstql_resources.times import word_time

State = Mapping[str, object]


def find_index(filesystem: Filesystem) -> Path:
    """Return where the index of all monitors is."""
    return filesystem.plots / "monitors" / "index.html"


def write_index(states: Sequence[State], filesystem: Filesystem) -> Path:
    """Write the index of all monitors, from the rows of `monitor_states`; return where it is."""
    page = find_index(filesystem)
    write_page(filesystem, page, render_index(states, filesystem))
    return page


def render_index(states: Sequence[State], filesystem: Filesystem) -> str:
    """Return the index of all monitors; the same states give the same page."""
    page = find_index(filesystem)
    rows = sorted(states, key=lambda row: (_rank(row), str(row["title"])))
    counts = Counter(str(row["state"]) for row in rows)
    return render(
        "monitors.html",
        page,
        filesystem.plots,
        "Monitors",
        scripts=(),
        counts=[(state, counts[state]) for state in STATES if counts[state]],
        rows=[_make_row(row, page, filesystem) for row in rows],
    )


def _rank(row: State) -> int:
    return STATES.index(str(row["state"])) if row["state"] in STATES else -1


def _make_row(row: State, page: Path, filesystem: Filesystem) -> dict[str, object]:
    own = filesystem.plots / str(row["page"])
    newest, place = row["newest_mjd"], "#limits" if row["state"] in GRAVE else ""
    return {
        "name": row["monitor"],
        "title": row["title"],
        "state": row["state"],
        "since": _word(row["changed_at"]),
        "summary": row["summary"],
        "exposures": f"{row['exposures']:,}",
        "newest": word_time(newest)[:10] if isinstance(newest, float) else "none",
        "updated": _word(row["ingest_date"]),
        "address": f"{link(own, page)}{place}" if own.is_file() else None,
    }


def _word(time: object) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if isinstance(time, datetime) else "unknown"
