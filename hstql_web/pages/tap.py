"""Serve TAP 1.1 and cone search: what programs of astronomers ask the site by.

Sent forms change nothing but the jobs of the person who sends them, so that they need no token of a
form of this site; that a page elsewhere makes a browser send one is refused all the same.
"""

import math
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from vo_models.uws.types import ExecutionPhase as Phase

from hstql_resources.site.session import STATEMENT_LIMIT_S, Viewer
from hstql_resources.tables import obscore
from hstql_web.sign_in import RefusedError
from hstql_web.signing import SAME_ORIGIN
from hstql_web.tap import protocol
from hstql_web.tap.adql import AdqlError, Question
from hstql_web.tap.answers import (
    DEFAULT_ROWS,
    FORMS,
    MOST_ROWS,
    find_form,
    write_answer,
    write_error,
)
from hstql_web.tap.jobs import KEPT_FOR, LIMIT_S, Job, TooManyJobsError
from hstql_web.visits import Desk, Reading, Visit

ROUTER = APIRouter(prefix="/tap", include_in_schema=False)
_IN_MEMORY = 8 << 20  # bytes of an answer
_CHUNK = 1 << 16
_XML = "text/xml; charset=utf-8"
Ucds = Mapping[str, str]
_SAME: Ucds = {}
# What a cone search calls the columns that it must have.
_CONE_UCDS: Ucds = {
    "obs_publisher_did": "meta.id;meta.main", "s_ra": "pos.eq.ra;meta.main",
    "s_dec": "pos.eq.dec;meta.main",
}  # fmt: skip
JobNumber = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]
Part = Annotated[str, InPath(pattern="^[a-z]{1,30}$")]


async def _read_parameters(request: Request) -> dict[str, str]:
    """Return what was sent, names in capitals; of a name that is there twice the last."""
    if request.headers.get("sec-fetch-site", "none") not in SAME_ORIGIN:
        raise RefusedError("A page of another site may not ask here.")
    pairs = [*request.query_params.multi_items()]
    if request.method == "POST":
        async with request.form(max_files=0) as form:
            pairs += [(name, str(value)) for name, value in form.multi_items()]
    return {name.upper(): value for name, value in pairs}


Sent = Annotated[dict[str, str], Depends(_read_parameters)]


@ROUTER.api_route("/sync", methods=["GET", "POST"])
def ask(visit: Reading, sent: Sent) -> Response:
    """Answer a question at once."""
    return _respond(visit, sent, find_base(visit))


def _respond(visit: Visit, sent: Mapping[str, str], base: str, ucds: Ucds = _SAME) -> Response:
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, closed when it was sent
    try:
        form = _answer(visit.desk, visit.viewer, sent, base, STATEMENT_LIMIT_S, file, ucds)
    except AdqlError as error:
        file.close()
        return _refuse(error)
    return StreamingResponse(_send(file), media_type=FORMS[form])


def _refuse(error: AdqlError) -> Response:
    return Response(write_error(str(error)), 400, media_type=FORMS["votable"])


def _answer(
    desk: Desk, viewer: Viewer, sent: Mapping[str, str], base: str, limit_s: int,
    file: IO[bytes], ucds: Ucds = _SAME,
) -> str:  # fmt: skip
    """Write the answer to what was sent into a file; return its form."""
    if sent.get("REQUEST", "doQuery").lower() != "doquery":
        raise AdqlError(f"There is no REQUEST {sent['REQUEST']}: it is doQuery.")
    if sent.get("LANG", "ADQL").upper() not in ("ADQL", "ADQL-2.0"):
        raise AdqlError(f"There is no LANG {sent['LANG']}: it is ADQL.")
    if "UPLOAD" in sent:
        raise AdqlError("Tables cannot be uploaded here.")
    if not sent.get("QUERY", "").strip():
        raise AdqlError("There is no QUERY.")
    form = find_form(sent.get("RESPONSEFORMAT") or sent.get("FORMAT"))
    most = _read_maxrec(sent.get("MAXREC"))
    question = desk.translator.translate(sent["QUERY"])
    columns = {name: one._replace(ucd=ucds.get(name, one.ucd))
               for name, one in question.columns.items()}  # fmt: skip
    write_answer(
        desk.opened.site, viewer, Question(question.sql, columns), base, form, most, limit_s, file
    )
    return form


def _read_maxrec(text: str | None) -> int:
    if text is None or not text.strip():
        return DEFAULT_ROWS
    if not (text.strip().isascii() and text.strip().isdecimal()):
        raise AdqlError(f"MAXREC is {text}: give a whole number.")
    return min(int(text[:20]), MOST_ROWS)


