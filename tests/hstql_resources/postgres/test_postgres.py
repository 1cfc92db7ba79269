"""The embedded server: starting, sharing, stopping, and what a killed one leaves behind."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg2
import pytest
from psycopg2.extras import wait_select
from sqlalchemy import make_url

from builders.places import PROJECT, make_home_folder
from builders.prepared import copy_home
from hstql_resources.postgres import server as module
from hstql_resources.postgres.address import render_address
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.settings import SettingsError

IS_ROOT = os.geteuid() == 0
IDENTITY = "SELECT system_identifier FROM pg_control_system()"


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server that was never started."""
    folder = make_home_folder()
    server = EmbeddedPostgres(folder / "home")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def begun_server(server: EmbeddedPostgres) -> EmbeddedPostgres:
    """A server that has its data, and does not run; to make them takes seconds."""
    copy_home("begun-server", _begin, server.home)
    return server


def _begin(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()


@pytest.fixture
def long_home(tmp_path: Path) -> Iterator[Path]:
    """A home whose path no socket can have, with characters that shells and libpq read."""
    home = tmp_path / f"a, 'b' $HOME {'x' * 100}"
    yield home
    server = EmbeddedPostgres(home)
    server.stop()
    assert not server.socket_folder.exists()


def ask(url: str, query: str = IDENTITY) -> str:
    dsn = render_address(make_url(url), hide_password=False)
    with closing(psycopg2.connect(dsn)) as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        return str(cursor.fetchone()[0])


def keep_a_row(url: str) -> None:
    with closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection, connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT 42 AS answer")


def url_in_own_process(home: Path) -> str:
    return ask(EmbeddedPostgres(home).url("hstql"))


def identity(server: EmbeddedPostgres) -> str:
    """Return what initdb gave to the data, which is how a server is known to serve them."""
    return str(int.from_bytes((server.data / "global/pg_control").read_bytes()[:8], sys.byteorder))


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))


def modes_above(folder: Path) -> dict[Path, tuple[int, int]]:
    return {p: (p.stat().st_mode, p.stat().st_uid) for p in folder.parents}


def test_asking_for_an_address_starts_the_server(server: EmbeddedPostgres) -> None:
    assert not server.is_running()
    assert ask(server.url("hstql")) == identity(server)
    assert server.is_running()


def test_stopping_twice_and_stopping_what_never_ran_is_no_error(server: EmbeddedPostgres) -> None:
    server.stop()
    assert not server.data.exists()
    server.start()
    for _ in range(2):
        server.stop()
        assert not server.is_running()


def test_databases_and_their_rows_outlive_the_server(begun_server: EmbeddedPostgres) -> None:
    keep_a_row(begun_server.url("mine"))
    begun_server.stop()
    assert ask(begun_server.url("mine"), "SELECT answer FROM kept") == "42"


def test_the_server_speaks_utc_and_listens_to_no_network(begun_server: EmbeddedPostgres) -> None:
    url = begun_server.url("hstql")
    assert ask(url, "SHOW timezone") == "UTC"
    assert ask(url, "SHOW listen_addresses") == ""
    assert ask(url, "SHOW shared_buffers") == "256MB"
    assert not [c for c in postmaster(begun_server).net_connections("inet") if c.status == "LISTEN"]


def test_only_the_owner_may_enter_the_data_and_no_other_folder_is_changed(
    server: EmbeddedPostgres,
) -> None:
    server.home.parent.chmod(0o700)
    server.home.mkdir()
    before = modes_above(server.data)
    server.url("hstql")

    assert modes_above(server.data) == before
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    socket = server.socket_folder / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700


@pytest.mark.skipif(not IS_ROOT, reason="only root changes account")
def test_for_root_the_server_runs_as_nobody_else_without_any_capability(
    begun_server: EmbeddedPostgres,
) -> None:
    begun_server.start()
    process = postmaster(begun_server)
    status = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
    )
    with pytest.raises(KeyError):
        pwd.getpwuid(process.uids().real)
    assert status["Groups"].strip() == ""
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}


