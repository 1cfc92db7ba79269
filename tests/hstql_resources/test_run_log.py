"""The log of a run: what is in it, what never is, and its line in the table `runs`."""

import contextlib
import logging
import sys
from pathlib import Path

import pytest

from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.run_log import RunLog, open_run_log
from hstql_resources.secret_texts import remove_secrets
from hstql_resources.settings import Settings
from hstql_resources.tables import Run

TOKEN, PASSWORD = "1234abcd5678", "pass/word:9"
URL = f"postgresql://user:{PASSWORD}@host:5432/hstql"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(sys, "argv", ["hstql", "query", f"--token={TOKEN}", URL])
    return Settings(_env_file=None, home=tmp_path / "home", mast_api_token=TOKEN, database_url=URL)


@pytest.fixture
def filesystem(settings: Settings) -> Filesystem:
    return Filesystem(settings.home, folder_mode=0o750)


def read_run(database: Database, run: RunLog) -> object:
    (row,) = database.read(Run.__table__.select().where(Run.id == run.run_id))
    return row


def test_a_log_tells_command_versions_settings_and_what_happened(
    settings: Settings, filesystem: Filesystem, database: Database
) -> None:
    with open_run_log(settings, filesystem, database, "query") as run:
        logging.getLogger("hstql_assets.somewhere").info("It went %s", "well")
        logging.getLogger("another.package").warning("Not ours")
    text = run.path.read_text()
    for expected in (
        "Command: hstql query", "Versions: hstql ", "sqlalchemy 2.", "Setting home: ",
        "Setting file_mode: 0o770", "INFO hstql_assets.somewhere: It went well",
        "Ended with exit status 0",
    ):  # fmt: skip
        assert expected in text
    assert "Not ours" not in text
    assert run.path.parent == filesystem.logs
    assert run.path.stem.startswith("query_20")


def test_neither_token_nor_password_is_in_the_log_or_the_table(
    settings: Settings, filesystem: Filesystem, database: Database
) -> None:
    with (
        contextlib.suppress(RuntimeError),
        open_run_log(settings, filesystem, database, "query") as run,
    ):
        logging.getLogger("hstql_resources.x").error("%s and %s", URL, {"password": TOKEN})
        raise RuntimeError(f"no answer from {URL}?password={PASSWORD} with {TOKEN}")
    text = run.path.read_text() + read_run(database, run).command
    assert "Stopped by RuntimeError" in text
    assert "user:***@host:5432" in text
    for secret in (TOKEN, PASSWORD, "word:9"):
        assert secret not in text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql+psycopg2://me:se/cr:et@host/db", "postgresql+psycopg2://me:***@host/db"),
        ("postgresql://host/db?user=me&password=secret&x=1",
         "postgresql://host/db?user=me&password=***&x=1"),
        ("host=/tmp password=secret dbname=x", "host=/tmp password=*** dbname=x"),
        (f"Authorization: token {TOKEN}", "Authorization: token ***"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("at 12:30 tcp://scheduler:8786 answered", "at 12:30 tcp://scheduler:8786 answered"),
    ],
)  # fmt: skip
def test_secrets_become_asterisks_and_nothing_else_does(
    text: str, cleaned: str, settings: Settings
) -> None:
    assert remove_secrets(text, settings) == cleaned


def test_start_end_and_exit_status_are_recorded(
    settings: Settings, filesystem: Filesystem, database: Database
) -> None:
    with open_run_log(settings, filesystem, database, "materialize") as run:
        assert read_run(database, run).ended_at is None
        run.exit_status = 1
    row = read_run(database, run)
    assert row.exit_status == 1
    assert row.ended_at > row.started_at
    assert row.log == str(run.path)
    assert "Ended with exit status 1" in run.path.read_text()


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("x"), 1), (KeyboardInterrupt(), 1), (SystemExit(2), 2), (SystemExit(0), 0)],
)
def test_an_exception_passes_and_leaves_its_exit_status(
    error: BaseException,
    status: int,
    settings: Settings,
    filesystem: Filesystem,
    database: Database,
) -> None:
    with (
        pytest.raises(type(error)),
        open_run_log(settings, filesystem, database, "reset") as run,
    ):
        raise error
    assert read_run(database, run).exit_status == status


def test_two_runs_at_once_have_two_logs(
    settings: Settings, filesystem: Filesystem, database: Database
) -> None:
    with (
        open_run_log(settings, filesystem, database, "discover") as first,
        open_run_log(settings, filesystem, database, "discover") as second,
    ):
        pass
    assert first.path != second.path
    assert first.path.exists()
    assert second.path.exists()
    assert len(database.read(Run.__table__.select())) == 2


def test_logging_is_afterwards_as_it_was(
    settings: Settings, filesystem: Filesystem, database: Database
) -> None:
    package = logging.getLogger("hstql_assets")
    before = package.level, list(package.handlers)
    with open_run_log(settings, filesystem, database, "status"):
        pass
    assert (package.level, list(package.handlers)) == before


def test_folder_and_file_have_the_mode_of_the_settings(
    settings: Settings, filesystem: Filesystem, database: Database
) -> None:
    with open_run_log(settings, filesystem, database, "status") as run:
        assert run.path.stat().st_mode & 0o777 == 0o640
        assert filesystem.logs.stat().st_mode & 0o777 == 0o750


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_log_on_a_full_disk_says_so_once_and_the_work_goes_on(
    settings: Settings,
    filesystem: Filesystem,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_run_log(settings, filesystem, database, "materialize") as run:
        (handler,) = [
            one for one in logging.getLogger("hstql_resources").handlers
            if getattr(one, "baseFilename", None) == str(run.path)
        ]  # fmt: skip
        assert isinstance(handler, logging.FileHandler)
        handler.stream.close()
        handler.stream = Path("/dev/full").open("w")  # noqa: SIM115
        for number in range(3):
            logging.getLogger("hstql_resources").warning("line %d", number)
        run.exit_status = 1
    said = [line for line in capsys.readouterr().err.splitlines() if str(run.path) in line]
    assert said == [f"The log {run.path} cannot be written: No space left on device."]
    assert read_run(database, run).exit_status == 1