def _send(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        yield from iter(partial(file.read, _CHUNK), b"")


def find_base(visit: Visit) -> str:
    """Return where the site is: as the setting says, else as it was asked for."""
    said = visit.desk.opened.settings.site_address
    return (said or str(visit.request.base_url)).rstrip("/")


@ROUTER.get("/availability")
def tell_availability(_: Reading) -> Response:
    """Say that the service is there."""
    return Response(protocol.say_available(), media_type=_XML)


@ROUTER.get("/capabilities")
def tell_capabilities(visit: Reading) -> Response:
    """Say what the service can do."""
    return Response(protocol.describe_service(f"{find_base(visit)}/tap"), media_type=_XML)


@ROUTER.get("/tables")
def tell_tables(_: Reading) -> Response:
    """Say what may be asked for."""
    return Response(protocol.describe_tables(), media_type=_XML)


@ROUTER.get("/async")
def list_jobs(visit: Reading) -> Response:
    """List the jobs of the person."""
    jobs = list(visit.desk.tap.list_of(visit.viewer.name))
    return Response(protocol.list_jobs(jobs, _jobs_base(visit)), media_type=_XML)


@ROUTER.post("/async")
def create_job(visit: Reading, sent: Sent) -> Response:
    """Make a job, and have it run if that was said."""
    try:
        job = visit.desk.tap.create(visit.viewer.name, sent)
    except TooManyJobsError as error:
        raise HTTPException(429, str(error)) from None
    _change_phase(visit, job, sent.pop("PHASE", ""))
    return _go(visit, job)


@ROUTER.get("/async/{job}")
def show_job(visit: Reading, job: JobNumber) -> Response:
    """Tell how a job stands."""
    return Response(protocol.describe_job(_find(visit, job), _jobs_base(visit)), media_type=_XML)


@ROUTER.post("/async/{job}")
def change_job(visit: Reading, job: JobNumber, sent: Sent) -> Response:
    """Delete a job, as programs that cannot say DELETE do, or change its parameters."""
    found = _find(visit, job)
    if sent.get("ACTION", "").upper() == "DELETE":
        visit.desk.tap.remove(found)
        return RedirectResponse(_jobs_base(visit), 303)
    if found.phase is Phase.PENDING:
        found.parameters.update(sent)
    return _go(visit, found)


@ROUTER.delete("/async/{job}")
def delete_job(visit: Reading, job: JobNumber, _: Sent) -> Response:
    """Delete a job."""
    visit.desk.tap.remove(_find(visit, job))
    return RedirectResponse(_jobs_base(visit), 303)


@ROUTER.get("/async/{job}/{part}")
def show_part(visit: Reading, job: JobNumber, part: Part) -> Response:
    """Tell one thing about a job."""
    found = _find(visit, job)
    if part in ("parameters", "results"):
        return show_job(visit, job)
    if part == "error":
        if not found.error:
            raise HTTPException(404, "The job has no error.")
        return Response(write_error(found.error), media_type=FORMS["votable"])
    texts = {
        "phase": found.phase.value, "owner": found.person, "quote": "",
        "executionduration": str(LIMIT_S),
        "destruction": (found.created + KEPT_FOR)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
    }  # fmt: skip
    if part not in texts:
        raise HTTPException(404, f"A job has no {part}.")
    return PlainTextResponse(texts[part])


@ROUTER.post("/async/{job}/{part}")
def change_part(visit: Reading, job: JobNumber, part: Part, sent: Sent) -> Response:
    """Run or abort a job, or give it parameters; what else a job has stays as it is."""
    found = _find(visit, job)
    if part == "phase":
        _change_phase(visit, found, sent.get("PHASE", ""))
    elif part == "parameters" and found.phase is Phase.PENDING:
        found.parameters.update(sent)
    return _go(visit, found)


@ROUTER.get("/async/{job}/results/result")
def send_result(visit: Reading, job: JobNumber) -> Response:
    """Send the answer of a job."""
    found = _find(visit, job)
    if found.phase is not Phase.COMPLETED:
        raise HTTPException(404, "The job has no result.")
    form = find_form(found.parameters.get("RESPONSEFORMAT") or found.parameters.get("FORMAT"))
    return StreamingResponse(_send(found.path.open("rb")), media_type=FORMS[form])


def _jobs_base(visit: Visit) -> str:
    return f"{find_base(visit)}/tap/async"


def _find(visit: Visit, number: str) -> Job:
    job = visit.desk.tap.find(visit.viewer.name, number)
    if job is None:
        raise HTTPException(404, "There is no such job here.")
    return job


def _go(visit: Visit, job: Job) -> Response:
    return RedirectResponse(f"{_jobs_base(visit)}/{job.number}", 303)


def _change_phase(visit: Visit, job: Job, phase: str) -> None:
    if phase.upper() == "ABORT":
        visit.desk.tap.abort(job)
    elif phase.upper() == "RUN":
        desk, viewer, base = visit.desk, visit.viewer, find_base(visit)

        def answer(path: Path) -> None:
            with path.open("wb") as file:
                _answer(desk, viewer, job.parameters, base, LIMIT_S, file)

        visit.desk.tap.start(job, answer)


@ROUTER.get("/cone")
def search_cone(visit: Reading, sent: Sent) -> Response:
    """Answer a cone search (SCS 1.03): files whose targets lie in a circle on the sky."""
    try:
        ra, dec, radius = (_read_degrees(sent, name) for name in ("RA", "DEC", "SR"))
    except AdqlError as error:
        return _refuse(error)
    query = (
        f"SELECT * FROM {obscore.VIEW} WHERE 1 = "  # noqa: S608, numbers only
        f"CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', {ra!r}, {dec!r}, {radius!r}))"
    )
    sent = {"QUERY": query, "MAXREC": sent.get("MAXREC", "")}
    return _respond(visit, sent, find_base(visit), _CONE_UCDS)


def _read_degrees(sent: Mapping[str, str], name: str) -> float:
    try:
        value = float(sent[name])
    except (KeyError, ValueError):
        raise AdqlError(f"{name} is missing or no number: give degrees.") from None
    if not math.isfinite(value):
        raise AdqlError(f"{name} is {value}: give degrees.")
    return value
