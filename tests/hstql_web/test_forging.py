"""Nothing that writes does so for a form of another site, or of another session."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.site_rows import Station
from hstql_resources.site.rules import WRITINGS
from hstql_web.app import find_pages

NAME = "jpub01a1q"
KIND = {"instrument": "acs", "kind": "ghost", "label": "ghost"}
# What is sent to each address that takes something, so that it would be done for an administrator.
FORMS: dict[str, dict[str, str]] = {
    f"/exposure/{NAME}/flags": {"set": "satellite_trail"},
    f"/exposure/{NAME}/look": {"looked": "yes"},
    f"/exposure/{NAME}/comments": {"text": "said"},
    f"/exposure/{NAME}/comments/1/remove": {},
    f"/exposures/flags?rootname={NAME}": {"kind": "crosstalk", "action": "set"},
    "/anomalies/kinds": {**KIND, "description": "as it was not before"},
    "/anomalies/kinds/offer": {"instrument": "acs", "kind": "ghost", "is_active": "no"},
    "/query/saved": {"name": "mine", "address": "instrument=acs"},
    "/query/saved/1/remove": {},
    "/people": {"person": "new", "role": "admin"},
    "/people/remove": {"person": "rea"},
    "/people/proposals": {"person": "rea", "proposals": "200"},
    "/people/proposals/withdraw": {"person": "pia", "proposal": "200"},
    "/sign-out": {},
    "/lightcurve/make": {"rootname": NAME},
}
WRITES_NO_ROW = ("/sign-out", "/lightcurve/make")
CALLS: dict[str, dict[str, Any]] = {
    "/api/v1/flags": {"rootnames": [NAME], "kind": "data_gap"},
    "/api/v1/looks": {"rootnames": ["ipub01a1q"]},
    f"/api/v1/exposures/{NAME}/comments": {"text": "said"},
}
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


def find_posts() -> Iterator[str]:
    """Yield the path of each route that is not only read.

    What TAP is sent are questions, and jobs of one person; test_tap has it sent from elsewhere.
    Keys are for people who sign in; test_program_keys has them asked for from elsewhere.
    """
    for page in find_pages():
        for route in page.ROUTER.routes:
            if route.methods - {"GET", "HEAD"} and not route.path.startswith(("/tap/", "/keys")):
                yield route.path


def is_of(route: str, address: str) -> bool:
    pattern = re.sub(r"{\w+}", "[^/]+", route)
    return re.fullmatch(pattern, address.partition("?")[0]) is not None


@pytest.mark.parametrize("route", sorted(find_posts()))
def test_each_address_that_writes_is_attacked_below(route: str) -> None:
    known = CALLS if route.startswith("/api/") else FORMS
    assert any(is_of(route, one) for one in known), f"say in FORMS or CALLS what is sent to {route}"


@cache
def client(station: Station, person: str) -> TestClient:
    return station.client(person)


def token(browser: TestClient) -> str:
    return re.search(r'name="token" value="(\w+)"', browser.get(f"/exposure/{NAME}").text)[1]


def read_written(station: Station) -> list[list[object]]:
    """Return all that people wrote, and which of them are let in."""
    return [list(station.database.read(text(f"SELECT * FROM {name}"))) for name in WRITINGS]


@pytest.fixture
def someone(station: Station) -> TestClient:
    """An administrator, who could do all of it; with a query that can be removed."""
    browser = client(station, "ann")
    browser.post("/query/saved", data={"token": token(browser), "name": "old", "address": ""})
    return browser


@pytest.mark.parametrize("address", FORMS)
def test_a_form_is_taken_only_from_a_page_of_the_same_session(
    station: Station, someone: TestClient, address: str
) -> None:
    form, mine, of_another = FORMS[address], token(someone), token(client(station, "flo"))
    before = read_written(station)
    for values, headers in (
        ({}, {}),
        ({"token": ""}, {}),
        ({"token": "0" * 64}, {}),
        ({"token": of_another}, {}),
        ({"token": mine}, {"Sec-Fetch-Site": "cross-site"}),
        ({"token": mine}, {"Sec-Fetch-Site": "same-site"}),
        ({"token": mine}, {"Cookie": "hstql_session=forged"}),
    ):
        answer = someone.post(address, data={**form, **values}, headers={**FORM_TYPE, **headers})
        assert answer.status_code == 403, (address, values, headers)
        assert "not sent by this site" in answer.text
    assert someone.get(address, follow_redirects=False).status_code in (200, 403, 404, 405, 422)
    assert read_written(station) == before
    if address not in WRITES_NO_ROW:
        accepted = someone.post(address, data={**form, "token": mine}, follow_redirects=False)
        assert accepted.status_code == 303, accepted.text
        assert read_written(station) != before


@pytest.mark.parametrize("address", CALLS)
def test_a_call_is_taken_only_as_json_and_from_no_other_site(
    station: Station, someone: TestClient, address: str
) -> None:
    before = read_written(station)
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"},
    ):
        answer = someone.post(address, json=CALLS[address], headers=headers)
        assert answer.status_code in (403, 422), (address, headers)
    assert read_written(station) == before
    assert someone.post(address, json=CALLS[address]).json() == {"changed": 1}
