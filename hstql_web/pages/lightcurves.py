"""Lightcurves on the spot: of an exposure, or of a target in one configuration."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from hstql_assets.composites.choosing import Member
from hstql_assets.composites.making import KnownFile
from hstql_assets.lightcurves.extractions.definitions import load_definitions
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.settings import SettingsError
from hstql_resources.site.rows import AnyRow
from hstql_web.guard import STYLED
from hstql_web.lightcurves.choices import FIELDS, MOST_BINS, read_choices
from hstql_web.lightcurves.jobs import BUSY, BusyError, Job
from hstql_web.lightcurves.making import MOST_S, Made, Task
from hstql_web.pages.targets import configuration_of, read_target
from hstql_web.queries import exposures, targets
from hstql_web.queries.targets import Target
from hstql_web.visits import Reading, Visit, Writing

ROUTER = APIRouter(include_in_schema=False)
MOST_EXPOSURES = 200
MOST_BYTES = 4_000_000_000  # of events
Rootname = Annotated[str, InPath(pattern="^[A-Za-z0-9]{9}$")]
Number = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]
_Text = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True)
class Subject:
    """What a lightcurve is to be of.

    Attributes
    ----------
    rows : sequence of Row
        The exposures, as observations have them.
    target : Target or None
        None of a single exposure.
    configuration : str
        Of a target.
    """

    rows: Sequence[AnyRow]
    target: Target | None = None
    configuration: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        if self.target is None:
            return str(self.rows[0].rootname)
        return f"{self.target.label}, {self.configuration}"

    @property
    def fields(self) -> dict[str, str]:
        """How a form names it."""
        if self.target is None:
            return {"rootname": self.rows[0].rootname}
        return {**self.target.to_query(), "configuration": self.configuration}

    @property
    def stem(self) -> str:
        """What files of it are called, without their ending."""
        words = [self.rows[0].rootname] if self.target is None else [
            self.target.label, self.configuration]  # fmt: skip
        return re.sub(r"[^A-Za-z0-9.+-]+", "_", "_".join(words)).strip("._")[:100] + "_curve"


def _of_exposure(visit: Visit, rootname: str) -> Subject:
    row = exposures.find_exposure(visit.connection, rootname.lower())
    if row is None:
        raise HTTPException(404, f"There is no exposure {rootname} that you may see.")
    return Subject((row,))


def _of_target(visit: Visit, target: Target, configuration: str) -> Subject:
    found = targets.read_exposures(visit.connection, target)
    curves = targets.list_curves(visit.connection, [row.rootname for row in found])
    rows = [row for row in found if row.rootname in curves
            and str(configuration_of(row)) == configuration]  # fmt: skip
    if not rows:
        raise HTTPException(404, "The target has no lightcurve in such a configuration.")
    return Subject(rows, target, configuration)


@ROUTER.get("/lightcurve")
def ask_of_target(
    visit: Reading,
    target: Annotated[Target, Depends(read_target)],
    request: Request,
    configuration: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show the form for a target in a configuration."""
    return _ask(visit, _of_target(visit, target, configuration), dict(request.query_params))


@ROUTER.get("/lightcurve/{rootname}")
def ask_of_exposure(visit: Reading, rootname: Rootname, request: Request) -> Response:
    """Show the form for an exposure."""
    return _ask(visit, _of_exposure(visit, rootname), dict(request.query_params))


def _ask(
    visit: Visit, subject: Subject, written: dict[str, str], fault: str = "", status: int = 200
) -> Response:
    """Show the form as it was filled, with what is wrong with it."""
    return visit.render(
        "lightcurve.html",
        f"Lightcurve of {subject.title}",
        status,
        fault=fault,
        made=None,
        is_running=False,
        **_describe(visit, subject.title, subject.fields, written),
    )


def _describe(
    visit: Visit, title: str, subject: dict[str, str], written: dict[str, str]
) -> dict[str, Any]:
    try:
        definitions = load_definitions(visit.desk.opened.settings.home)
    except SettingsError as error:
        raise HTTPException(503, str(error)) from None
    return {
        "title_of": title,
        "subject": subject,
        "written": {name: written.get(name, "")[:300] for name in FIELDS},
        "definitions": definitions,
        "most_s": MOST_S,
    }


@ROUTER.post("/lightcurve/make")
def begin(
    visit: Writing,
    rootname: Annotated[str, Form(pattern="^([A-Za-z0-9]{9})?$")] = "",
    target: _Text = "",
    target_name: _Text = "",
    configuration: _Text = "",
    extraction: _Text = "",
    bins: _Text = "",
    target_sn: _Text = "",
    waves: _Text = "",
    sun: _Text = "",
    airglow: _Text = "",
    pulse_heights: _Text = "",
) -> Response:
    """Begin to make a lightcurve, and lead to where it will be."""
    values = (extraction, bins, target_sn, waves, sun, airglow, pulse_heights)
    written = dict(zip(FIELDS, values, strict=True))
    subject = (
        _of_exposure(visit, rootname)
        if rootname
        else _of_target(visit, read_target(target, target_name), configuration)
    )
    try:
        settings = read_choices(written, load_definitions(visit.desk.opened.settings.home))
        _require_few(subject, settings)
        job = _start(visit, subject, settings, written)
    except (ValueError, SettingsError) as error:
        return _ask(visit, subject, written, str(error), 422)
    except BusyError:
        return _ask(visit, subject, written, BUSY, 503)
    return visit.go(visit.address(f"/lightcurve/made/{job.number}"))


