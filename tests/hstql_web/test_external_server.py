"""The site on a Postgres that is not hstql's own: by a login that HSTQL_SITE_URL names."""

from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.site_rows import HIDDEN, OPEN, fill
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server_access import OWNER, SITE, SUPERUSER
from hstql_resources.postgres.site_login import site_url
from hstql_resources.settings import Settings, SettingsError
from hstql_resources.site.opening import open_site
from hstql_web.app import make_app


def address(database: Database, user: str) -> str:
    return database.engine.url.set(username=user).render_as_string(hide_password=False)


def settings_for(database: Database, home: Path, site: str | None, **more: object) -> Settings:
    url = address(database, OWNER)
    return Settings(_env_file=None, home=home, database_url=url, site_url=site, **more)


def test_a_login_that_is_named_serves_what_each_may_see_and_writes_what_they_say(
    database: Database, tmp_path: Path
) -> None:
    fill(database, tmp_path)
    settings = settings_for(
        database, tmp_path, address(database, SITE), sign_in="header", admins=("eve",)
    )
    with open_site(settings) as opened:
        app = make_app(opened)

        def client(person: str) -> TestClient:
            return TestClient(
                app, "http://127.0.0.1", client=("127.0.0.1", 1),
                headers={"X-Forwarded-User": person},
            )  # fmt: skip

        for path in ("/", "/exposures", "/exposure/jpub01a1q", "/query", "/trends", "/anomalies",
                     "/headers/jpub01a1q_flt.fits", "/api/v1/proposals"):  # fmt: skip
            assert client("rea").get(path).status_code == 200, path
        assert set(client("rea").get("/export/exposures.ids").text.split()) == {*OPEN}
        assert set(client("tim").get("/export/exposures.ids").text.split()) == {*OPEN, *HIDDEN}
        assert client("eve").get("/people").status_code == 200
        flagging = {"rootnames": ["jpub01a1q", "jsec01a1q"], "kind": "ghost"}
        assert client("flo").post("/api/v1/flags", json=flagging).json() == {"changed": 1}
        with opened.site.engine.connect() as connection:
            assert connection.scalar(text("SELECT session_user")) == SITE
    assert database.read(text("SELECT rootname, set_by FROM anomaly_flags")) == [
        ("jpub01a1q", "flo")
    ]


@pytest.mark.parametrize("user", [OWNER, SUPERUSER])
def test_a_login_that_the_rule_would_not_bind_is_refused(
    database: Database, tmp_path: Path, user: str
) -> None:
    settings = settings_for(database, tmp_path, address(database, user))
    with (
        pytest.raises(SettingsError, match="HSTQL_SITE_URL names a login that may do more"),
        open_site(settings),
    ):
        pass


def test_without_the_right_to_make_a_login_one_is_told_what_to_do(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=f"user {OWNER} may not make .*{SITE}.*HSTQL_SITE_URL"):
        site_url(settings_for(database, tmp_path, None))
