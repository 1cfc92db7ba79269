"""Every header of every real file, through the step into the database and back."""

from pathlib import Path

import pytest

from builders.astropy_reading import read_file
from builders.header_reading import compare, read_everything, read_rows, read_stored, without_dates
from builders.pipeline import Pipeline, Steps
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import INSTRUMENTS
from hstql_resources.tables import BadData, File

STEPS = [8, pytest.param(1, marks=pytest.mark.full)]  # every eighth observation is fewer files
FILES = {1: 194, 8: 23}  # of which a corrtag is made here


def find_rootnames(archive: DirectoryArchive, instrument: str, step: int) -> list[str]:
    return sorted(archive.find_rootnames(instrument))[::step]


def ingest(pipeline: Pipeline, folder: Path, step: int) -> Pipeline:
    """Retrieve observations of all instruments in place, and record their headers."""
    archive = DirectoryArchive(folder)
    for instrument in INSTRUMENTS.values():
        pipeline.on(archive).ingest(instrument, find_rootnames(archive, instrument, step))
    return pipeline


@pytest.mark.parametrize("step", STEPS)
def test_every_keyword_of_every_real_header_is_stored_as_astropy_reads_it(
    pipeline: Pipeline, real_archive: Path, step: int
) -> None:
    ingest(pipeline, real_archive, step)
    assert pipeline.rows(BadData) == []
    stored = read_stored(pipeline.clients.database)
    files = {row["filename"]: read_file(Path(str(row["path"]))) for row in pipeline.rows(File)}
    assert len(files) == FILES[step]
    assert set(stored) == {(name, i) for name, hdus in files.items() for i in range(len(hdus))}
    wrong = [
        (place, complaint)
        for place, header in stored.items()
        for complaint in compare(header, files[place[0]][place[1]])
    ]
    assert wrong == []
    assert not [header.table.name for header in stored.values() if "unknown" in header.table.name]


@pytest.mark.parametrize("step", STEPS)
def test_reading_everything_again_changes_nothing_but_the_date_of_it(
    pipeline: Pipeline, real_archive: Path, step: int
) -> None:
    database = pipeline.clients.database
    ingest(pipeline, real_archive, step)
    rows, observations = read_everything(database), without_dates(database)
    dates = [row["last_ingest_date"] for row in read_rows(database, "observations")]
    archive = DirectoryArchive(real_archive)
    for instrument in INSTRUMENTS.values():
        steps = Steps(pipeline.clients, f"{instrument}/")
        pipeline.record_headers(steps, instrument, find_rootnames(archive, instrument, step))
    assert read_everything(database) == rows
    assert without_dates(database) == observations
    again = [row["last_ingest_date"] for row in read_rows(database, "observations")]
    assert all(after > before for before, after in zip(dates, again, strict=True))
