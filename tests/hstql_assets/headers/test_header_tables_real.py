"""Every header of every real file, through the step into the database and back."""

from pathlib import Path

from builders.astropy_reading import read_file
from builders.header_reading import compare, read_everything, read_rows, read_stored, without_dates
from builders.pipeline import Pipeline, Steps
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import INSTRUMENTS
from hstql_resources.tables import BadData, File


def ingest(pipeline: Pipeline, folder: Path) -> Pipeline:
    """Retrieve all observations of all instruments in place, and record their headers."""
    archive = DirectoryArchive(folder)
    for instrument in INSTRUMENTS.values():
        pipeline.on(archive).ingest(instrument, archive.find_rootnames(instrument))
    return pipeline


def test_every_keyword_of_every_real_header_is_stored_as_astropy_reads_it(
    pipeline: Pipeline, real_archive: Path
) -> None:
    ingest(pipeline, real_archive)
    assert pipeline.rows(BadData) == []
    stored = read_stored(pipeline.clients.database)
    files = {row["filename"]: read_file(Path(str(row["path"]))) for row in pipeline.rows(File)}
    assert len(files) == 194  # of which a corrtag is made here
    assert set(stored) == {(name, i) for name, hdus in files.items() for i in range(len(hdus))}
    wrong = [
        (place, complaint)
        for place, header in stored.items()
        for complaint in compare(header, files[place[0]][place[1]])
    ]
    assert wrong == []
    assert not [header.table.name for header in stored.values() if "unknown" in header.table.name]


def test_reading_everything_again_changes_nothing_but_the_date_of_it(
    pipeline: Pipeline, real_archive: Path
) -> None:
    database = pipeline.clients.database
    ingest(pipeline, real_archive)
    rows, observations = read_everything(database), without_dates(database)
    dates = [row["last_ingest_date"] for row in read_rows(database, "observations")]
    archive = DirectoryArchive(real_archive)
    for instrument in INSTRUMENTS.values():
        steps = Steps(pipeline.clients, f"{instrument}/")
        pipeline.record_headers(steps, instrument, archive.find_rootnames(instrument))
    assert read_everything(database) == rows
    assert without_dates(database) == observations
    again = [row["last_ingest_date"] for row in read_rows(database, "observations")]
    assert all(after > before for before, after in zip(dates, again, strict=True))
