"""Whose products a key has where some were made here: the archive's, or those of a pipeline."""

from dataclasses import replace
from pathlib import Path

import pytest

from hstql_assets.observations.currency import HeldFile
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_assets.observations.sources import RetrievalSettings, Source, choose_source
from hstql_resources.archive import Product
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filesystem import Filesystem

KEY = "lr000501q"
RAW = (Product(KEY, f"{KEY}_rawtag.fits"),)
CORRTAG = Product(KEY, f"{KEY}_corrtag.fits")
COUNTS = f"{KEY}_counts.fits"


@pytest.fixture
def made_here(tmp_path: Path) -> RetrievalTask:
    """CalCOS has made a corrtag here, and counts, which the archive never has."""
    filesystem = Filesystem(tmp_path)
    folder = filesystem.observation_folder(KEY)
    folder.mkdir(parents=True)
    paths = [folder / CORRTAG.filename, folder / COUNTS]
    for path in paths:
        path.write_bytes(b"")
    had = tuple(HeldFile(path, "0" * 64, origin="calcos") for path in paths)
    return RetrievalTask(KEY, "calibrated", (), None, had, DirectoryArchive(tmp_path), filesystem)


@pytest.fixture
def archived(made_here: RetrievalTask) -> RetrievalTask:
    """The archive has a corrtag of it, too."""
    return replace(made_here, products=(CORRTAG,))


@pytest.mark.parametrize("is_raw_newer", [False, True])
@pytest.mark.parametrize("is_again", [False, True])
def test_who_asks_for_the_archives_products_gets_none_that_were_made_here(
    archived: RetrievalTask, is_again: bool, is_raw_newer: bool
) -> None:
    settings = RetrievalSettings(is_again, "archive")
    assert choose_source(archived, (*RAW, CORRTAG), settings, is_raw_newer) == archived


@pytest.mark.parametrize("source", ["same", "auto"])
def test_else_all_that_was_made_here_stays_and_nothing_of_the_archive_is_put_beside_it(
    archived: RetrievalTask, source: Source
) -> None:
    settings = RetrievalSettings(source=source)
    chosen = choose_source(archived, (*RAW, CORRTAG), settings, is_raw_newer=False)
    assert {path.name for path in chosen.made} == {CORRTAG.filename, COUNTS}
    assert not chosen.products
    assert not chosen.is_calibrated_here


@pytest.mark.parametrize("source", ["archive", "same", "auto"])
def test_where_the_archive_has_none_those_that_were_made_here_stay(
    made_here: RetrievalTask, source: Source
) -> None:
    chosen = choose_source(made_here, RAW, RetrievalSettings(source=source), is_raw_newer=False)
    assert {path.name for path in chosen.made} == {CORRTAG.filename, COUNTS}
    assert not chosen.is_calibrated_here


@pytest.mark.parametrize(("is_again", "is_raw_newer"), [(True, False), (False, True)])
def test_where_the_archive_has_none_they_are_made_again_if_asked_for_or_of_newer_raw_files(
    made_here: RetrievalTask, is_again: bool, is_raw_newer: bool
) -> None:
    chosen = choose_source(made_here, RAW, RetrievalSettings(is_again), is_raw_newer)
    assert chosen.is_calibrated_here


def test_a_file_that_was_made_here_and_is_gone_is_made_again(made_here: RetrievalTask) -> None:
    made_here.had[0].path.unlink()
    assert choose_source(made_here, RAW, RetrievalSettings(), False).is_calibrated_here


def test_the_pipeline_makes_them_where_it_is_asked_to(archived: RetrievalTask) -> None:
    settings = RetrievalSettings(source="pipeline")
    assert choose_source(archived, (*RAW, CORRTAG), settings, False).is_calibrated_here
