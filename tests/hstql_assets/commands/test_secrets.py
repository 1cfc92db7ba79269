"""No command writes the token of MAST anywhere, however the archive answers."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import psycopg2
import pytest
from psycopg2 import sql

from builders.loopback_answers import send_echo
from builders.loopback_files import Fault, FileServer, FileServing
from builders.loopback_mast import LoopbackMast, LoopDataset
from builders.mast_station import ALONE, ASSOCIATION, FIRST, SECOND, files_like, make_holdings
from builders.station import Station, open_station
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.postgres.packed_events import unpack

OWN, MOVED = "lmst03aaq", "lmst04aaq"  # proprietary; the second one's files lie on another host
LIKE = "ls000102q"
POSTGRES = "postgres"  # the folder of the server's own data


class EchoingMast(LoopbackMast):
    """A MAST that answers the next questions with all that it was sent, under these statuses."""

    echoes: ClassVar[list[int]] = []

    def _answer_question(self, handler: BaseHTTPRequestHandler, path: str, question: Any) -> None:
        if self.echoes:
            send_echo(handler, Fault("echo", self.echoes.pop()))
        else:
            super()._answer_question(handler, path, question)


@dataclass
class Secretive:
    """A home, the archive that it asks, and all that the commands wrote."""

    station: Station
    mast: EchoingMast
    elsewhere: FileServing
    token: str
    written: list[str] = field(default_factory=list)

    def hstql(self, *words: str, token: str | None = None, status: int | None = 0) -> str:
        """Run a command; return what it wrote."""
        done = self.station.hstql(*words, MAST_API_TOKEN=token or self.token)
        self.written += [done.stdout, done.stderr]
        assert status in (None, done.returncode), done.stdout + done.stderr
        return done.stdout + done.stderr

    @cached_property
    def database_url(self) -> str:
        return self.station.hstql("database", "url", "--libpq").stdout.strip()

    def held(self) -> set[str]:
        """Return the names of the files under the home."""
        return {path.name for path in (self.station.home / "files").rglob("*.fits")}

    def find(self, word: str) -> list[str]:
        """Return every place where a word is: in output, file, file name or row."""
        places = [f"output {number}" for number, text in enumerate(self.written) if word in text]
        for path in sorted(self.station.home.rglob("*")):
            inside = path.relative_to(self.station.home)
            if inside.parts[0] == POSTGRES:
                continue
            if word in str(inside) or (path.is_file() and word.encode() in path.read_bytes()):
                places.append(str(inside))
        return places + self.find_rows(word)

    def find_rows(self, word: str) -> list[str]:
        """Return the tables, of any database and schema, with a row that has a word."""
        url = self.database_url
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datallowconn")
            names = [str(row[0]) for row in cursor.fetchall()]
        assert {"hstql", "dagster"} <= set(names)
        return [
            f"{name}: {table}"
            for name in names
            for table in find_in_database(url.replace("/hstql?", f"/{name}?"), word)
        ]


def find_in_database(url: str, word: str) -> Iterator[str]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for schema, table in cursor.fetchall():
            statement = sql.SQL("SELECT t::text, t.* FROM {} t")
            cursor.execute(statement.format(sql.Identifier(schema, table)))
            if any(word in told for row in cursor.fetchall() for told in tell(row)):
                yield f"{schema}.{table}"


def tell(row: tuple[object, ...]) -> Iterator[str]:
    """Yield the texts of a row, packed ones as they were."""
    return (unpack(value) for value in row if isinstance(value, str))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    archive = SimulatedArchive(6)
    for products in archive.list_products(archive.find_rootnames("cos")).values():
        archive.fetch(products, folder)
    return folder


@pytest.fixture(scope="module")
def secretive(simulated: Path) -> Iterator[Secretive]:
    token, elsewhere = secrets.token_hex(24), FileServing()
    holdings = make_holdings(simulated)
    for name in (OWN, MOVED):
        files = files_like(simulated, LIKE, name)
        holdings.append(LoopDataset(name, files=files, is_public=False))
    with ExitStack() as stack:
        other = stack.enter_context(FileServer(elsewhere))
        mast = stack.enter_context(EchoingMast(holdings, token=token))
        for name, body in mast.datasets[MOVED].files.items():
            elsewhere.add(name, body)
            mast.files.fail_always(name, Fault("redirect", location=other.address(name)))
        for station in open_station(
            HSTQL_ARCHIVE="mast", HSTQL_MAST_URL=mast.url, HSTQL_WORKERS="2"
        ):
            yield Secretive(station, mast, elsewhere, token)


def go_wrong(mast: EchoingMast) -> None:
    """Let the files of some keys meet every fault that could carry a token along."""
    mast.files.fail_always(f"{OWN}_x1d.fits", Fault("echo", 400))
    mast.files.fail_always(f"{OWN}_spt.fits", Fault("echo", 401))
    mast.files.fail_always(f"{SECOND}_x1d.fits", Fault("echo", 404))
    mast.files.fail(f"{OWN}_jit.fits", Fault("login"), Fault("status", 500))
    mast.files.fail(f"{FIRST}_x1d.fits", Fault("echo", 500))


def come_right(mast: EchoingMast) -> None:
    for name in (f"{OWN}_x1d.fits", f"{OWN}_spt.fits", f"{SECOND}_x1d.fits"):
        mast.files.fail_always(name, None)


@pytest.mark.full
def test_the_token_is_nowhere_after_runs_with_failures(secretive: Secretive) -> None:
    hstql, mast, token = secretive.hstql, secretive.mast, secretive.token
    wrong = secrets.token_hex(24)

    mast.echoes.append(500)
    assert "6 new" in hstql("discover", "--instrument", "cos")
    assert not mast.echoes
    files = ("cos/raw_files", "cos/calibrated_files")
    refused = hstql("materialize", *files, "--rootname", OWN, token=wrong, status=1)
    assert "the token that was sent is wrong" in refused
    assert not any(name.startswith(OWN) for name in secretive.held())

    go_wrong(mast)
    failed = hstql("materialize", *files, "--all", status=1)
    for name, status in ((f"{OWN}_spt.fits", 401), (f"{SECOND}_x1d.fits", 404)):
        assert f"{name} could not be fetched: 127.0.0.1 answers {status}" in failed
    # Of a key only the first asset that failed is shown.
    assert "hstql: public.outcomes" in secretive.find_rows(f"{OWN}_x1d.fits could not be fetched")
    hstql("check", "--checksums", status=1)
    mast.echoes.append(400)
    assert "400" in hstql("reprocess", "--rootname", OWN, "--yes", status=1)
    assert not mast.echoes
    hstql("status")

    come_right(mast)
    hstql("materialize", *files, "--failed")
    hstql("reprocess", "--rootname", OWN, "--yes")

    # All of the data arrived, what is proprietary too, and the token went to MAST alone.
    everything = {name for dataset in mast.datasets.values() for name in dataset.files}
    assert everything <= secretive.held()
    sent = {request.authorization for request in mast.files.requests}
    assert sent == {None, f"token {token}", f"token {wrong}"}
    echoed = {request.authorization for request in mast.files.requests if request.fault == "echo"}
    assert echoed == {None, f"token {token}"}
    public = {request.authorization for request in mast.files.requests
              if request.filename[:9] in (ASSOCIATION, FIRST, SECOND, ALONE)}  # fmt: skip
    assert public == {None}
    assert {request.authorization for request in secretive.elsewhere.requests} == {None}
    questions = [one for one in mast.requests if one.method == "POST"]
    assert questions
    assert not any(word in str(one.headers) for one in questions for word in (token, wrong))

    # The search finds what is there, in every kind of place.
    places = secretive.find(OWN)
    assert any(place.startswith("output ") for place in places)
    for place in ("files/", "logs/"):
        assert any(found.startswith(place) for found in places), place
    for table in ("hstql: public.files", "hstql: public.outcomes", "hstql: public.products",
                  "dagster: public.event_logs", "dagster: public.dynamic_partitions"):  # fmt: skip
        assert table in places
    assert secretive.find(token) == []
    assert secretive.find(wrong) == []
