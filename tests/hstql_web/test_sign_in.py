"""Signing in by OpenID Connect, and what forges, repeats or mixes up a sign-in."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from builders.sign_in_provider import ProviderOnThisHost, open_provider, sign_in
from builders.site_rows import Station
from hstql_resources.settings import Settings, SettingsError
from hstql_web.oidc import check_settings

SITE = "http://127.0.0.1"


@pytest.fixture
def provider() -> Iterator[ProviderOnThisHost]:
    with open_provider() as opened:
        yield opened


@pytest.fixture
def client(station: Station, provider: ProviderOnThisHost) -> TestClient:
    return station.client(
        None, sign_in="oidc", oidc_issuer=provider.address, oidc_client="site",
        oidc_password="word", site_address=SITE,
    )  # fmt: skip


def test_a_person_signs_in_and_out(client: TestClient, provider: ProviderOnThisHost) -> None:
    back = client.get(
        sign_in(client, provider, SITE, "/exposures?proposal=100"), follow_redirects=False
    )
    assert back.headers["location"] == "/exposures?proposal=100"
    page = client.get("/exposures")
    assert "rea" in page.text
    token = page.text.partition('name="token" value="')[2][:64]
    assert client.post("/sign-out", data={"token": token}).status_code == 200
    assert client.get("/exposures", follow_redirects=False).status_code == 303


def test_without_sign_in_programs_are_told_so(client: TestClient) -> None:
    assert client.get("/api/v1/exposures").json() == {"detail": "Sign in first."}
    assert client.post("/exposure/jpub01a1q/look").status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"}, {"iss": "https://elsewhere.example"}, {"nonce": "old"}, {"exp": 1},
        {"email": None, "sub": None}, {"email_verified": False},
    ],
    ids=str,
)  # fmt: skip
def test_what_does_not_hold_lets_nobody_in(
    client: TestClient, provider: ProviderOnThisHost, claims: dict[str, object]
) -> None:
    back = sign_in(client, provider, SITE)
    provider.claims |= claims
    client.get(back)
    assert client.get("/exposures", follow_redirects=False).status_code in (303, 403)


def test_what_was_signed_by_another_key_lets_nobody_in(
    client: TestClient, provider: ProviderOnThisHost
) -> None:
    back = sign_in(client, provider, SITE)
    client.get("/exposures")  # keys are known by now
    with open_provider() as other:
        provider.key = other.key
        assert client.get(back).status_code == 403
    assert client.get("/exposures", follow_redirects=False).status_code == 303


def test_a_sign_in_that_another_browser_began_is_refused(
    station: Station, client: TestClient, provider: ProviderOnThisHost
) -> None:
    back = sign_in(client, provider, SITE)
    assert TestClient(client.app, SITE, client=("127.0.0.1", 1)).get(back).status_code == 403
    assert client.get(back.replace("state=", "state=x")).status_code == 403


def test_the_way_back_leads_to_this_site_only(
    client: TestClient, provider: ProviderOnThisHost
) -> None:
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        begun = client.get("/sign-in", params={"to": wanted}, follow_redirects=False)
        back = provider.go_through(begun.headers["location"], SITE)
        assert client.get(back, follow_redirects=False).headers["location"] == "/"


def test_settings_that_let_nobody_sign_in_are_refused() -> None:
    with pytest.raises(SettingsError, match="HSTQL_OIDC_ISSUER is not set"):
        check_settings(Settings(_env_file=None, sign_in="oidc"))
