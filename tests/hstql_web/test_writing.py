"""What people write: who may, that it is saved at once and never lost, and not to be forged."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from builders.site_rows import Station

NAME = "jpub01a1q"
SCRIPT = "<script>alert(1)</script>"


def token(client: TestClient) -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get(f"/exposure/{NAME}").text)
    assert found
    return found[1]


def post(client: TestClient, path: str, **values: str) -> int:
    content = {"token": token(client), **values}
    return client.post(path, data=content, follow_redirects=False).status_code


def kinds(station: Station, name: str = NAME) -> list[str]:
    found = station.client("rea").get(f"/api/v1/exposures/{name}").json()
    return [flag["kind"] for flag in found["flags"]]


def test_a_flag_is_set_and_unset_and_the_history_keeps_both(station: Station) -> None:
    client = station.client("flo")
    path = f"/exposure/{NAME}/flags"
    assert post(client, path, set="satellite_trail", back="/exposures") == 303
    assert kinds(station) == ["satellite_trail"]
    assert post(client, path, set="satellite_trail") == 303
    assert post(client, path, unset="satellite_trail") == 303
    assert post(client, path, set="snowball") == 303  # which ACS does not have
    assert kinds(station) == []
    history = client.get(f"/api/v1/exposures/{NAME}/history").json()["history"]
    told = [(one["person"], one["what"]) for one in history if one["about"] == "satellite_trail"]
    assert told == [("flo", "unset"), ("flo", "set")]


def test_two_who_flag_the_same_at_once_make_one_flag(station: Station) -> None:
    clients = [station.client(person) for person in ("flo", "pia") * 4]
    tokens = [token(client) for client in clients]

    def flag(number: int) -> int:
        content = {"token": tokens[number], "set": "ghost"}
        path = "/exposure/jpub01a2q/flags"
        return clients[number].post(path, data=content, follow_redirects=False).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(flag, range(8))) == {303}
    assert kinds(station, "jpub01a2q") == ["ghost"]


def test_a_reader_looks_and_no_more(station: Station) -> None:
    client = station.client("rea")
    assert post(client, f"/exposure/{NAME}/look", looked="yes") == 303
    assert post(client, f"/exposure/{NAME}/flags", set="satellite_trail") == 403
    assert post(client, f"/exposure/{NAME}/comments", text="x") == 403
    assert post(client, "/people", person="eve", role="admin") == 403
    assert post(client, "/anomalies/kinds", instrument="acs", kind="x", label="x") == 403
    listed = client.get("/api/v1/exposures?looked=yes").json()["exposures"]
    assert [one["rootname"] for one in listed] == [NAME]


@pytest.mark.parametrize("person", ["flo", "ann"])
def test_nobody_writes_on_what_is_closed_to_them(station: Station, person: str) -> None:
    client = station.client(person)
    post(client, "/exposure/jsec01a1q/flags", set="satellite_trail")
    assert post(client, "/exposure/jsec01a1q/comments", text="x") == 403
    post(client, "/exposure/jsec01a1q/look", looked="yes")
    post(client, "/exposures/flags?proposal=200", kind="satellite_trail", action="set")
    found = station.client("tim").get("/api/v1/exposures/jsec01a1q").json()
    assert (found["flags"], found["looks"], len(found["comments"])) == ([], [], 1)


def test_a_form_of_another_site_is_refused(station: Station) -> None:
    client = station.client("flo")
    path, mine = f"/exposure/{NAME}/flags", token(client)
    for content, headers in (
        ({"set": "crosstalk"}, {}),
        ({"set": "crosstalk", "token": "0" * 64}, {}),
        ({"set": "crosstalk", "token": token(station.client("ann"))}, {}),
        ({"set": "crosstalk", "token": mine}, {"Sec-Fetch-Site": "cross-site"}),
        ({"set": "crosstalk", "token": mine}, {"Cookie": "hstql_session=forged"}),
    ):
        assert client.post(path, data=content, headers=headers).status_code == 403
    values = '{"rootnames": ["jpub01a1q"], "kind": "crosstalk"}'
    from_elsewhere = {"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}
    for headers in ({"Content-Type": "text/plain"}, from_elsewhere):
        answer = client.post("/api/v1/flags", content=values, headers=headers)
        assert answer.status_code in (403, 422)
    assert "crosstalk" not in kinds(station)


def test_a_comment_is_shown_as_it_was_typed(station: Station) -> None:
    client = station.client("flo")
    assert post(client, f"/exposure/{NAME}/comments", text=SCRIPT) == 303
    page = client.get(f"/exposure/{NAME}").text
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_comment_is_removed_by_who_wrote_it_or_an_administrator(station: Station) -> None:
    client = station.client("flo")
    post(client, f"/exposure/{NAME}/comments", text="to be removed")
    comments = client.get(f"/api/v1/exposures/{NAME}").json()["comments"]
    number = next(one["id"] for one in comments if one["text"] == "to be removed")
    path = f"/exposure/{NAME}/comments/{number}/remove"
    assert post(station.client("pia"), path) == 403
    assert post(station.client("ann"), path) == 303
    assert post(client, path) == 403


def test_a_list_is_flagged_at_once_and_so_are_those_ticked(station: Station) -> None:
    client = station.client("flo")
    path = "/exposures/flags?proposal=100&instrument=acs"
    assert post(client, path, kind="moving_object", action="set") == 303
    assert post(client, path, kind="moving_object", action="unset", only=NAME) == 303
    names = client.get("/export/exposures.ids?anomaly=moving_object").text.split()
    assert sorted(names) == ["jpub01010", "jpub01a2q"]


def test_people_are_let_in_and_shown_a_proposal_and_sent_away(station: Station) -> None:
    client = station.client("ann")
    assert post(client, "/people", person="new", role="reader") == 303
    assert station.client("new").get("/exposure/jsec01a1q").status_code == 403
    assert post(client, "/people/proposals", person="new", proposals="200, 300") == 303
    assert station.client("new").get("/exposure/jsec01a1q").status_code == 200
    assert post(client, "/people/proposals/withdraw", person="new", proposal="200") == 303
    assert station.client("new").get("/exposure/jsec01a1q").status_code == 403
    assert post(client, "/people/remove", person="new") == 303
    assert station.client("new").get("/").status_code == 403
    assert post(client, "/people/remove", person="ann") == 403


def test_an_administrator_edits_kinds(station: Station) -> None:
    client = station.client("ann")
    values = {"instrument": "acs", "kind": "hot_column", "label": SCRIPT}
    assert post(client, "/anomalies/kinds", **values) == 303
    assert SCRIPT not in client.get("/anomalies").text
    offered = client.get("/api/v1/anomalies/kinds?instrument=acs").json()["kinds"]
    assert offered[-1]["kind"] == "hot_column"
    values = {"instrument": "acs", "kind": "hot_column", "is_active": "no"}
    assert post(client, "/anomalies/kinds/offer", **values) == 303
    offered = client.get("/api/v1/anomalies/kinds?instrument=acs").json()["kinds"]
    assert "hot_column" not in [one["kind"] for one in offered]


def test_programs_write_as_people_do(station: Station) -> None:
    client = station.client("flo")
    flagging = {"rootnames": ["ipub01a1q", "jsec01a1q", "jnone1a1q"], "kind": "snowball"}
    assert client.post("/api/v1/flags", json=flagging).json() == {"changed": 1}
    assert client.post("/api/v1/flags", json=flagging | {"is_set": False}).json() == {"changed": 1}
    assert client.post("/api/v1/looks", json={"rootnames": ["ipub01a1q"]}).json() == {"changed": 1}
    path = "/api/v1/exposures/ipub01a1q/comments"
    assert client.post(path, json={"text": " said "}).json() == {"changed": 1}
    found = client.get("/api/v1/exposures/ipub01a1q").json()
    assert [one["text"] for one in found["comments"]] == ["said"]
