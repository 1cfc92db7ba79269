"""Targets: a list by name or place, and the page of one with its composites and exposures."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from starlette.responses import FileResponse, Response

from hstql_assets.composites.configuration import Configuration
from hstql_resources.site.rows import AnyRow
from hstql_resources.sky import Cone
from hstql_resources.statistics import STATISTICS
from hstql_web import sky_map
from hstql_web.choosing import SINGLE
from hstql_web.guard import STYLED
from hstql_web.pages.files import Filename, send_picture
from hstql_web.queries import targets
from hstql_web.queries.targets import MOST_EXPOSURES, Target
from hstql_web.rendering import Menu
from hstql_web.time_line import draw_time_line
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Targets", "/targets", 15)
_MOST_LISTED = 100
_MOST_NAMES = 20
_MOST_ROWS = 200  # of the table of exposures
_ORDER, _ORDER_OF_TARGET = 4, 3  # of the cells of the map: 3.7 and 7.3 deg
_RADIUS_ARCSEC = 7200  # of what a click on the map asks for
NO_TARGET = "There is no such target here."
Name = Annotated[str, Query(max_length=200)]


def read_target(target: Name = "", target_name: Name = "") -> Target:
    """Return the target that an address names, by its slug or its name in headers."""
    if not (target or target_name) or not (target + target_name).isprintable():
        raise HTTPException(422, "Say which target is meant: target=, or target_name=.")
    return Target(target, "" if target else target_name)


Targeted = Annotated[Target, Depends(read_target)]


@ROUTER.get("/targets")
def show_list(visit: Reading, name: Name = "", cone: Name = "", behind: Name = "") -> Response:
    """Show targets whose names begin so, or within a circle, on a page and on the sky."""
    if not (name + behind).isprintable():
        raise HTTPException(422, "The name has odd characters.")
    where = _read_cone(cone)
    name = name.strip()
    rows, following, is_cut = _find(visit, name, where, behind)
    shown = {"name": name or None, "cone": cone.strip() or None}
    counts = visit.desk.sky.find(visit.connection, visit.viewer)
    return visit.render(
        "targets.html",
        "Targets",
        name=name,
        cone=cone,
        rows=rows,
        following=following,
        is_cut=is_cut,
        most_in_cone=targets.MOST_IN_CONE,
        most_of_name=targets.MOST_OF_NAME,
        asked=shown,
        sky=sky_map.draw_sky(counts, _ORDER),
        is_counted=counts is not None,
        radius=_RADIUS_ARCSEC,
        marks=[sky_map.locate(row.ra_deg, row.dec_deg) for row in rows if row.ra_deg is not None]
        if name or where else [],
    )  # fmt: skip


def _read_cone(written: str) -> Cone | None:
    try:
        return SINGLE["cone"](written) if written.strip() else None
    except ValueError:
        sentence = "A cone is RA, Dec (degrees, or h:m:s and d:m:s) and a radius in arcsec."
        raise HTTPException(422, sentence) from None


def _find(
    visit: Visit, name: str, cone: Cone | None, behind: str
) -> tuple[list[AnyRow], str | None, bool]:
    """Return rows of a list, behind which name it goes on, and whether a circle has more."""
    connection = visit.connection
    if cone is not None:
        rows, is_cut = targets.list_within(connection, cone, name)
        return rows, None, is_cut
    names = targets.list_names(connection, name, behind, _MOST_LISTED + 1)
    following = names[_MOST_LISTED - 1] if len(names) > _MOST_LISTED else None
    names = names[:_MOST_LISTED]
    if name and not behind:
        names += targets.find_names_of_slugs(connection, name, _MOST_NAMES)
    return list(targets.describe_names(connection, sorted(set(names)))), following, False


@ROUTER.get("/target")
def show(visit: Reading, target: Targeted) -> Response:
    """Show a target: where it is, its exposures in time, its composites."""
    found = targets.read_exposures(visit.connection, target)
    if not found:
        raise HTTPException(404, NO_TARGET)
    rows = found[:MOST_EXPOSURES]
    names = [row.rootname for row in rows]
    counts = visit.desk.sky.find(visit.connection, visit.viewer)
    place = next(((r.ra_deg, r.dec_deg) for r in rows if r.ra_deg is not None), None)
    response = visit.render(
        "target.html",
        target.label,
        target=target,
        decision=targets.find_decision(visit.connection, target.slug),
        facts=_sum_up(rows),
        place=place,
        rows=rows,
        most=MOST_EXPOSURES,
        most_rows=_MOST_ROWS,
        is_cut=len(found) > MOST_EXPOSURES,
        panel=draw_time_line(rows),
        composites=_describe_composites(visit, target),
        statistics=[one for one in STATISTICS if one.label],
        configurations=_count_configurations(visit, rows),
        files=targets.size_files(visit.connection, names),
        sky=sky_map.draw_sky(counts, _ORDER_OF_TARGET),
        is_counted=counts is not None,
        marks=[] if place is None else [sky_map.locate(*place)],
    )
    response.headers.update(STYLED)
    return response


def _sum_up(rows: Sequence[AnyRow]) -> dict[str, Any]:
    """Return what exposures of a target have in common, and in how many of them each is."""
    return {
        "names": Counter(row.target_name for row in rows if row.target_name),
        "slugs": Counter(row.target for row in rows if row.target),
        "detectors": Counter((row.instrument, row.detector) for row in rows if row.instrument),
        "proposals": Counter(row.proposal_id for row in rows if row.proposal_id),
        "time_s": sum(row.exp_time_s or 0.0 for row in rows),
    }


def _describe_composites(visit: Visit, target: Target) -> list[dict[str, Any]]:
    """Return the composites of a target that the person may see, with statistics and plots."""
    rows = targets.list_composites(visit.connection, target.slug) if target.slug else ()
    statistics = targets.read_statistics(visit.connection, [row.filename for row in rows])
    filesystem = visit.desk.opened.filesystem
    return [
        {
            "row": row,
            "configuration": str(configuration_of(row)),
            "statistics": statistics.get(row.filename),
            "has_picture": filesystem.composite_plots(row.filename).picture.is_file(),
            "members": targets.list_members(visit.connection, row.filename),
        }
        for row in rows
    ]


def configuration_of(row: AnyRow) -> Configuration:
    """Return the configuration of an exposure or a composite."""
    obs_type = row._mapping.get("obs_type")
    return Configuration.from_headers(
        row.instrument, row.detector, row.opt_elem, row.cenwave, row.aperture, obs_type
    )


def _count_configurations(visit: Visit, rows: Sequence[AnyRow]) -> Counter[str]:
    """Return the configurations in which there are lightcurves, with numbers of exposures."""
    curves = targets.list_curves(visit.connection, [row.rootname for row in rows])
    return Counter(str(configuration_of(row)) for row in rows if row.rootname in curves)


@ROUTER.get("/composite/{filename}")
def download(visit: Reading, filename: Filename) -> Response:
    """Send the FITS file of a composite."""
    row = targets.find_composite(visit.connection, filename)
    if row is None or not Path(row.path).is_file():
        raise HTTPException(404, "There is no such composite here.")
    return FileResponse(row.path, filename=row.filename, media_type="application/octet-stream")


@ROUTER.get("/composite/{filename}/picture")
def show_picture(visit: Reading, filename: Filename) -> Response:
    """Send the plot of a composite."""
    row = targets.find_composite(visit.connection, filename)
    plots = None if row is None else visit.desk.opened.filesystem.composite_plots(row.filename)
    return send_picture(None if plots is None else str(plots.picture))
