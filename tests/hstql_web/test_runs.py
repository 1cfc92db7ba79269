"""What ran: who sees it, its logs without secrets, and names of which nothing becomes a path."""

import pytest

from builders.dagster_rows import COMMAND, RUN
from builders.site_rows import ALL, SECRET, Station

PAGES = (
    "/runs", f"/runs/{RUN}", "/commands", f"/commands/{COMMAND}", f"/commands/{COMMAND}/log",
    "/automations/1", "/ticks/1", "/api/v1/runs", f"/api/v1/runs/{RUN}", "/api/v1/commands",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_logs_are_for_those_who_see_everything(station: Station, page: str) -> None:
    assert station.client(ALL).get(page).status_code == 200
    for person in ("rea", "ann", "pia"):
        answer = station.client(person).get(page)
        assert answer.status_code == 403
        assert "shown to those who see everything" in answer.text
        assert SECRET not in answer.text


def test_the_first_page_says_what_ran_when_and_how(station: Station) -> None:
    page = station.client(ALL).get("/").text
    for expected in (
        f"/runs/{RUN}", "cos_files", "jpub01a1q to jsec01a1q", "cos_news", "60 s", "/ticks/2",
        f"/commands/{COMMAND}",
    ):  # fmt: skip
        assert expected in page
    page = station.client("rea").get("/").text
    assert "cos_news" not in page
    assert 'id="runs"' not in page


def test_a_run_says_why_it_failed_and_leads_to_its_log(station: Station) -> None:
    page = station.client(ALL).get(f"/runs/{RUN}").text
    assert f"ValueError: {SECRET} &lt;b&gt;fault&lt;/b&gt;\n  at home\nCaused by:\nOSError" in page
    assert f"{SECRET} printed" in page
    assert "a_step.err" in page
    assert "a_step.out" not in page  # nothing was printed there
    assert f"/commands/{COMMAND}" in page
    assert "password" not in page
    assert f"{SECRET} key" not in page
    assert f"{SECRET} key" in station.client(ALL).get(f"/runs/{RUN}?keys=yes").text


def test_a_log_is_shown_without_passwords_and_sent_whole(station: Station) -> None:
    client = station.client(ALL)
    page = client.get(f"/commands/{COMMAND}").text
    assert f"{SECRET} postgresql://me:***@host/x" in page
    assert "&lt;i&gt;" in page
    assert f"/runs/{RUN}" in page
    sent = client.get(f"/commands/{COMMAND}/log")
    assert sent.headers["content-type"].startswith("text/plain")
    assert "attachment" in sent.headers["content-disposition"]


def test_programs_are_told_what_ran(station: Station) -> None:
    client = station.client(ALL)
    page = client.get("/api/v1/runs?limit=1").json()
    (last,) = page["runs"]
    found = [last]
    while page["next"]:
        page = client.get(page["next"]).json()
        found += page["runs"]
    assert found == client.get("/api/v1/runs").json()["runs"]
    one = client.get(f"/api/v1/runs/{RUN}").json()["run"]
    assert one in found
    assert (one["run_id"], one["keys"]) == (RUN, "jpub01a1q to jsec01a1q")
    failed = client.get("/api/v1/runs?failed=yes").json()["runs"]
    assert {run["status"] for run in failed} == {"failure"}
    (command,) = client.get("/api/v1/commands").json()["commands"]
    assert command["log"] == f"/commands/{COMMAND}/log"
    assert str(station.home) not in str(command)
    assert client.get("/api/v1/commands?before=2000-01-01T00:00Z").json() == {"commands": []}
    assert client.get("/api/v1/runs/none").status_code == 404


def test_a_tick_says_what_it_found(station: Station) -> None:
    client = station.client(ALL)
    page = client.get("/ticks/1").text
    assert f"/runs/{RUN}" in page
    assert f"2026-03-01 12:00:00 WARNING {SECRET} looked" in page
    page = client.get("/automations/1").text
    assert page.index("/ticks/2") < page.index("/ticks/1")
    assert f"{SECRET} no news" in page


@pytest.mark.parametrize(
    "page",
    ["/runs/none", "/runs/%2e%2e%2fx", "/runs/x'y", "/commands/none", "/commands/..%2f..%2fx/log",
     "/ticks/99", "/ticks/0", "/automations/99", "/ticks/x", "/runs?behind=-1",
     "/commands?before=yesterday"],
)  # fmt: skip
def test_what_there_is_not_is_told_in_a_sentence(station: Station, page: str) -> None:
    answer = station.client(ALL).get(page)
    assert answer.status_code in (404, 422)
    assert "<h1>Sorry</h1>" in answer.text


def test_earlier_runs_follow(station: Station) -> None:
    client = station.client(ALL)
    assert f"/runs/{RUN}" in client.get("/runs?failed=yes").text
    assert f"/runs/{RUN}" not in client.get("/runs?behind=1").text
    assert f"/commands/{COMMAND}" not in client.get("/commands?before=2026-01-01T00:00:00Z").text
