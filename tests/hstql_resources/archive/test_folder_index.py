"""What is kept of an archive between two questions: only what changed is read again."""

import os
import pickle
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hstql_resources.archive import ArchiveError, Search
from hstql_resources.archive import folder_walk as walking
from hstql_resources.archive.directory import DirectoryArchive

KEY, OTHER, THIRD = "laaa01aaq", "laaa01abq", "laaa01acq"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DirectoryArchive:
    """An archive with an index, whose folders count as old as soon as they are made."""
    monkeypatch.setattr(walking, "TICK_S", -60.0)
    home = tmp_path / "home"
    home.mkdir()
    return DirectoryArchive(tmp_path / "archive", index=home / "index")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that are read."""
    names: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(
        os, "scandir", lambda path: names.append(path.rpartition("/")[2]) or scandir(path)
    )
    return names


def put(archive: DirectoryArchive, *names: str) -> None:
    for name in names:
        (archive.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (archive.folder / name).write_text(name)


def noticed(archive: DirectoryArchive) -> dict[str, object]:
    return {one.name: one.noticed_at for one in archive.find_datasets(Search("cos"))}


def test_a_second_search_reads_only_the_folders_that_changed(
    archive: DirectoryArchive, read: list[str]
) -> None:
    put(archive, f"a/{KEY}_x1d.fits", f"a/deep/{OTHER}_x1d.fits", f"b/{KEY}_spt.fits")
    first = noticed(archive)
    assert sorted(read) == ["a", "archive", "b", "deep"]
    read.clear()
    assert noticed(archive) == first
    assert read == []
    put(archive, f"a/deep/{THIRD}_x1d.fits")
    second = noticed(archive)
    assert read == ["deep"]
    assert second[KEY] == first[KEY]
    assert second[OTHER] > first[OTHER]
    assert list(second) == [KEY, OTHER, THIRD]


def test_a_folder_that_changed_just_now_is_read_again(
    archive: DirectoryArchive, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "TICK_S", 2.0)
    put(archive, f"{KEY}_x1d.fits")
    for _ in range(2):
        noticed(archive)
    assert read == ["archive", "archive"]


def test_what_is_gone_is_forgotten_and_noticed(archive: DirectoryArchive) -> None:
    put(archive, f"a/{KEY}_x1d.fits", f"b/{KEY}_spt.fits", f"b/c/{OTHER}_x1d.fits")
    first = noticed(archive)
    (archive.folder / f"b/c/{OTHER}_x1d.fits").unlink()
    (archive.folder / "b/c").rmdir()
    (archive.folder / f"b/{KEY}_spt.fits").unlink()
    (archive.folder / "b").rmdir()
    second = noticed(archive)
    assert list(second) == [KEY]
    assert second[KEY] > first[KEY]
    assert archive.summarize().files == 1


def test_products_are_those_of_now_also_in_folders_that_changed_since_the_search(
    archive: DirectoryArchive, read: list[str]
) -> None:
    put(archive, f"flat/{KEY}_x1d.fits", f"flat/{OTHER}_x1d.fits")
    noticed(archive)
    read.clear()
    assert len(archive.list_products([KEY, OTHER])[KEY]) == 1
    assert "flat" not in read
    put(archive, f"flat/{KEY}_spt.fits")
    (archive.folder / f"flat/{OTHER}_x1d.fits").unlink()
    listed = archive.list_products([KEY, OTHER])
    assert [one.filename for one in listed[KEY]] == [f"{KEY}_spt.fits", f"{KEY}_x1d.fits"]
    assert listed[OTHER] == []
    assert read.count("flat") == 1


def test_a_folder_of_the_public_cache_is_found_before_it_is_searched_for(
    archive: DirectoryArchive,
) -> None:
    put(archive, f"laaa/{KEY}/{KEY}_x1d.fits")
    noticed(archive)
    put(archive, f"laaa/{OTHER}/{OTHER}_x1d.fits")
    assert len(archive.list_products([OTHER])[OTHER]) == 1


def test_an_archive_that_was_never_searched_is_read_first(archive: DirectoryArchive) -> None:
    put(archive, f"flat/{KEY}_x1d.fits")
    copy = pickle.loads(pickle.dumps(archive))
    assert len(copy.list_products([KEY])[KEY]) == 1


def test_another_archive_takes_the_place_of_the_first(
    archive: DirectoryArchive, tmp_path: Path
) -> None:
    put(archive, f"flat/{KEY}_x1d.fits", f"{OTHER}_x1d.fits")
    noticed(archive)
    inner = DirectoryArchive(archive.folder / "flat", index=archive.index)
    assert list(noticed(inner)) == [KEY]
    assert inner.list_products([OTHER])[OTHER] == []
    assert list(noticed(archive)) == [KEY, OTHER]


def test_the_home_is_no_part_of_an_archive_around_it(tmp_path: Path) -> None:
    archive = DirectoryArchive(tmp_path, index=tmp_path / "home" / "index")
    put(archive, f"{KEY}_x1d.fits", f"home/files/laaa/{OTHER}/{OTHER}_x1d.fits")
    assert list(noticed(archive)) == [KEY]


def test_a_link_takes_over_what_was_found_in_its_place(archive: DirectoryArchive) -> None:
    put(archive, f"a/{KEY}_x1d.fits")
    (archive.folder / "link").symlink_to("a")
    noticed(archive)
    (archive.folder / "a").rename(archive.folder.parent / "store")
    (archive.folder / "link").unlink()
    (archive.folder / "link").symlink_to("../store")
    assert list(noticed(archive)) == [KEY]
    (product,) = archive.list_products([KEY])[KEY]
    assert product.location.endswith(f"link/{KEY}_x1d.fits")


def test_files_of_a_folder_that_closes_are_named_with_it(
    archive: DirectoryArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, f"flat/{KEY}_x1d.fits", f"open/{OTHER}_x1d.fits")
    noticed(archive)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("flat"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        (archive.folder / "flat").chmod(0o700)
        assert list(noticed(archive)) == [KEY, OTHER]
        (product,) = archive.list_products([KEY])[KEY]
        assert (product.filename, product.location) == ("", f"{archive.folder}/flat")
        assert "cannot be read" in str(product.fault)
    assert archive.list_products([KEY])[KEY][0].filename == f"{KEY}_x1d.fits"


def test_many_can_ask_at_the_same_time(archive: DirectoryArchive) -> None:
    names = [f"laaa{number:02d}aaq" for number in range(50)]
    put(archive, *(f"{name}/{name}_x1d.fits" for name in names))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: archive.find_rootnames("cos"), range(8)))
        listed = list(threads.map(lambda name: archive.list_products([name])[name], names))
    assert found == [names] * 8
    assert [len(products) for products in listed] == [1] * 50


def test_an_index_that_is_none_is_an_error_with_advice(archive: DirectoryArchive) -> None:
    put(archive, f"{KEY}_x1d.fits")
    assert archive.index is not None
    archive.index.write_bytes(b"no index at all " * 100)
    with pytest.raises(ArchiveError, match=r"Remove .*index: it is made anew"):
        noticed(archive)
    archive.index.unlink()
    assert list(noticed(archive)) == [KEY]
    with sqlite3.connect(archive.index) as connection:
        assert connection.execute("SELECT count(*) FROM folders").fetchone() == (1,)
    connection.close()
