"""The headers of a file: every extension, to be searched, and beside those of another file."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import Response

from hstql_web.headers import Section, find_differences, read_sections
from hstql_web.pages.files import Filename
from hstql_web.queries.exposures import find_file
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
Other = Annotated[str, Query(max_length=200, pattern="^[A-Za-z0-9_.+-]*$")]
Wanted = Annotated[str, Query(max_length=80)]


@ROUTER.get("/headers/{filename}")
def show(visit: Reading, filename: Filename, other: Other = "", q: Wanted = "") -> Response:
    """Show all cards, or those with a word in them; with another file those that differ."""
    sections, source = _read(visit, filename)
    beside = _read(visit, other)[0] if other else []
    differing = find_differences(sections, beside) if other else {}
    rows = [
        (section, _choose(section, next((o for o in beside if o.number == section.number), None),
                          differing.get(section.number), q.strip().lower()))
        for section in sections
    ]  # fmt: skip
    return visit.render(
        "headers.html", filename, filename=filename, other=other, wanted=q, rows=rows, source=source
    )


def _read(visit: Visit, filename: str) -> tuple[list[Section], str]:
    file = find_file(visit.connection, filename)
    if file is None:
        raise HTTPException(404, f"There is no file {filename} here.")
    return read_sections(visit.connection, file)


def _choose(
    section: Section, other: Section | None, differing: set[str] | None, wanted: str
) -> list[tuple[str, str, str | None]]:
    """Return keyword, what it says here and in the other file, of the cards that are shown."""
    others: dict[str, str] = {}
    for card in other.cards if other else ():
        others.setdefault(card.keyword, card.said)
    rows: list[tuple[str, str, str | None]] = [
        (card.keyword, card.said, others.get(card.keyword)) for card in section.cards
    ]
    here = {card.keyword for card in section.cards}
    rows += [(keyword, "", said) for keyword, said in others.items() if keyword not in here]
    if differing is not None:
        rows = [row for row in rows if row[0] in differing]
    return [row for row in rows if wanted in f"{row[0]} {row[1]}".lower()]