def _require_few(subject: Subject, settings: ExtractionSettings) -> None:
    """Raise ValueError if so much is asked for that it cannot be made in time."""
    if len(subject.rows) > MOST_EXPOSURES:
        raise ValueError(
            f"These are {len(subject.rows):,} exposures, and at most {MOST_EXPOSURES} are made on "
            "the spot: see 'hstql materialize composites'."
        )
    bins = sum(row.exp_time_s or 0.0 for row in subject.rows) / settings.bin_s
    if bins > MOST_BINS and not settings.is_by_orbit:
        raise ValueError(f"These are about {bins:,.0f} bins: choose wider ones.")


def _start(
    visit: Visit, subject: Subject, settings: ExtractionSettings, written: dict[str, str]
) -> Job:
    """Begin; ValueError if there are no events, or too many."""
    rows = targets.list_events(visit.connection, [row.rootname for row in subject.rows])
    members = tuple(
        member
        for row in subject.rows
        if (member := _make_member(row.rootname, rows)) is not None
    )  # fmt: skip
    if not members:
        raise ValueError("There are no calibrated events (corrtag) of it here.")
    _require_files(rows)

    def make_task(folder: Path) -> Task:
        return Task(
            members=members,
            files={Path(row.path): _know(row) for row in rows},
            settings=settings,
            configuration=None if subject.target is None else configuration_of(subject.rows[0]),
            target_name="" if subject.target is None else subject.target.label,
            stem=subject.stem,
            folder=folder,
        )

    form = {**subject.fields, **written}
    return visit.desk.jobs.start(visit.viewer.name, subject.title, form, make_task)


def _make_member(rootname: str, rows: Sequence[AnyRow]) -> Member | None:
    paths = {row.filetype: Path(row.path) for row in rows if row.rootname == rootname}
    events = tuple(path for name, path in sorted(paths.items()) if name.startswith("corrtag"))
    if not events:
        return None
    # What it has by these settings is to be found out: its lightcurve was made with others.
    return Member(rootname, events, paths.get("x1d"), None, None, has_own_settings=True,
                  spt=paths.get("spt"))  # fmt: skip


def _require_files(rows: Sequence[AnyRow]) -> None:
    gone = [row.filename for row in rows if not Path(row.path).is_file()]
    if gone:
        raise ValueError(f"{gone[0]} is not there any more: materialize calibrated_files again.")
    size = sum(row.size_bytes for row in rows)
    if size > MOST_BYTES:
        raise ValueError(
            f"Its files have {size / 1e9:.1f} GB, and at most {MOST_BYTES / 1e9:.0f} are read on "
            "the spot: see 'hstql lightcurve'."
        )


def _know(row: AnyRow) -> KnownFile:
    return KnownFile(Path(row.path), row.size_bytes, row.sha256, row.ingest_date.timestamp())


@ROUTER.get("/lightcurve/made/{job}")
def show(visit: Reading, job: Number) -> Response:
    """Show a lightcurve that was made, or that it is being made."""
    found = _find(visit, job)
    subject = {name: text for name, text in found.form.items() if name not in FIELDS}
    result = None if found.is_running else found.result()
    response = visit.render(
        "lightcurve.html",
        f"Lightcurve of {found.title}",
        fault=result if isinstance(result, str) else "",
        made=result if isinstance(result, Made) else None,
        is_running=result is None,
        number=job,
        **_describe(visit, found.title, subject, found.form),
    )
    response.headers.update(STYLED)
    return response


@ROUTER.get("/lightcurve/made/{job}/fits")
def send_fits(visit: Reading, job: Number) -> Response:
    """Send the FITS file of a lightcurve that was made."""
    return _send(_require_made(visit, job).fits, "application/fits")


@ROUTER.get("/lightcurve/made/{job}/csv")
def send_csv(visit: Reading, job: Number) -> Response:
    """Send the numbers of a lightcurve that was made."""
    return _send(_require_made(visit, job).csv, "text/csv; charset=utf-8")


def _find(visit: Visit, number: str) -> Job:
    """Return a lightcurve of the person, if all of its exposures are still open to them."""
    job = visit.desk.jobs.find(visit.viewer.name, number)
    visible = 0 if job is None else targets.count_visible(visit.connection, job.rootnames)
    if job is None or visible < len(job.rootnames):
        raise HTTPException(404, "There is no such lightcurve any more: have it made again.")
    return job


def _require_made(visit: Visit, number: str) -> Made:
    job = _find(visit, number)
    made = None if job.is_running else job.result()
    if not isinstance(made, Made):
        raise HTTPException(404, "There is no file: it is still being made, or nothing was made.")
    return made


def _send(path: Path, kind: str) -> Response:
    if not path.is_file():
        raise HTTPException(404, "There is no such file any more.")
    return FileResponse(path, filename=path.name, media_type=kind)