@pytest.mark.skipif(not IS_ROOT, reason="only root changes account")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv to drop capabilities with")
def test_root_that_may_not_change_account_is_told_what_to_do(server: EmbeddedPostgres) -> None:
    code = f"from pathlib import Path; from hstql_resources.postgres.server import *;" \
        f"EmbeddedPostgres(Path({str(server.home)!r})).start()"  # fmt: skip
    python = ["setpriv", "--bounding-set=-all,+dac_override", sys.executable, "-c", code]
    done = subprocess.run(python, check=False, capture_output=True, text=True)
    assert "without the capabilities SETUID and SETGID" in done.stderr
    assert "set HSTQL_DATABASE_URL" in done.stderr


def test_a_path_that_no_socket_can_have_moves_the_socket(long_home: Path) -> None:
    server = EmbeddedPostgres(long_home)
    assert ask(server.url("hstql")) == identity(server)
    assert server.socket_folder.parent == Path("/tmp")
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700


def test_a_socket_folder_of_somebody_else_is_refused(long_home: Path, tmp_path: Path) -> None:
    server = EmbeddedPostgres(long_home)
    server.socket_folder.symlink_to(tmp_path)
    try:
        with pytest.raises(SettingsError, match="belongs to somebody else"):
            server.start()
    finally:
        server.socket_folder.unlink()


def test_several_processes_start_one_server(server: EmbeddedPostgres) -> None:
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        found = list(pool.map(url_in_own_process, [server.home] * 4))
    assert found == [identity(server)] * 4


def test_the_server_outlives_the_process_that_started_it_and_its_terminal(
    begun_server: EmbeddedPostgres,
) -> None:
    code = f"""
import signal
from pathlib import Path
from hstql_resources.postgres.server import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a caller in the background may have it ignored
EmbeddedPostgres(Path({str(begun_server.home)!r})).start()
signal.pause()
"""
    caller = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    while not begun_server.is_running():
        assert caller.poll() is None
        time.sleep(0.05)
    pid = postmaster(begun_server).pid
    begun_server.url("hstql")
    os.killpg(caller.pid, signal.SIGINT)
    caller.wait()

    assert ask(begun_server.url("hstql")) == identity(begun_server)
    assert postmaster(begun_server).pid == pid


def test_a_server_that_was_killed_is_started_again(begun_server: EmbeddedPostgres) -> None:
    keep_a_row(begun_server.url("hstql"))
    postmaster(begun_server).kill()
    assert ask(begun_server.url("hstql"), "SELECT answer FROM kept") == "42"


def test_a_busy_query_of_a_killed_server_does_not_keep_the_next_one_away(
    begun_server: EmbeddedPostgres,
) -> None:
    connection = psycopg2.connect(begun_server.url("hstql").replace("+psycopg2", ""), async_=True)
    wait_select(connection)
    before_s = psutil.Process(connection.info.backend_pid).cpu_times().user
    loop = "DO $$ BEGIN LOOP END LOOP; END $$"  # it looks for nothing, not even its postmaster
    connection.cursor().execute(loop)
    pid, used_s = connection.info.backend_pid, 0.0
    while used_s < 0.1:  # until it is in the loop
        used_s = psutil.Process(pid).cpu_times().user - before_s
        time.sleep(0.01)
    postmaster(begun_server).kill()

    assert ask(begun_server.url("hstql")) == identity(begun_server)
    connection.close()


def test_a_process_id_that_belongs_to_somebody_else_is_no_server(
    begun_server: EmbeddedPostgres,
) -> None:
    begun_server.start()
    begun_server.stop()
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        file = begun_server.data / name
        file.write_text(f"{os.getpid()}\n{begun_server.data}\n{int(time.time())}\n5432\n\n\n")
    assert not begun_server.is_running()
    begun_server.stop()

    assert ask(begun_server.url("hstql")) == identity(begun_server)


