"""When rows were first and last written, and what stays when everything is read again."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from builders.graph_station import GraphStation
from builders.pipeline import Pipeline, Steps
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.recording import TABLES, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_resources.tables import File, Header, Observation, Outcome, Proposal

KEY, OTHER = "lsim01aaq", "lsim02aaq"
Dates = dict[str, tuple[datetime, ...]]


def begin(station: GraphStation, add_exposure: Callable[[str], Path]) -> None:
    add_exposure(KEY)
    station.pipeline.ingest("cos", [KEY])


@pytest.fixture
def made(begun_pipeline: Pipeline) -> Pipeline:
    """A pipeline that has made an exposure."""
    return begun_pipeline


def dates(pipeline: Pipeline) -> Dates:
    """Return first and last date by observation, and the date by file."""
    observation, read = Observation, pipeline.clients.database.read
    columns = (observation.rootname, observation.first_ingest_date, observation.last_ingest_date)
    return {
        **{row[0]: tuple(row[1:]) for row in read(select(*columns))},
        **{row[0]: (row[1],) for row in read(select(File.filename, File.ingest_date))},
    }


def read_headers_again(pipeline: Pipeline, *keys: str) -> None:
    tasks = locate_headers(pipeline.clients.database, "cos", keys)
    steps = Steps(pipeline.clients, "cos/")
    steps.take("header_tables", tasks, scan_headers, TABLES, write_headers)


def test_the_first_date_stays_and_the_last_moves_when_all_is_retrieved_again(
    made: Pipeline,
) -> None:
    before = dates(made)
    first, last = before[KEY]
    assert first == last
    made.ingest("cos", [KEY])
    after = dates(made)
    assert after.keys() == before.keys()
    assert len(after) > 2
    assert after[KEY][0] == first
    assert after[KEY][1] > last
    for name in after.keys() - {KEY}:
        assert after[name] > before[name], name


def test_reading_headers_alone_does_not_move_the_dates_of_files(made: Pipeline) -> None:
    before = dates(made)
    read_headers_again(made, KEY)
    after = dates(made)
    assert after.pop(KEY)[1] > before.pop(KEY)[1]
    assert after == before


def test_an_observation_that_comes_later_has_dates_of_its_own(
    made: Pipeline, add_to_begun: Callable[[str], Path]
) -> None:
    before = dates(made)[KEY]
    add_to_begun(OTHER)
    made.ingest("cos", [OTHER])
    after = dates(made)
    assert after[KEY] == before
    assert after[OTHER][0] > before[1]


def test_a_changed_header_changes_its_columns_but_not_the_first_date(
    made: Pipeline,
) -> None:
    (first, last), (row,) = dates(made)[KEY], made.rows(Observation)
    folder = made.archive / KEY[:4] / KEY
    for path in folder.glob("*.fits"):
        content = path.read_bytes()
        assert content.count(b"APERTURE= 'PSA") <= 1
        path.write_bytes(content.replace(b"APERTURE= 'PSA", b"APERTURE= 'BOA"))
    read_headers_again(made, KEY)
    (after,) = made.rows(Observation)
    assert after == {**row, "aperture": "BOA"}
    assert dates(made)[KEY][0] == first
    assert dates(made)[KEY][1] > last


def test_the_header_step_leaves_a_proposal_that_a_second_reading_does_not_touch(
    made: Pipeline,
) -> None:
    statement = select(*Proposal.__table__.c)
    (proposal,) = made.clients.database.read(statement)
    assert (proposal.source, proposal.proposal_type) == ("spt", "GO")
    (observation,) = made.rows(Observation)
    assert observation["proposal_id"] == proposal.proposal_id
    made.ingest("cos", [KEY])
    assert made.clients.database.read(statement) == [proposal]


def header_rows(pipeline: Pipeline) -> list[str]:
    """Return the files that have rows in the header tables."""
    statement = select(Header.filename).distinct().order_by(Header.filename)
    return [row[0] for row in pipeline.clients.database.read(statement)]


def test_a_file_that_is_gone_for_a_while_keeps_its_rows(made: Pipeline, tmp_path: Path) -> None:
    before, rows = dates(made), header_rows(made)
    (path,) = made.archive.rglob(f"{KEY}_x1d.fits")
    path.rename(tmp_path / "aside")
    read_headers_again(made, KEY)
    assert header_rows(made) == rows
    assert dates(made) == before
    statement = select(Outcome.status, Outcome.reason).where(Outcome.asset == "cos/header_tables")
    ((status, reason),) = made.clients.database.read(statement)
    assert (status, str(path) in reason) == ("missing", True)


def test_an_observation_that_was_bad_for_a_while_keeps_its_first_date(
    made: Pipeline,
) -> None:
    first, last = dates(made)[KEY]
    paths = list(made.archive.rglob("*.fits"))
    content = {path: path.read_bytes() for path in paths}
    for path in paths:
        path.write_bytes(b"damaged")
    made.ingest("cos", [KEY])
    assert header_rows(made) == []
    assert dates(made)[KEY] == (first, last)
    for path in paths:
        path.write_bytes(content[path])
    made.ingest("cos", [KEY])
    assert dates(made)[KEY][0] == first
    assert dates(made)[KEY][1] > last
