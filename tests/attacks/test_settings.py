"""Values of settings that make no sense: each is one sentence that names the setting, exit 2."""

import os
from pathlib import Path

import pytest

from hstql_resources import dask_workers
from hstql_resources.archive import open_archive
from hstql_resources.clients import open_workers
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.address import dagster_database_url, database_url, external_url
from hstql_resources.settings import (
    Settings,
    SettingsError,
    load_settings,
    name_unknown_settings,
)

LONG = "x" * 300
ODD_TEXTS = (" ", "\t", "a\nb", "a\x1b[31m", "\udce9")
ODD_NUMBERS = ("²", "1e9", "NaN", "inf", "-1", "1.5", "0x10", "9" * 5000, "many", "1;2")
ODD_PATHS = ("~nosuchuser/x", f"/tmp/{LONG}", "/dev/null/x", "/proc/1/x")
ODD_FLAGS = ("maybe", "2", "[]", "yes please")
ODD_ADDRESSES = (
    "file:///etc/passwd", "http://[::1", "http://h:99999", "http://h:0", "http://h:port", "http://",
    "https://user:secret@host", "ftp://host", "host", "javascript:1", "http://a b", "http://h?q=1",
    "http://h#f", "//host", "http://hö.example", "gopher://h",
)  # fmt: skip
ODD_DATABASES = (
    "mysql://u@h/x", "sqlite:///x", "http://h/x", "x", "postgresql://[::1/x", "postgresql://h:port/x",
    "postgresql://u:secret@127.0.0.1:9/x", "postgresql://u:secret@127.0.0.1:99999/x",
    "postgresql://u:secret@nowhere.invalid/x", "postgresql://u:secret@h/x?sslmode=odd",
    "postgresql://u:secret@127.0.0.1:9/x?no_such_option=1", "oracle+nothing://x", f"postgresql://{LONG}",
)  # fmt: skip

