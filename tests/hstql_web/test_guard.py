"""What stands before all pages: headers, sizes, rates, the log, and what it starts with."""

import logging

import pytest
from starlette.testclient import TestClient

from builders.site_rows import Station
from hstql_resources.settings import Settings, SettingsError
from hstql_web.__main__ import check_host
from hstql_web.app import make_app
from hstql_web.guard import Rate


def test_every_answer_forbids_scripts_of_others_and_being_kept(station: Station) -> None:
    for path in ("/", "/exposure/jpub01a1q", "/none", "/api/v1/exposures", "/static/site.css"):
        headers = station.client("rea").get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "cache-control" in headers


def test_a_client_that_asks_too_much_has_to_wait_and_others_have_not(station: Station) -> None:
    app = make_app(station.open(), Rate(burst=50, per_s=0.001))
    for person, peer in (("rea", "10.0.0.1"), ("flo", "10.0.0.2")):
        headers = {"X-Forwarded-User": person, "X-Forwarded-For": peer}
        client = TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 1), headers=headers)
        answers = [client.get("/static/site.js").status_code for _ in range(60)]
        assert answers == [200] * 50 + [429] * 10


def test_what_is_too_large_is_not_read(station: Station) -> None:
    client = station.client("flo")
    content = {"text": "x" * (2 << 20)}
    assert client.post("/exposure/jpub01a1q/comments", data=content).status_code == 413
    parts = (b"x" * 100_000 for _ in range(30))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/exposure/jpub01a1q/comments", content=parts, headers=kind)
    assert answer.status_code >= 400


def test_the_log_has_who_asked_for_what_and_no_more(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hstql_web.access"):
        station.client("rea").get("/search?q=secret-word", headers={"Cookie": "x=secret-cookie"})
        station.client("rea").get("/a%0Ab")
    assert "'rea' GET '/search'" in caplog.text
    assert "secret" not in caplog.text
    assert "'/a\\nb'" in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/file/..%2f..%2fetc",
        "/file/%2fetc%2fpasswd", "/picture/..%2fx/1", "/file/site.key", "/headers/postgres.pass",
        "//etc/passwd", "/file/" + "x" * 5000,
    ],
)  # fmt: skip
def test_no_path_of_a_request_is_opened(station: Station, path: str) -> None:
    answer = station.client("rea").get(path)
    assert answer.status_code in (404, 422)
    assert b"import" not in answer.content


def test_without_sign_in_the_site_is_for_its_own_host_only() -> None:
    local, team = (Settings(_env_file=None, sign_in=way) for way in ("none", "header"))
    for host in ("127.0.0.1", "::1", "localhost"):
        check_host(local, host)
    for host in ("0.0.0.0", "::", "192.168.1.5", "hst.example.org"):
        with pytest.raises(SettingsError, match="only to this host"):
            check_host(local, host)
        check_host(team, host)


def test_a_site_under_a_path_has_it_in_all_addresses(station: Station) -> None:
    client = station.client("rea", site_address="https://hst.example.org/quicklook")
    for path in ("/exposures", "/quicklook/exposures"):  # the proxy may remove it, or not
        page = client.get(path, headers={"Host": "hst.example.org", "X-Forwarded-Proto": "https"})
        assert page.status_code == 200
        assert 'href="/quicklook/exposure/jpub01a1q' in page.text
        assert 'href="/exposure' not in page.text
        assert "Secure" in page.headers["set-cookie"]
        assert "Path=/quicklook" in page.headers["set-cookie"]
    at = {"Host": "hst.example.org"}
    assert client.get("/static/site.css", headers=at).status_code == 200
    assert client.get("/quicklook/static/site.css", headers=at).status_code == 200
    assert client.get("/exposures", headers={"Host": "elsewhere.example"}).status_code == 421


@pytest.mark.parametrize(
    ("site", "dest", "policy"),
    [
        ("same-site", "image", "cross-origin"), ("same-site", "document", "same-origin"),
        ("cross-site", "image", "same-origin"), ("same-origin", "image", "same-origin"),
    ],
)  # fmt: skip
def test_only_pages_of_the_same_site_may_show_pictures(
    station: Station, site: str, dest: str, policy: str
) -> None:
    sent = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest}
    picture = station.client("rea").get("/exposure/jpub01a1q/picture", headers=sent)
    assert picture.headers["cross-origin-resource-policy"] == policy


def test_the_picture_of_an_exposure_is_its_thumbnail(station: Station) -> None:
    client = station.client("rea")
    picture = client.get("/exposure/jpub01a1q/picture")
    assert picture.content == client.get("/thumbnail/jpub01a1q_flt.fits/1").content
    assert picture.headers["content-type"] == "image/jpeg"
    for closed in ("jsec01a1q", "jnone1a1q"):
        assert client.get(f"/exposure/{closed}/picture").status_code == 404
