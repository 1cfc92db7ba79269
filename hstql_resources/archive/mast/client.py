"""Send requests to MAST as it takes them: searches, product lists, proposals.

Astroquery sends the first two. It has no paging, no timeout and no second attempt, and its tables
do not tell how many rows there are, so the replies are taken as they come. What they mean is
read in `searching`, `listing` and `proposals`.
"""

import json
import math
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from hstql_resources.archive.protocol import ArchiveError
from hstql_resources.http_questions import (
    NoAnswerError,
    QueryPolicy,
    make_retrying,
    make_session,
)

MISSION = "hst"
NAME = "sci_data_set_name"
COLUMNS = (
    NAME,
    "sci_instrume",
    "sci_targname",
    "sci_status",
    "sci_release_date",
    "sci_archive_date",
)
CONDITIONS = (*COLUMNS, "sci_pep_id", "sci_operating_mode", "sci_aec")
CAOM = "Mast.Caom.Filtered"

MOST_ROWS = 1_000_000  # of one question; an instrument has half of that
MOST_WORDS = 160  # characters of what MAST says, in an error

Row = Mapping[str, Any]


class TooLargeError(ArchiveError):
    """More was asked for at once than MAST tells in one answer."""


@dataclass(frozen=True)
class Page:
    """A page of rows, and how many rows there are on all pages."""

    rows: list[Row]
    total: int


