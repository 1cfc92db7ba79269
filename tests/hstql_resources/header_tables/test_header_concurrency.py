"""Several runs and readers at once: nobody fails, and no value is lost."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.managers import SyncManager
from threading import Barrier, Event

import psycopg2
import pytest
from sqlalchemy import text

from builders.databases import open_as_superuser
from builders.header_reading import compare, read_stored
from builders.made_headers import encode, store
from builders.workers import warm_workers
from hstql_resources.header_tables import locking
from hstql_resources.header_tables.names import ODD
from hstql_resources.postgres.database import Database, DatabaseError

WRITERS = 10
PATIENCE_S = 600
LONG = 2**70  # changes the type of a column of doubles


def make_value(writer: int, turn: int) -> object:
    """All kinds of values, in another order in each turn."""
    kinds: list[object] = [writer, writer + 0.5, f"text {writer}", writer % 2 == 0, 2**60 + writer]
    return kinds[(writer + turn) % (2 + turn % 4)]


def write_turns(url: str, barrier: Barrier, writer: int, turns: int) -> None:
    """Meet the others at each turn, with a keyword that nobody has seen."""
    database = Database(url)
    for turn in range(turns):
        rootname = f"jw{writer:02}t{turn:02}aq"
        values = {"EXPTIME": 1.0, f"NEW{turn}": make_value(writer, turn)}
        encoded = encode(values, filename=f"{rootname}_flt.fits", rootname=rootname)
        barrier.wait(PATIENCE_S)
        store(database, encoded)
    database.dispose()


def read_until(url: str, end: Event, least: int) -> int:
    """Read the view and its table in one transaction, in both orders; return how often.

    More often than `least`, also where the writers are so quick that it is after their end.
    """
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    sources = ["acsql.wfc_flt_0", "acs_wfc_flt_primary"]
    count = 0
    while not end.is_set() or count <= least:
        with connection, connection.cursor() as cursor:
            for source in sources:
                cursor.execute(f"SELECT count(*), sum(exptime) FROM {source}")
                rows, total = cursor.fetchone()
                assert rows == (total or 0)
        sources.reverse()
        count += 1
        time.sleep(0.002)
    connection.close()
    return count


@pytest.fixture
def manager() -> Iterator[SyncManager]:
    with get_context("spawn").Manager() as manager:
        yield manager


@pytest.mark.parametrize("turns", [2, pytest.param(50, marks=pytest.mark.full)])
def test_ten_processes_meet_the_same_new_keyword_while_others_read(
    database: Database, manager: SyncManager, turns: int
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    barrier, end = manager.Barrier(WRITERS), manager.Event()
    warm_workers()
    with ProcessPoolExecutor(WRITERS + 2, get_context("forkserver")) as pool:
        readers = [pool.submit(read_until, url, end, turns) for _ in range(2)]
        writers = [pool.submit(write_turns, url, barrier, w, turns) for w in range(WRITERS)]
        try:
            for writer in writers:
                writer.result()
        finally:
            end.set()
        assert min(reader.result() for reader in readers) > turns
    stored = read_stored(database)
    assert len(stored) == WRITERS * turns
    for writer in range(WRITERS):
        for turn in range(turns):
            header = stored[f"jw{writer:02}t{turn:02}aq_flt.fits", 0]
            value = make_value(writer, turn)
            assert compare(header, [("EXPTIME", 1.0), (f"NEW{turn}", value)]) == []
            # What another one saw first decides of which kind the column is.
            is_own = header.row[f"new{turn}"] is not None
            assert [row["reason"] for row in header.extras] == ([] if is_own else [ODD])


def store_in_thread(database: Database, value: object) -> threading.Thread:
    thread = threading.Thread(target=store, args=(database, encode({"EXPTIME": value})))
    thread.start()
    return thread


@pytest.mark.parametrize("patience_s", [600.0, 0.2], ids=["patient", "impatient"])
def test_a_reader_who_holds_a_table_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch, patience_s: float
) -> None:
    monkeypatch.setattr(locking, "PATIENCE_S", patience_s)
    store(database, encode({"EXPTIME": 1}))
    with database.engine.connect() as reader:
        assert reader.scalar(text("SELECT exptime FROM acs_wfc_flt_primary")) == 1
        writer = store_in_thread(database, LONG)
        writer.join(0.5)
        assert writer.is_alive()
        if patience_s > 1:  # until then, other readers are not kept waiting
            statement = text("SELECT exptime FROM acsql.wfc_flt_0")
            assert [row.exptime for row in database.read(statement)] == [1]
    writer.join()
    assert read_stored(database)["jtest01aq_flt.fits", 0].row["exptime"] == LONG


def test_a_deadlock_with_a_reader_is_resolved_by_beginning_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader has two tables in turn, the writer wants both; one must give way."""
    monkeypatch.setattr(locking, "PATIENCE_S", 0.0)
    files = ("jtest01aq_flt.fits", "jtest01aq_raw.fits")
    store(database, *(encode({"EXPTIME": 1}, filename=name) for name in files))
    wider = [encode({"EXPTIME": LONG}, filename=name) for name in files]
    with open_as_superuser(database).engine.connect() as reader:
        name = reader.scalar(text("SELECT current_database()"))
        # The writer looks for it once, when the reader waits too; the reader never does.
        reader.execute(text(f"ALTER DATABASE {name} SET deadlock_timeout = '3s'"))
        reader.commit()
        database.dispose()
        reader.execute(text("SET deadlock_timeout = '20d'"))
        reader.execute(text("SELECT 1 FROM acs_wfc_raw_primary"))
        writer = threading.Thread(target=store, args=(database, *wider))
        writer.start()
        while not reader.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert writer.is_alive()
        reader.execute(text("SELECT 1 FROM acs_wfc_flt_primary"))
    writer.join()
    stored = read_stored(database)
    assert {stored[name, 0].row["exptime"] for name in files} == {LONG}


@pytest.mark.parametrize("code", ["40P01", "55P03", "40001"])
def test_work_that_readers_were_in_the_way_of_is_done_again_as_a_whole(
    database: Database, code: str
) -> None:
    calls: list[int] = []

    def work(writer) -> None:
        calls.append(len(calls))
        writer.execute(text("CREATE TABLE made (number integer)"))
        if len(calls) == 1:
            writer.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))

    database.transact(work)
    assert calls == [0, 1]
    assert database.read(text("SELECT * FROM made")) == []


def test_other_errors_are_not_tried_again(database: Database) -> None:
    calls: list[int] = []

    def work(writer) -> None:
        calls.append(1)
        writer.execute(text("SELECT 1 / 0"))

    with pytest.raises(DatabaseError, match="division by zero"):
        database.transact(work)
    assert calls == [1]


def test_conflicts_without_end_are_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hstql_resources.postgres.database.CONFLICT_PAUSES_S", (0.0, 0.0))
    calls: list[int] = []

    def work(writer) -> None:
        calls.append(1)
        writer.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))

    with pytest.raises(DatabaseError):
        database.transact(work)
    assert len(calls) == 3
