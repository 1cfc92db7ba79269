"""Everything of a target as one file: its products and pictures, and its files if wanted."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import Response, StreamingResponse

from hstql_resources.site.rows import AnyRow
from hstql_web.archives import Entry, stream_zip
from hstql_web.pages.targets import NO_TARGET, read_target
from hstql_web.queries import targets
from hstql_web.queries.targets import Target
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
MOST_FILES = 50_000
SET_ASIDE = "It was set aside on {:%Y-%m-%d}: the archive hands it out again."


@ROUTER.get("/target/archive")
def send(
    visit: Reading,
    target: Annotated[Target, Depends(read_target)],
    files: Literal["yes", "no"] = "no",
) -> Response:
    """Send a zip of what the person may see of a target."""
    rows = targets.list_products(visit.connection, target, MOST_FILES + 1)
    if files == "yes":
        rows += targets.list_files(visit.connection, target, MOST_FILES + 1)
    if len(rows) > MOST_FILES:
        raise HTTPException(
            422, f"That is more than {MOST_FILES:,} files: take lists of its exposures instead."
        )
    entries = list(_name_apart([*_list_composites(visit, target), *map(_make_entry, rows)]))
    if not entries:
        raise HTTPException(404, NO_TARGET)
    name = re.sub(r"[^A-Za-z0-9.+-]+", "_", target.label).strip("._")[:80] or "target"
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(stream_zip(entries), media_type="application/zip", headers=headers)


def _list_composites(visit: Visit, target: Target) -> Iterator[Entry]:
    """Yield the composites of a target with those of their plots that there are."""
    for row in targets.list_composites(visit.connection, target.slug) if target.slug else ():
        yield Entry(f"composites/{row.filename}", "", Path(row.path))
        for plot in visit.desk.opened.filesystem.composite_plots(row.filename):
            if plot.is_file():
                yield Entry(f"composites/plots/{plot.name}", "", plot)


def _make_entry(row: AnyRow) -> Entry:
    path = Path(row.path)
    note = "" if row.set_aside_at is None else SET_ASIDE.format(row.set_aside_at)
    return Entry(f"{row.folder}/{path.name}", row.rootname, path, note)


def _name_apart(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries, those whose name another has with their exposure before it."""
    taken: set[str] = set()
    for entry in entries:
        folder, _, name = entry.name.rpartition("/")
        if entry.name in taken:
            entry = entry._replace(name=f"{folder}/{entry.rootname}/{name}")
        taken.add(entry.name)
        yield entry
