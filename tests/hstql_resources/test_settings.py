"""Settings are read from the environment and `.env`, and wrong ones refused in one sentence."""

import sys
from pathlib import Path

import pytest
import yaml

from builders.places import PROJECT
from hstql_resources import settings as settings_module
from hstql_resources.archive import open_archive
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.clients import open_workers
from hstql_resources.filesystem import Filesystem
from hstql_resources.instance import write_instance
from hstql_resources.settings import SettingsError, dagster_home, load_settings
from hstql_resources.workers import LocalWorkers

VARIABLES = (
    "HSTQL_HOME", "HSTQL_ARCHIVE", "HSTQL_ARCHIVE_COPY", "HSTQL_DATABASE_URL", "HSTQL_WORKERS",
    "HSTQL_FILE_MODE", "HSTQL_GROUP", "HSTQL_SIMULATED_OBSERVATIONS", "MAST_API_TOKEN",
    "HSTQL_BROKER", "oref", "lref",
)  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder without any setting, which is the working directory too."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    project = tmp_path / "project"
    project.mkdir()
    (project / "dagster.yaml").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(project))
    monkeypatch.chdir(project)
    return project


def test_without_any_setting_everything_has_a_default(project: Path) -> None:
    settings = load_settings()
    assert settings.home == project / ".hstql"
    assert settings.archive == "simulated"
    assert settings.archive_directory is None
    assert settings.file_mode == 0o770
    assert settings.database_url is None
    assert int(settings.workers) > 0


def test_an_empty_variable_is_no_setting(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_settings()
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert load_settings() == before


def test_the_environment_wins_over_the_file_and_an_argument_over_both(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".env").write_text(
        "HSTQL_WORKERS=3\nHSTQL_GROUP=\nHSTQL_SIMULATED_OBSERVATIONS=7\nMAST_API_TOKEN=secret\n"
        "UNRELATED=1\n"
    )
    monkeypatch.setenv("HSTQL_WORKERS", "5")
    settings = load_settings()
    assert settings.workers == "5"
    assert settings.group is None
    assert settings.simulated_observations == 7
    assert settings.mast_api_token is not None
    assert settings.mast_api_token.get_secret_value() == "secret"
    assert "secret" not in repr(settings)
    assert load_settings(workers="9").workers == "9"


def test_relative_folders_are_relative_to_the_working_directory_and_stay_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "mirror").mkdir()
    monkeypatch.setenv("HSTQL_HOME", "data/../here")
    monkeypatch.setenv("HSTQL_ARCHIVE", "mirror")
    settings = load_settings()
    monkeypatch.chdir("/")
    assert settings.home == project / "here"
    assert settings.archive_directory == project / "mirror"
    assert settings.archive == str(project / "mirror")


def test_a_tilde_is_the_user_s_own_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HSTQL_ARCHIVE", "~/project")
    settings = load_settings(home="~/data")
    assert (settings.home, settings.archive_directory) == (tmp_path / "data", project)