class Client:
    """Sends requests to MAST, anonymously; for one thread.

    Parameters
    ----------
    url : str
        Where MAST is.
    policy : QueryPolicy
        How long it is asked.
    """

    def __init__(self, url: str, policy: QueryPolicy) -> None:
        # Here, for the import takes half a second that most commands need not spend.
        from astroquery.mast import MastMissionsClass

        self.url, self._policy = url, policy
        missions = MastMissionsClass(mission=MISSION)
        service = missions._service_api_connection
        # The address is a class attribute, set at import. The mission's own follows from it.
        service.SERVICE_URL = url
        service.TIMEOUT = math.inf  # it is only looked at when the answer is there
        missions.mission = MISSION
        # Else it would ask for the list of columns through another session, without a timeout.
        missions.columns[MISSION] = {"name": CONDITIONS}
        make_retrying(missions._session, policy)
        self._missions = missions
        self._session = make_session(policy)

    def search(self, what: str, conditions: Mapping[str, Any], offset: int, limit: int) -> Page:
        """Return one page of the data sets that meet conditions, sorted by name.

        Parameters
        ----------
        what : str
            What is looked for, for the message of an error.
        conditions : mapping
            Column and condition; a list is any of its values.
        offset, limit : int
            Rows before the page, and at most in it.

        Raises
        ------
        ArchiveError
            If MAST does not answer.
        """
        with self._naming(what):
            reply = self._missions.query_criteria_async(
                select_cols=list(COLUMNS),  # it is changed in place
                sort_by=[NAME],
                offset=offset,
                limit=limit,
                **conditions,
            ).json()
        return self._take_page(what, reply, "results", reply, "totalResults")

    def list_products(self, what: str, names: Sequence[str]) -> list[Row]:
        """Return what is listed under at most a thousand data sets, by their names at MAST.

        `what` names it in errors.

        Raises
        ------
        ArchiveError
            If MAST does not answer.
        """
        with self._naming(what):
            reply = self._missions.get_product_list_async(list(names)).json()
        products: list[Any] = self._take(what, reply, "products", list)
        is_nested = bool(products) and isinstance(products[0], list)
        return self._require_rows(what, products[0] if is_nested else products)

    def describe_observations(
        self, what: str, parameters: Mapping[str, Any], page: int, rows: int
    ) -> Page:
        """Return one page of the catalogue of all missions.

        Parameters
        ----------
        what : str
            What is looked for, for the message of an error.
        parameters : mapping
            `columns` and `filters`.
        page, rows : int
            Number of the page, from 1, and rows in it at most.

        Raises
        ------
        ArchiveError
            If MAST does not answer, or says that it cannot.
        """
        request = {
            "service": CAOM,
            "params": parameters,
            "format": "json",
            "page": page,
            "pagesize": rows,
        }
        reply = self._invoke(what, request)
        if reply.get("status") != "COMPLETE":
            raise ArchiveError(
                f"MAST ({self.url}) could not tell {what}: its catalogue says "
                f"{_shorten(reply.get('status'))} {_shorten(reply.get('msg') or '')}".rstrip()
                + "; try again later."
            )
        paging = self._take(what, reply, "paging", dict)
        return self._take_page(what, reply, "data", paging, "rowsFiltered")

    def _invoke(self, what: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the catalogue; while it is at work it wants to be asked again."""
        form = {"request": json.dumps(request)}
        for attempt in range(1, self._policy.attempts + 1):
            with self._naming(what):
                reply = self._session.post(f"{self.url}/api/v0/invoke", data=form).json()
            if not isinstance(reply, dict) or reply.get("status") != "EXECUTING":
                break
            time.sleep(self._policy.choose_wait(attempt))
        answer: dict[str, Any] = self._take(what, {"answer": reply}, "answer", dict)
        return answer

    def _take_page(
        self, what: str, reply: object, name: str, counted: object, count_name: str
    ) -> Page:
        """Return the rows of a reply, and how many there are on all pages."""
        rows = self._require_rows(what, self._take(what, reply, name, list))
        total: int = self._take(what, counted, count_name, int)
        if not 0 <= total <= MOST_ROWS:
            raise ArchiveError(
                f"MAST ({self.url}) says that there are {total:.3g} rows of {what}, not from 0 to "
                f"{MOST_ROWS:,}: ask for less at once, or try again later."
            )
        return Page(rows, total)

    def _require_rows(self, what: str, rows: list[Any]) -> list[Row]:
        if not all(isinstance(row, dict) for row in rows):
            raise ArchiveError(
                f"MAST ({self.url}) answered with rows that are none when it was asked for {what}: "
                "it may speak in a new way; try again, then look for a newer hstql."
            )
        return rows

    def _take(self, what: str, reply: object, name: str, kind: type) -> Any:
        """Return a part of a reply, if it is there and of its kind."""
        value = reply.get(name) if isinstance(reply, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ArchiveError(
                f"MAST ({self.url}) answered without {name!r} when it was asked for {what}: it "
                "may speak in a new way; try again, then look for a newer hstql."
            )
        return value

    @contextmanager
    def _naming(self, what: str) -> Iterator[None]:
        """Name what was asked in the error that may follow."""
        try:
            yield
        except NoAnswerError as error:
            kind = TooLargeError if error.is_too_large else ArchiveError
            raise kind(_describe_failure(self.url, what, error)) from None
        except requests.RequestException:
            raise ArchiveError(
                f"MAST ({self.url}) could not tell {what}: its address leads on and on, or to what "
                "is none of its own; check HSTQL_MAST_URL, or try again later."
            ) from None


def _shorten(text: object) -> str:
    return " ".join(str(text)[: 4 * MOST_WORDS].split())[:MOST_WORDS]


def _describe_failure(url: str, what: str, error: NoAnswerError) -> str:
    if error.is_refused:
        return f"MAST ({url}) refused to tell {what}: {error.reason}; check what was asked for."
    return (
        f"MAST ({url}) could not tell {what}: asked {error.attempts} times, and the last time "
        f"{error.reason}; try again later."
    )


_OPEN = threading.local()


def open_client(url: str, policy: QueryPolicy) -> Client:
    """Return this thread's client of a server; making one costs more than a request."""
    clients: dict[object, Client] = _OPEN.__dict__.setdefault("clients", {})
    # A process that was forked off must not share connections with the one it comes from.
    key = os.getpid(), url, policy
    if key not in clients:
        clients[key] = Client(url, policy)
    return clients[key]
