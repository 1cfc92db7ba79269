"""Who sees what: by every address that the site has, and by every table under it."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import ProgrammingError

from builders.dagster_rows import COMMAND, RUN
from builders.site_rows import (
    ALL,
    EXPOSURES,
    HEADER_TABLE,
    HIDDEN,
    MEMBER,
    NOW,
    OPEN,
    SECRET,
    Station,
)  # fmt: skip
from hstql_resources.postgres.server_access import SITE
from hstql_resources.site.access import prepare_access
from hstql_resources.site.session import Site, Viewer
from hstql_resources.tables import Observation, Persistence, PersistenceStimulus
from hstql_web.app import find_pages

TABLES = ("files", "previews", "bad_data", "headers", HEADER_TABLE)
# What stands in an address in braces, by name: what closed exposures have of it.
PARTS = {
    "rootname": HIDDEN,
    "filename": tuple(f"{name}_flt.fits" for name in HIDDEN),
    "number": ("1",),
    "ext": ("1",),
    "form": ("csv", "json", "votable", "fits", "ids"),
    "proposal": ("200", "300"),
    "run": (RUN,),
    "command": (COMMAND,),
    "kind": ("satellite_trail",),
    "target": ("secret-star",),
    "job": ("0" * 32,),
    "part": ("phase",),
    "monitor": ("dark_rate_monitor",),
    "chart": ("secret",),
}


def names(station: Station, person: str, table: str, **options: str) -> set[str]:
    site = Site(station.site.engine.url, options.get("undated", "closed"))
    with site.open(Viewer(person)) as (connection, _):
        found = set(connection.scalars(text(f"SELECT rootname FROM {table}")))
    site.dispose()
    return found


@pytest.mark.parametrize("table", ["observations", *TABLES])
def test_each_table_shows_what_a_person_may_see(station: Station, table: str) -> None:
    everything, open_ones = set(EXPOSURES), set(OPEN)
    assert names(station, "rea", table) == open_ones
    assert names(station, "nobody", table) == open_ones
    assert names(station, MEMBER, table) == everything - {"jund01a1q"}
    assert names(station, ALL, table) == everything
    assert names(station, "rea", table, undated="public") == open_ones | {"jund01a1q"}


def test_what_an_exposure_suffers_is_seen_by_whoever_sees_those_before_it(
    station: Station,
) -> None:
    pairs = {"ipub01a1q": "jsec01a1q", "jpub01a1q": "ipub01a1q", "jsec01010": "jpub01a1q"}
    stimuli = [{"rootname": one, "stimulus": other, "is_external": True}
               for one, other in pairs.items()]  # fmt: skip
    rows = [
        {
            "rootname": one, "exp_start_mjd": 1.0, "source": "flt", "model": "fermi",
            "predecessors": 1, "used": 1, "unusable": 0, "unknown": 0.0, "leaves_half": 0.0,
            "leaves_1": 0.0, "leaves_2": 0.0, "leaves_5": 0.0, "leaves_10": 0.0, "members": "",
            "ingest_date": NOW,
        }
        for one in (*pairs, "lpub01a1q")
    ]  # fmt: skip
    models = {PersistenceStimulus: stimuli, Persistence: rows}
    try:
        with station.database.write() as writer:
            for model, own in models.items():
                writer.upsert(model, own)
        assert names(station, "rea", "persistence") == {"jpub01a1q", "lpub01a1q"}
        assert names(station, "rea", "persistence_stimuli") == {"jpub01a1q"}
        assert names(station, MEMBER, "persistence") == {*pairs, "lpub01a1q"}
    finally:
        with station.database.write() as writer:
            for model in models:
                writer.execute(delete(model))


def test_an_association_is_as_closed_as_its_strictest_member(station: Station) -> None:
    with station.site.open(Viewer("x", is_local=True)) as (connection, _):
        rows = connection.execute(select(Observation.rootname, Observation.public_from))
        dates = {row.rootname: row.public_from for row in rows}
    assert dates["jsec01010"] == dates["jsec01a1q"] > dates["jsec01a2q"]


def test_whoever_names_no_person_sees_what_is_public(station: Station) -> None:
    with station.site.engine.connect() as connection:
        assert set(connection.scalars(select(Observation.rootname))) == set(OPEN)


def test_a_table_that_has_come_is_closed_until_its_rule_is_laid(station: Station) -> None:
    with station.database.write() as writer:
        writer.execute(text("CREATE TABLE cos_new_sci (PRIMARY KEY (filename)) INHERITS (headers)"))
        writer.execute(text("INSERT INTO cos_new_sci SELECT filename, 2, rootname FROM files"))
    try:
        with pytest.raises(ProgrammingError):
            names(station, "rea", "cos_new_sci")
        prepare_access(station.database, SITE)
        assert names(station, "rea", "cos_new_sci") == set(OPEN)
    finally:
        with station.database.write() as writer:
            writer.execute(text("DROP TABLE cos_new_sci"))


def test_to_lay_rules_that_are_laid_changes_nothing(station: Station) -> None:
    policies = select(text("oid, xmin::text FROM pg_policy"))
    before = station.database.read(policies)
    prepare_access(station.database, SITE)
    assert station.database.read(policies) == before


def addresses() -> Iterator[str]:
    """Yield each address of the site, with the names of closed exposures in it."""
    routes = [route for page in find_pages() for route in page.ROUTER.routes]
    for route in (one for one in routes if "GET" in one.methods):
        paths = [route.path]
        for name in re.findall(r"{(\w+)(?::\w+)?}", route.path):
            assert name in PARTS, f"say in PARTS what closed exposures have for {name}"
            paths = [
                re.sub(rf"{{{name}(:\w+)?}}", value, path)
                for path in paths
                for value in PARTS[name]
            ]
        yield from paths


QUERIES = (
    "", "?proposal=200", "?rootname=jsec01a1q", "?target=secret-star&files=yes", "?view=table",
    "?looked=no", "?days=365", "?sort=target_name", "?behind=jsec01a1q", "?q=jsec01a1q", "?q=jsec",
)  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_no_address_tells_anything_of_what_is_closed(station: Station, query: str) -> None:
    client = station.client("rea")
    for address in addresses():
        answer = client.get(address + query)
        assert SECRET.encode() not in answer.content, address
        assert "title of the team" not in answer.text or "300" not in address
        assert answer.status_code < 500, address


def test_those_who_may_see_it_do(station: Station) -> None:
    client = station.client(MEMBER)
    assert SECRET in client.get("/exposure/jsec01a1q").text
    assert client.get("/file/jsec01a1q_flt.fits").content == SECRET.encode()
    assert client.get("/exposure/jund01a1q").status_code == 403


def test_of_what_is_closed_one_learns_that_it_exists(station: Station) -> None:
    client = station.client("rea")
    assert client.get("/exposure/jsec01a1q").status_code == 403
    assert client.get("/exposure/jnone1a1q").status_code == 404
    assert client.get("/picture/jsec01a1q_flt.fits/1").status_code == 404
    assert client.get("/file/jsec01a1q_flt.fits").status_code == 404


def test_who_is_in_no_table_is_not_let_in(station: Station) -> None:
    for path in ("/", "/exposures", "/exposure/jpub01a1q", "/file/jpub01a1q_flt.fits"):
        answer = station.client("nobody").get(path)
        assert answer.status_code == 403
        assert "whom nobody has let in" in answer.text


def test_the_header_counts_only_from_the_proxy_and_only_once(station: Station) -> None:
    client = station.client("rea", proxies="10.0.0.1")
    assert "through its proxy only" in client.get("/").text
    twice = station.client(None).get("/", headers=[("X-Forwarded-User", "rea")] * 2)
    assert "did not say who you are" in twice.text
    assert station.client(None).get("/").status_code == 403


def test_on_its_own_host_the_site_shows_everything(station: Station) -> None:
    client = station.local()
    assert client.get("/exposure/jsec01a1q").status_code == 200
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 421