@pytest.mark.parametrize(
    ("text", "mode"),
    [("0770", 0o770), ("750", 0o750), ("0o700", 0o700), ("2770", 0o2770), ("0777", 0o777)],
)
def test_the_mode_is_octal(text: str, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSTQL_FILE_MODE", text)
    assert load_settings().file_mode == mode


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HSTQL_FILE_MODE", "rwxrwx---", "HSTQL_FILE_MODE cannot be used: 'rwxrwx---' is not an "
         "octal mode that begins with 7, such as 0770."),
        ("HSTQL_FILE_MODE", "0890", "'0890' is not an octal mode"),
        ("HSTQL_FILE_MODE", "0660", "'0660' is not an octal mode that begins with 7"),
        ("HSTQL_FILE_MODE", "77777", "'77777' is not an octal mode"),
        ("HSTQL_ARCHIVE", "nowhere", "neither 'simulated' nor 'mast' nor a folder that exists: "),
        ("HSTQL_ARCHIVE", "dagster.yaml", "nor a folder that exists: "),
        ("HSTQL_ARCHIVE_COPY", "perhaps", "HSTQL_ARCHIVE_COPY cannot be used: "),
        ("HSTQL_SIMULATED_OBSERVATIONS", "0", "HSTQL_SIMULATED_OBSERVATIONS cannot be used: "),
        ("HSTQL_SIMULATED_OBSERVATIONS", "many", "HSTQL_SIMULATED_OBSERVATIONS cannot be used: "),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_in_one_sentence(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert sentence in message
    assert message.startswith(name)
    assert message.endswith(".")
    assert "\n" not in message


@pytest.fixture
def installed(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without `dagster.yaml`, for hstql that was installed from a wheel."""
    (project / "dagster.yaml").unlink()
    monkeypatch.setattr(settings_module, "PROJECT", project / "site-packages")
    monkeypatch.delenv("DAGSTER_HOME")
    return project


def test_without_dagster_yaml_the_home_is_here_and_gets_one(installed: Path) -> None:
    settings = load_settings()
    home = installed / ".hstql"
    assert (dagster_home(), settings.home) == (home, home)
    write_instance(home, Filesystem.from_settings(settings).write)
    assert (home / "dagster.yaml").read_text().startswith("# Written by hstql")
    assert yaml.safe_load((home / "dagster.yaml").read_text()) == yaml.safe_load(
        (PROJECT / "dagster.yaml").read_text()
    )
    assert (home / "workspace.yaml").is_file()
    assert (home / "dagster.yaml").stat().st_mode & 0o777 == 0o660


def test_what_was_written_is_found_from_anywhere(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "data"
    (installed / ".env").write_text(f"HSTQL_HOME={home}\nHSTQL_CONNECTIONS=3\n")
    settings = load_settings()
    assert (dagster_home(), settings.home, settings.connections) == (home, home, 3)
    write_instance(home, Filesystem.from_settings(settings).write)
    (home / ".env").write_text("HSTQL_CONNECTIONS=4")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    assert (load_settings().home, load_settings().connections) == (home, 4)


def test_a_dagster_home_without_dagster_yaml_gives_way(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    assert dagster_home() == installed / ".hstql"
    (installed / "dagster.yaml").touch()
    assert dagster_home() == installed
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match=r"DAGSTER_HOME cannot be used: .*nowhere is no folder"):
        dagster_home()


def test_the_archive_is_the_one_of_the_settings(project: Path) -> None:
    settings = load_settings(simulated_observations=5, simulated_raw=2, simulated_epochs=3)
    assert open_archive(settings) == SimulatedArchive(5, raw_exposures=2, epochs=3)
    index = settings.home / "archive_index.sqlite"
    for is_copied in (False, True):
        archive = open_archive(load_settings(archive=".", archive_copy=is_copied))
        assert archive == DirectoryArchive(project, in_place=not is_copied, index=index)
    mast = open_archive(load_settings(archive="mast", mast_url="https://mast.example/"))
    assert (mast.name, mast.is_remote, mast.in_place) == ("mast", True, False)
    assert "https://mast.example'" in repr(mast)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(SettingsError, match="HSTQL_GROUP names 'no-such-group', a group that"):
        Filesystem.from_settings(load_settings(group="no-such-group"))


def test_a_home_that_is_a_file_is_refused(project: Path) -> None:
    with pytest.raises(SettingsError, match=r"HSTQL_HOME .*dagster.yaml cannot be written to"):
        Filesystem.from_settings(load_settings(home=project / "dagster.yaml"))


@pytest.mark.parametrize("value", ["0", "-2", "two", "1.5"])
def test_a_wrong_number_of_workers_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="give a number of processes, or the address of a"):
        open_workers(value)


def test_a_dask_address_without_dask_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "hstql_resources.dask_workers", raising=False)
    with pytest.raises(SettingsError, match=r"Dask is not installed: pip install"):
        open_workers("tcp://127.0.0.1:8786")


def test_a_number_of_workers_opens_as_many_processes_when_needed() -> None:
    workers = open_workers("2")
    assert isinstance(workers, LocalWorkers)
    assert workers.count == 2
    workers.shutdown()


def test_folders_of_references_go_by_the_names_of_the_field(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().oref is None
    (project / "stis").mkdir()
    monkeypatch.setenv("oref", "stis/")
    assert load_settings().oref == project / "stis"
    (project / ".env").write_text(f"lref={project / 'nowhere'}\n")
    with pytest.raises(SettingsError, match=r"lref cannot be used: .*nowhere is not a folder"):
        load_settings()


@pytest.mark.parametrize("value", ["host:6379", "amqp://:secret@host//", "redis://", "redis://h:x"])
def test_what_is_no_broker_is_refused_without_its_password(value: str) -> None:
    with pytest.raises(SettingsError, match="HSTQL_BROKER cannot be used: it is not an add") as no:
        load_settings(broker=value)
    assert "secret" not in str(no.value)
    assert load_settings(broker="redis://:secret@host:6379/0").broker is not None
