"""Keys for programs: as much as their person, no more, and not a moment longer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from starlette.testclient import TestClient

from builders.served_site import serve
from builders.sign_in_provider import ProviderOnThisHost, open_provider, sign_in
from builders.site_rows import HIDDEN, OPEN, SECRET, Station
from hstql_resources.site.session import Viewer
from hstql_web.client import Client, SiteError
from hstql_web.queries.program_keys import MOST_KEYS

SITE = "http://127.0.0.1"
GONE = {"detail": "The key is none of this site, or was revoked."}


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderOnThisHost]:
    with open_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def settings(provider: ProviderOnThisHost) -> dict[str, object]:
    return {
        "sign_in": "oidc", "oidc_issuer": provider.address, "oidc_client": "site",
        "oidc_password": "word", "site_address": SITE,
    }  # fmt: skip


class Person:
    """Somebody who is signed in, and makes keys."""

    def __init__(
        self, station: Station, provider: ProviderOnThisHost, name: str, **settings: object
    ):
        self.browser = station.client(None, **settings)
        provider.claims |= {"email": name}
        self.browser.get(sign_in(self.browser, provider, SITE))

    def post(self, path: str, **values: str) -> requests.Response:
        token = re.search(r'name="token" value="(\w+)"', self.browser.get("/keys").text)
        assert token
        return self.browser.post(path, data={"token": token[1], **values}, follow_redirects=False)

    def make(self, name: str = "report") -> str:
        found = re.search(r'<pre id="key">(\S+)</pre>', self.post("/keys", name=name).text)
        assert found
        return found[1]

    def numbers(self) -> list[str]:
        return re.findall(r"/keys/(\d+)/revoke", self.browser.get("/keys").text)


@pytest.fixture
def people(
    station: Station, provider: ProviderOnThisHost, settings: dict[str, object]
) -> Iterator[dict[str, Person]]:
    yield {name: Person(station, provider, name, **settings) for name in ("rea", "flo", "pia")}
    with station.database.write() as writer:
        writer.execute(text("DELETE FROM program_keys"))


@pytest.fixture
def program(station: Station, settings: dict[str, object]) -> TestClient:
    """A program without a session."""
    return station.client(None, **settings)


def shows(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def names(program: TestClient, key: str) -> set[str]:
    answer = program.get("/api/v1/exposures", headers=shows(key))
    return {one["rootname"] for one in answer.json()["exposures"]}


def test_a_program_sees_what_its_person_does(
    people: dict[str, Person], program: TestClient
) -> None:
    assert names(program, people["rea"].make()) == {*OPEN}
    assert names(program, people["pia"].make()) == {*OPEN, *HIDDEN} - {"jund01a1q"}
    closed = program.get("/export/exposures.csv", headers=shows(people["rea"].make()))
    assert "jpub01a1q" in closed.text
    assert SECRET not in closed.text


def test_a_program_flags_where_its_person_may(
    people: dict[str, Person], program: TestClient
) -> None:
    asked = {"rootnames": ["jpub01a1q"], "kind": "ghost"}
    for person, status in (("rea", 403), ("flo", 200)):
        key = people[person].make()
        assert program.post("/api/v1/flags", json=asked, headers=shows(key)).status_code == status
    told = program.get("/api/v1/exposures/jpub01a1q", headers=shows(key)).json()["flags"]
    assert [one["set_by"] for one in told] == ["flo"]
    asked["rootnames"] = [HIDDEN[0]]
    answer = program.post("/api/v1/flags", json=asked, headers=shows(key))
    assert answer.json() == {"changed": 0}


def test_a_key_that_was_revoked_holds_no_more(
    people: dict[str, Person], program: TestClient
) -> None:
    first, second = people["rea"].make("one"), people["rea"].make("two")
    two, one = people["rea"].numbers()
    assert people["rea"].post(f"/keys/{one}/revoke").status_code == 303
    answer = program.get("/api/v1/exposures", headers=shows(first))
    assert (answer.status_code, answer.json()) == (401, GONE)
    assert names(program, second) == {*OPEN}
    assert people["rea"].post(f"/keys/{one}/revoke").status_code == 403
    assert people["flo"].post(f"/keys/{two}/revoke").status_code == 403
    assert names(program, second) == {*OPEN}


@pytest.mark.parametrize("shown", [
    "Bearer", "Bearer ", "Bearer x", "bearer hstql_", "Bearer ' OR 1=1 --", "Bearer \u00e9\u00df",
    "Bearer {digest}", "Bearer {key}x", "Bearer {key} {key}", "BEARER {key}, {key}",
])  # fmt: skip
def test_what_is_no_key_lets_nobody_in(
    station: Station, people: dict[str, Person], program: TestClient, shown: str
) -> None:
    key = people["rea"].make()
    ((digest,),) = station.database.read(text("SELECT digest FROM program_keys"))
    header = shown.format(key=key, digest=digest).encode("latin-1")
    for path in ("/api/v1/exposures", "/exposures", "/keys", "/file/jpub01a1q_flt.fits"):
        for one in (program, people["rea"].browser):  # by its session neither
            assert one.get(path, headers={b"Authorization": header}).status_code == 401
    two = [("Authorization", f"Bearer {key}")] * 2
    assert program.get("/api/v1/exposures", headers=two).status_code == 401


def test_a_key_makes_no_other_and_fills_no_form(
    people: dict[str, Person], program: TestClient
) -> None:
    key = people["flo"].make()
    page = program.get("/keys", headers=shows(key))
    assert key not in page.text
    token = re.search(r'name="token" value="(\w+)"', page.text)
    assert token
    for path, values in (("/keys", {"name": "x"}), ("/exposure/jpub01a1q/look", {"looked": "yes"})):
        answer = program.post(path, data={"token": token[1], **values}, headers=shows(key))
        assert answer.status_code == 403
        assert "Forms are for people" in answer.text
    assert len(people["flo"].numbers()) == 1


def test_a_form_of_another_site_makes_no_key(people: dict[str, Person]) -> None:
    assert people["rea"].browser.post("/keys", data={"name": "x"}).status_code == 403
    assert people["rea"].numbers() == []


def test_who_is_removed_takes_their_keys_along(
    station: Station, people: dict[str, Person], program: TestClient
) -> None:
    with station.database.write() as writer:
        writer.execute(text("INSERT INTO people (person, role) VALUES ('eve', 'reader')"))
        writer.execute(text(
            "INSERT INTO program_keys (person, name, digest) VALUES "
            "('eve', 'x', encode(sha256('hstql_eve'), 'hex'))"
        ))  # fmt: skip
    assert names(program, "hstql_eve") == {*OPEN}
    ann = station.client("ann")
    found = re.search(r'name="token" value="(\w+)"', ann.get("/people").text)
    assert found
    done = ann.post("/people/remove", data={"token": found[1], "person": "eve"})
    assert done.status_code == 200
    assert program.get("/api/v1/exposures", headers=shows("hstql_eve")).json() == GONE
    with station.database.write() as writer:  # let in again: the old key stays revoked
        writer.execute(text("INSERT INTO people (person, role) VALUES ('eve', 'reader')"))
    assert program.get("/api/v1/exposures", headers=shows("hstql_eve")).json() == GONE


def test_only_the_hash_is_kept_and_nothing_is_logged(
    station: Station,
    people: dict[str, Person],
    program: TestClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    key = people["rea"].make("<script>alert(1)</script>")
    program.get("/api/v1/exposures", headers=shows(key))
    kept = str(station.database.read(text("SELECT * FROM program_keys")))
    assert key not in kept + caplog.text
    page = people["rea"].browser.get("/keys")
    assert key not in page.text
    assert "<script>alert" not in page.text
    assert people["rea"].post("/keys", name="y").headers["cache-control"] == "no-store"


def test_a_person_has_so_many_keys_and_no_more(people: dict[str, Person]) -> None:
    for number in range(MOST_KEYS):
        people["rea"].make(str(number))
    answer = people["rea"].post("/keys", name="one more")
    assert answer.status_code == 403
    assert "revoke one first" in answer.text
    for odd in ("", " ", "a\nb", "x" * 101):
        assert people["rea"].post("/keys", name=odd).status_code in (403, 422)


@pytest.mark.parametrize("statement", [
    "INSERT INTO program_keys (person, name, digest) VALUES ('tim', 'x', 'y')",
    "INSERT INTO program_keys (person, name, digest, revoked_at) VALUES ('rea', 'x', 'y', NULL)",
    "UPDATE program_keys SET revoked_at = NULL",
    "UPDATE program_keys SET digest = 'y'",
    "DELETE FROM program_keys",
])  # fmt: skip
def test_the_database_lets_nobody_write_more(station: Station, statement: str) -> None:
    with station.site.open(Viewer("rea"), writes=True) as (connection, _):
        connection.execute(
            text("INSERT INTO program_keys (person, name, digest) VALUES ('rea', 'x', 'z')")
        )
        with pytest.raises(ProgrammingError):
            connection.execute(text(statement))
        connection.rollback()


def test_where_people_do_not_sign_in_here_there_are_no_keys(
    station: Station, people: dict[str, Person]
) -> None:
    for client in (station.client("rea"), station.local()):
        assert client.get("/keys").status_code == 404
        assert "/keys" not in client.get("/exposures").text
    key = people["pia"].make()  # which a proxy may send on, for itself
    listed = station.client("rea").get("/api/v1/exposures", headers=shows(key)).json()["exposures"]
    assert {one["rootname"] for one in listed} == {*OPEN}
    assert station.client(None).get("/api/v1/exposures", headers=shows(key)).status_code == 403


def test_the_client_in_python_shows_its_key(
    station: Station, people: dict[str, Person], settings: dict[str, object],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login rea password wrong\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    key = people["flo"].make()
    with serve(station, **settings) as address:
        site = Client(address, key=key)
        assert {one["rootname"] for one in site.exposures(limit=2)} == {*OPEN}
        assert site.look(["jpub01a2q"]) == 1
        assert site.exposure("jpub01a2q")["looks"][0]["person"] == "flo"
        with pytest.raises(SiteError, match="closed to you"):
            site.exposure(HIDDEN[0])
        with pytest.raises(SiteError, match="none of this site, or was revoked"):
            Client(address, key=key + "x").exposure("jpub01a2q")
        with pytest.raises(SiteError, match="Sign in first"):
            Client(address).exposure("jpub01a2q")
