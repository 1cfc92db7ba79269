"""Files have their final name only when whole, with the mode and group of the settings."""

import contextlib
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from hstql_resources.filesystem import Filesystem
from hstql_resources.processes import is_alive, process_name


@pytest.fixture
def filesystem(tmp_path: Path) -> Filesystem:
    return Filesystem(tmp_path / "home")


def list_files(filesystem: Filesystem) -> list[Path]:
    return sorted(path for path in filesystem.home.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_paths_are_those_that_others_rely_on(filesystem: Filesystem) -> None:
    home = filesystem.home
    assert filesystem.observation_folder("ld9m10ujq") == home / "files/ld9m/ld9m10ujq"
    assert filesystem.lightcurve("gj-436", "ld9m10ujq") == (
        home / "products/lightcurves/gj-436/ld9m10ujq_curve.fits"
    )
    assert filesystem.lightcurve_plots("gj-436", "ld9m10ujq").picture == (
        home / "plots/lightcurves/gj-436/ld9m10ujq_curve.png"
    )
    assert filesystem.logs == home / "logs"


def test_a_file_takes_its_name_when_it_is_whole(filesystem: Filesystem) -> None:
    path = filesystem.home / "a" / "b.txt"
    with filesystem.write(path) as temporary:
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert list_files(filesystem) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_else(filesystem: Filesystem) -> None:
    path = filesystem.home / "b.txt"
    with filesystem.write(path) as temporary:
        temporary.write_text("old")
    with contextlib.suppress(ZeroDivisionError), filesystem.write(path) as temporary:
        temporary.write_text("half of the new")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list_files(filesystem) == [path]


@pytest.mark.parametrize("folder_mode", [0o770, 0o755, 0o700, 0o777, 0o2775])
def test_folders_get_the_mode_and_files_the_same_without_x(
    tmp_path: Path, folder_mode: int
) -> None:
    filesystem = Filesystem(tmp_path / "home", folder_mode)
    path = filesystem.home / "a" / "b" / "c.sh"
    umask = os.umask(0o077)
    try:
        with filesystem.write(path) as temporary:
            temporary.write_text("text")
            temporary.chmod(0o777)
    finally:
        os.umask(umask)
    assert mode(path) == folder_mode & 0o666
    assert {mode(folder) for folder in filesystem.home.rglob("*") if folder.is_dir()} == {
        folder_mode
    }
    assert mode(filesystem.home) == folder_mode


def test_folders_that_were_there_keep_their_mode(tmp_path: Path) -> None:
    before = mode(tmp_path)
    (tmp_path / "home").mkdir(mode=0o711)
    Filesystem(tmp_path / "home").make_folder(tmp_path / "home" / "new")
    assert mode(tmp_path) == before
    assert mode(tmp_path / "home") == 0o711
    assert mode(tmp_path / "home" / "new") == 0o770


def test_what_is_written_gets_the_group(tmp_path: Path) -> None:
    groups = [12345] if os.geteuid() == 0 else [g for g in os.getgroups() if g != os.getegid()]
    if not groups:
        pytest.skip("this user has one group only")
    filesystem = Filesystem(tmp_path / "home", group_id=groups[0])
    path = filesystem.home / "a" / "b.txt"
    with filesystem.write(path) as temporary:
        temporary.write_text("text")
    for written in (path, path.parent, filesystem.home):
        assert written.stat().st_gid == groups[0]


def test_removing_a_file_removes_the_folders_that_it_leaves_empty(filesystem: Filesystem) -> None:
    first, second = (filesystem.lightcurve(target, "ld9m10ujq") for target in ("a", "b"))
    for path in (first, second):
        filesystem.make_folder(path.parent)
        path.touch()
    filesystem.remove(first)
    filesystem.remove(first)
    assert not first.parent.exists()
    assert second.exists()
    filesystem.remove(second)
    assert filesystem.home.exists()
    assert list(filesystem.home.iterdir()) == []


@pytest.mark.parametrize("name", ["archive/a.fits", "homes/a.fits"])
def test_what_is_not_under_home_is_never_removed(
    filesystem: Filesystem, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir()
    path.touch()
    filesystem.remove(path)
    assert path.exists()


def test_scratch_of_a_dead_process_is_swept_and_that_of_a_live_one_stays(
    filesystem: Filesystem,
) -> None:
    folder = filesystem.home / "scratch"
    dead = subprocess.run(
        [sys.executable, "-c",
         "from hstql_resources.processes import process_name; print(process_name())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    reused = f"{os.getpid()}.1@{socket.gethostname()}"  # this pid, but begun in 1970
    elsewhere = "1.1@another-host"
    for name in (dead, reused, elsewhere, process_name()):
        (folder / name / "work").mkdir(parents=True)
        (folder / name / "work" / "half.fits").touch()
    filesystem.sweep_scratch()
    assert {path.name for path in folder.iterdir()} == {elsewhere, process_name()}


def test_a_killed_writer_leaves_nothing_after_the_sweep(filesystem: Filesystem) -> None:
    code = f"""
import os
from pathlib import Path
from hstql_resources.filesystem import Filesystem
home = Path({str(filesystem.home)!r})
with Filesystem(home).write(home / "a.fits") as path:
    path.write_text("half")
    os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert [path.name for path in list_files(filesystem)] == ["a.fits"]  # in scratch
    assert not (filesystem.home / "a.fits").exists()
    filesystem.sweep_scratch()
    assert list_files(filesystem) == []


def test_a_process_leaves_no_folder_when_it_ends(filesystem: Filesystem) -> None:
    path = filesystem.home / "a" / "b.txt"
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as workers:
        workers.submit(write_twice, filesystem, path).result()
    assert path.read_text() == "new"
    assert [path.name for path in (filesystem.home / "scratch").iterdir()] == []


def write_twice(filesystem: Filesystem, path: Path) -> None:
    """Write a file in a process of its own; one folder is enough for both times."""
    folders = set()
    for text in ("old", "new"):
        with filesystem.write(path) as temporary:
            temporary.write_text(text)
            folders.add(temporary.parent)
    (folder,) = folders
    assert folder.is_dir()
    assert not any(folder.iterdir())


def test_two_threads_write_files_of_one_name_at_once(filesystem: Filesystem) -> None:
    both = threading.Barrier(2, timeout=300)

    def write(name: str) -> None:
        with filesystem.write(filesystem.home / name / "a.txt") as temporary:
            temporary.write_text(name)
            both.wait()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, ("first", "second")))
    assert [path.read_text() for path in list_files(filesystem)] == ["first", "second"]


def test_a_process_name_tells_whether_its_process_lives() -> None:
    name = process_name()
    assert is_alive(name) is True
    assert is_alive(name.replace(".", ".9", 1)) is False
    assert is_alive("nonsense@" + socket.gethostname()) is False
    assert is_alive("1.1@another-host") is None
