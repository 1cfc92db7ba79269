"""Ask what acsql's pages ask of its database, for `web`: in tables and with indexes as it has them.

Its archive page of a proposal asks twice for each image (detector, then columns of the raw header),
and so does its page of one image, for all images of the proposal. Its form joins `master` with the
raw header of each detector, and fetches all that it finds. Only names of exposures and files, and
the aperture, have an index. Here it is the questions alone, over one connection that stays open.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, text

from hstql_resources.postgres.database import Database

_TABLES = """
CREATE SCHEMA acsql_tables;
CREATE TABLE acsql_tables.master AS
SELECT rootname, path, first_ingest_date, last_ingest_date, detector, proposal_type
FROM observations WHERE instrument = 'acs';
ALTER TABLE acsql_tables.master ADD PRIMARY KEY (rootname);
CREATE TABLE acsql_tables.wfc_raw_0 AS SELECT header.* FROM acs_wfc_raw_primary AS header
JOIN acsql_tables.master USING (rootname) WHERE master.detector = 'WFC';
ALTER TABLE acsql_tables.wfc_raw_0 ADD PRIMARY KEY (rootname), ADD UNIQUE (filename);
CREATE INDEX ON acsql_tables.wfc_raw_0 (aperture);
ANALYZE acsql_tables.master, acsql_tables.wfc_raw_0;
"""
_IMAGES = "SELECT rootname FROM observations WHERE proposal_id = :one AND detector = 'WFC'"
_DETECTOR = text("SELECT detector FROM acsql_tables.master WHERE rootname = :one")
_COLUMNS = text(
    "SELECT aperture, exptime, filter1, filter2, targname, date_obs, expstart, ra_targ, dec_targ "
    "FROM acsql_tables.wfc_raw_0 WHERE rootname = :one"
)
_FORM = """
SELECT master.rootname, filename, master.detector, proposal_type, expstart, filter1, filter2,
       exptime, targname, proposid
FROM acsql_tables.master JOIN acsql_tables.wfc_raw_0 USING (rootname) WHERE {}
"""
FORMS = {
    "list: of 100,000 and more": "master.detector = 'WFC'",
    "list: a day": "date_obs = '2015-06-01'",
    "list: a target": "targname LIKE 'NGC104'",
    "query: hits": (
        "targname LIKE 'NGC10%' AND exptime BETWEEN '100' AND '500' AND imagetyp = 'EXT'"
    ),
    "query: hits by a keyword": "flashdur > 0",
}
REPEATS = 7


def make_old_tables(database: Database) -> None:
    """Copy rows into tables as acsql has them."""
    with database.write() as writer:
        for statement in _TABLES.split(";\n")[:-1]:
            writer.execute(text(statement))


def time_old_pages(database: Database, proposals: Sequence[int]) -> Mapping[str, float]:
    """Return the median time of what acsql asks for a page, in s, by the page of the site."""
    with database.engine.connect() as connection:
        found = {
            name: _time(lambda test=test: connection.execute(text(_FORM.format(test))).all())  # type: ignore[misc]
            for name, test in FORMS.items()
        }
        images = [
            list(connection.scalars(text(_IMAGES), {"one": one})) for one in proposals[:REPEATS]
        ]
        waiting = iter(images)
        of_proposal = _time(lambda: _ask_for_images(connection, next(waiting)))
    return {**found, "list: a proposal": of_proposal, "exposure": of_proposal}


def _ask_for_images(connection: Connection, names: Sequence[str]) -> None:
    for name in names:
        connection.execute(_DETECTOR, {"one": name}).one()
        connection.execute(_COLUMNS, {"one": name}).one()


def _time(ask: Callable[[], object]) -> float:
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