def test_data_on_a_shared_disk_are_left_to_the_host_that_serves_them(
    begun_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = begun_server.data / "postmaster.pid"
    begun_server.start()
    kept = before.read_text()
    begun_server.stop()
    before.write_text(kept)  # as another host sees it, which knows nothing of that process
    begun_server.data.with_name("postgres.host").write_text("node-17")
    disks = [SimpleNamespace(mountpoint=str(begun_server.home), fstype="nfs4")]
    with monkeypatch.context() as patch:
        patch.setattr(psutil, "disk_partitions", lambda **_: disks)
        with pytest.raises(SettingsError, match=r"runs on node-17, .* set HSTQL_DATABASE_URL"):
            begun_server.start()
        assert before.read_text() == kept
    assert ask(begun_server.url("hstql")) == identity(begun_server)  # its own disk: a new name


def test_an_initdb_that_was_killed_half_way_is_begun_anew(server: EmbeddedPostgres) -> None:
    partial = server.home / "postgres.partial"
    (partial / "base").mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")

    assert ask(server.url("hstql")) == identity(server)
    assert not partial.exists()


@pytest.mark.full
def test_too_little_memory_gives_a_server_with_smaller_buffers(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.OPTIONS, "shared_buffers", "8000GB")
    assert ask(server.url("hstql"), "SHOW shared_buffers") == "32MB"


def test_a_server_that_cannot_start_says_why(
    begun_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.OPTIONS, "max_connections", "many")
    with pytest.raises(SettingsError, match=r"does not start: .*max_connections.*postgres\.log"):
        begun_server.start()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("PG_VERSION", "16\n", "written by Postgres 16"),
        ("thesis.tex", "", "holds something that is not a database"),
    ],
)
def test_a_folder_with_something_else_in_it_is_left_alone(
    server: EmbeddedPostgres, name: str, text: str, reason: str
) -> None:
    server.data.mkdir(parents=True)
    (server.data / name).write_text(text)
    with pytest.raises(SettingsError, match=reason):
        server.start()
    assert [path.name for path in server.data.iterdir()] == [name]


def test_a_home_that_is_a_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SettingsError, match=r"cannot be kept in HSTQL_HOME \(.*home\)"):
        EmbeddedPostgres(tmp_path / "home").start()


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
@pytest.mark.parametrize("uid", [pwd.getpwnam("nobody").pw_uid, 54_321])
def test_an_ordinary_user_with_or_without_a_name_has_a_server(uid: int) -> None:
    python = _python_for(uid)
    folder = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    os.chown(folder, uid, uid)
    code = (
        "from pathlib import Path; from hstql_resources.postgres.server import EmbeddedPostgres;"
        "from hstql_resources.postgres.server_process import find_postmaster;"
        "server = EmbeddedPostgres(Path('home')); print(server.url('hstql'));"
        "print(find_postmaster(server.data).uids().real); server.stop(); print(server.is_running())"
    )
    try:
        done = _run_as(uid, [*python, "-c", code], folder)
    finally:
        shutil.rmtree(folder)
    if "no entry in the passwd file" in done.stderr:
        pytest.skip("user namespaces are not allowed here")
    assert done.stdout.split()[1:] == [str(uid), "False"], done.stderr


def _python_for(uid: int) -> list[str]:
    """Return a Python that another user may run; that of the tests may lie in root's home."""
    packages = Path(psutil.__file__).parents[1]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for program in (sys.executable, f"/usr/bin/python{version}"):
        command = ["env", f"PYTHONPATH={PROJECT}:{packages}", program]
        try_out = [*command, "-c", "import hstql_resources.postgres.server"]
        if Path(program).exists() and _run_as(uid, try_out, Path("/")).returncode == 0:
            return command
    pytest.skip("no Python here that another user may run")


def _run_as(uid: int, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        user=uid,
        group=uid,
        extra_groups=(),
    )