ODD = {
    "HSTQL_HOME": (*ODD_PATHS, *ODD_TEXTS),
    "HSTQL_ARCHIVE": (*ODD_PATHS, *ODD_TEXTS, "https://h", "MAST ", "/dev/null", "nowhere"),
    "HSTQL_ARCHIVE_COPY": ODD_FLAGS,
    "HSTQL_SENSORS": ODD_FLAGS,
    "HSTQL_DATABASE_URL": (*ODD_DATABASES, *ODD_TEXTS),
    "HSTQL_READER_URL": (*ODD_TEXTS, "mysql://u@h/x", "sqlite:///x", "http://h/x", "x"),
    "HSTQL_SITE_URL": (*ODD_TEXTS, "mysql://u@h/x", "sqlite:///x", "http://h/x", "x"),
    "HSTQL_SIGN_IN": ("password", "header,oidc", *ODD_TEXTS),
    "HSTQL_SIGN_IN_HEADER": ("X User", "X:User", "1X", "Ü", LONG, *ODD_TEXTS),
    "HSTQL_PROXIES": ("proxy.example.org", "127.0.0.1;10.0.0.1", "10.0.0.0/8", *ODD_TEXTS),
    "HSTQL_ADMINS": (f"x,{LONG}", *ODD_TEXTS),
    "HSTQL_UNDATED": ("open", "closed,public", *ODD_TEXTS),
    "HSTQL_SITE_ADDRESS": (*ODD_ADDRESSES, *ODD_TEXTS),
    "HSTQL_OIDC_ISSUER": (*ODD_ADDRESSES, *ODD_TEXTS),
    "HSTQL_OIDC_CLIENT": ODD_TEXTS,
    "HSTQL_OIDC_PASSWORD": ODD_TEXTS,
    "HSTQL_WORKERS": (
        *ODD_NUMBERS, *ODD_TEXTS, "0", "1000000000", "tcp://", "tcp://h", "file:///x", "http://h:1",
        "tcp://user:secret@h:1", "tcp://[::1", "tcp://127.0.0.1:9",
    ),
    "HSTQL_BROKER": (
        *ODD_TEXTS, "host:6379", "redis://", "redis://[::1", "redis://h:port", "redis://h:99999",
        "amqp://user:secret@h", "rediss://:secret@", "redis://a b",
    ),
    "HSTQL_FILE_MODE": (*ODD_NUMBERS, *ODD_TEXTS, "0", "0660", "77777", "-100", "rwx", "7_70"),
    "HSTQL_GROUP": ("999999999999", "no-such-group", "²", LONG, "-1", *ODD_TEXTS),
    "HSTQL_SIMULATED_OBSERVATIONS": (*ODD_NUMBERS, *ODD_TEXTS, "0", "1000000"),
    "HSTQL_SIMULATED_RAW": (*ODD_NUMBERS, *ODD_TEXTS, "1001"),
    "HSTQL_SIMULATED_EPOCHS": (*ODD_NUMBERS, *ODD_TEXTS, "1001"),
    "HSTQL_CONNECTIONS": (*ODD_NUMBERS, *ODD_TEXTS, "0", "33"),
    "HSTQL_POLL_INTERVAL_S": (*ODD_NUMBERS, *ODD_TEXTS, "9", "1" * 18),
    "HSTQL_PRUNE_AFTER_DAYS": (*ODD_TEXTS, "-1", "nan", "inf", "36501"),
    "HSTQL_KEEP": ("nothing", "all,products", *ODD_TEXTS),
    "HSTQL_KEEP_GB": (*ODD_TEXTS, "0", "-1", "nan", "inf", "1e10"),
    "HSTQL_MAST_FILES": ("S3", "mast,bucket", *ODD_TEXTS),
    "HSTQL_MAST_URL": (*ODD_ADDRESSES, *ODD_TEXTS),
    "HSTQL_BUCKET_URL": (*ODD_ADDRESSES, *ODD_TEXTS),
    "HSTQL_MONITORS": ("../x", "os;x", "a b", "x..y", "1x", *ODD_TEXTS),
    "HSTQL_SOLAR_FLUX": (*ODD_PATHS, *ODD_TEXTS, "nowhere"),
    "HSTQL_NOTIFY_MAIL": ("ann", "ann@b.org, <bob>", '"a,b"@c.org', *ODD_TEXTS),
    "HSTQL_NOTIFY_FROM": ("ann", "a b@c.org", *ODD_TEXTS),
    "HSTQL_NOTIFY_SMTP": (*ODD_TEXTS, "host", "http://u:secret@h", "smtp://:secret@h:0"),
    "HSTQL_NOTIFY_WEBHOOK": (*ODD_TEXTS, "host", "ftp://h", "file:///etc/passwd", "http://[::1"),
    "HSTQL_SMS": (*ODD_PATHS, *ODD_TEXTS, "nowhere"),
    "oref": (*ODD_PATHS, *ODD_TEXTS, "nowhere", "/dev/null"),
    "lref": (*ODD_PATHS, "nowhere"),
    "jref": (*ODD_PATHS, "nowhere"),
    "iref": (*ODD_PATHS, "nowhere"),
    "MAST_API_TOKEN": ("two words", "töken", "🔭", *ODD_TEXTS),
    **{f"HSTQL_{name.upper()}": (*ODD_NUMBERS, *ODD_TEXTS, "0")
       for name in Settings.model_fields if name.startswith("max_")},
    "DAGSTER_HOME": (f"/{LONG}", "/dev/null", "~nosuchuser/x", "nowhere"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder without any setting, which is the working directory too."""
    for name in os.environ:
        if name.startswith("HSTQL_") or name in ODD:
            monkeypatch.delenv(name)
    (tmp_path / "dagster.yaml").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("HSTQL_DATABASE_URL", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def use_all(settings: Settings) -> None:
    """Do with settings what every command begins with."""
    open_archive(settings)
    open_workers(settings.workers)
    Filesystem.from_settings(settings)
    if settings.database_url is not None:
        database_url(settings)
        dagster_database_url(settings)
    if settings.reader_url is not None:
        external_url(settings.reader_url.get_secret_value(), "HSTQL_READER_URL")
    if settings.site_url is not None:
        external_url(settings.site_url.get_secret_value(), "HSTQL_SITE_URL")


def test_the_table_of_odd_values_has_every_setting() -> None:
    own = {"mast_api_token", "oref", "lref", "jref", "iref"}
    names = {name if name in own else f"HSTQL_{name}" for name in Settings.model_fields}
    assert {name.upper() for name in names} | {"DAGSTER_HOME"} == {name.upper() for name in ODD}


@pytest.mark.parametrize("name", ODD)
def test_a_value_that_makes_no_sense_is_refused_in_one_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "CONNECT_S", 0.5)
    for value in ODD[name]:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            use_all(load_settings())
        message = str(caught.value)
        assert name in message, value
        assert message.endswith("."), message
        assert message.isprintable(), message
        assert len(message) < 1000, message
        assert "secret" not in message


@pytest.mark.parametrize(
    "content", [b"HSTQL_GROUP=\xff\xfe", b"HSTQL_WORKERS=\xc2\xb2", b"HSTQL_HOME=a\x00b"]
)
def test_the_same_holds_for_the_file(content: bytes, project: Path) -> None:
    (project / ".env").write_bytes(content)
    with pytest.raises(SettingsError, match=r"\.env|HSTQL_") as caught:
        use_all(load_settings())
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("folder", ["dark matter", "übung", "a,b", "$HOME", "a'b", "x" * 200])
def test_an_unusual_folder_is_none_that_makes_no_sense(
    folder: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HSTQL_HOME", folder)
    use_all(load_settings())
    assert (project / folder).is_dir()


def test_a_home_that_is_a_file_or_cannot_be_written_to_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "file").touch()
    (project / "loop").symlink_to("loop")
    for home in ("file", "file/below", "loop", "loop/x", "/proc/hstql", "/dev/null"):
        monkeypatch.setenv("HSTQL_HOME", home)
        with pytest.raises(SettingsError, match="HSTQL_HOME"):
            use_all(load_settings())


def test_a_name_that_is_none_is_told_with_what_may_be_meant(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert name_unknown_settings() == []
    monkeypatch.setenv("HSTQL_WROKERS", "4")
    (project / ".env").write_text("HSTQL_QQQ=1\nUNRELATED=1\n")
    assert name_unknown_settings() == [
        "There is no setting HSTQL_QQQ: .env.example lists what there is.",
        "There is no setting HSTQL_WROKERS: did you mean HSTQL_WORKERS?",
    ]
