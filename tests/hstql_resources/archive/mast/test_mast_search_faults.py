"""What becomes of a question that MAST answers badly, or not at all."""

import pickle
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from builders.loopback_mast import LIST, PROPOSALS, SEARCH, LoopbackMast, LoopDataset, SearchFault
from builders.mast_holdings import QUICK, open_mast
from hstql_resources.archive import ArchiveError, Search
from hstql_resources.archive.mast import MastArchive

COS = Search("cos")


@pytest.fixture
def mast() -> Iterator[LoopbackMast]:
    with LoopbackMast([LoopDataset("ldfd01aaq")]) as one:
        yield one


PASSING = [
    (SearchFault("status", 429), "it answered 429 Too Many Requests"),
    (SearchFault("status", 500), "it answered 500 Internal Server Error"),
    (SearchFault("status", 502), "it answered 502 Bad Gateway"),
    (SearchFault("status", 503), "it answered 503 Service Unavailable"),
    (SearchFault("status", 504), "it answered 504 Gateway Timeout"),
    (SearchFault("html"), "it sent a web page instead of data"),
    (SearchFault("broken"), "it sent data that are cut off or damaged"),
    (SearchFault("drop"), "the connection broke off"),
    (SearchFault("stall", seconds=600.0), "it was silent for 0.3 s"),
    (SearchFault("drip", seconds=0.06), "or took longer than 0.4 s for an answer"),
]


@pytest.mark.parametrize(("fault", "reason"), PASSING)
def test_a_passing_fault_is_got_over_and_a_lasting_one_is_named(
    fault: SearchFault, reason: str, mast: LoopbackMast
) -> None:
    slow = fault.kind in ("stall", "drip")
    # The answer that is good is waited for as long; none comes the other time.
    patient, hasty = (
        replace(QUICK, attempts=3, **({"read_s": read_s, "answer_s": answer_s} if slow else {}))
        for read_s, answer_s in ((3.0, 3.0), (0.3, 0.4))
    )
    mast.fail(fault)
    found = open_mast(mast, queries=patient).find_datasets(COS)
    assert [dataset.name for dataset in found] == ["ldfd01aaq"]
    assert len(mast.questions(SEARCH)) == 2
    mast.fail_always(fault)
    with pytest.raises(ArchiveError) as error:
        open_mast(mast, queries=hasty).find_datasets(COS)
    message = str(error.value)
    assert message.startswith(f"MAST ({mast.url}) could not tell the COS data sets: asked 3 times")
    assert reason in message
    assert message.endswith("; try again later.")
    assert len(mast.questions(SEARCH)) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_not_repeated_and_is_told_in_its_own_words(
    status: int, mast: LoopbackMast
) -> None:
    mast.fail(SearchFault("status", status))
    with pytest.raises(ArchiveError) as error:
        open_mast(mast).find_datasets(COS)
    message = str(error.value)
    assert f"refused to tell the COS data sets: it answered {status} " in message
    assert "as asked for" in message
    assert message.endswith("; check what was asked for.")
    assert len(mast.questions(SEARCH)) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_kept_to_but_not_for_ever(form: str, mast: LoopbackMast) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    policy = replace(QUICK, attempts=2, longest_wait_s=0.25)
    mast.fail(SearchFault("status", 429, retry_after=soon if form == "date" else "7200"))
    start = time.monotonic()
    assert open_mast(mast, queries=policy).find_datasets(COS)
    assert 0.25 <= time.monotonic() - start < 300  # and not two hours


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        archive = MastArchive(url, queries=replace(QUICK, attempts=2))
        with pytest.raises(ArchiveError, match=r"asked 2 times, .* it refused the connection"):
            archive.find_datasets(COS)


def test_an_answer_in_another_language_is_named(
    mast: LoopbackMast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for reply in ({"rows": []}, [], {"results": {}, "totalResults": 3}, {"results": []}):
        monkeypatch.setattr(mast, "_find", lambda path, question, reply=reply: reply)
        with pytest.raises(ArchiveError, match=r"answered without '\w+' when it was asked for"):
            open_mast(mast).find_datasets(COS)
        with pytest.raises(ArchiveError, match="answered without 'products'"):
            open_mast(mast).list_products(["ldfd01aaq"])


def test_lists_and_proposals_are_asked_with_the_same_patience(mast: LoopbackMast) -> None:
    archive = open_mast(mast)
    mast.fail(SearchFault("status", 503), SearchFault("html"))
    assert archive.list_products(["ldfd01aaq"]) == {"ldfd01aaq": []}
    assert len(mast.questions(LIST)) == 3
    mast.fail_always(SearchFault("status", 503))
    with pytest.raises(ArchiveError, match="could not tell the files of ldfd01aaq and 1 more: "):
        archive.list_products(["ldfd01aaq", "ldfd01abq"])
    with pytest.raises(ArchiveError, match="could not tell what proposal 7 is: asked 4 times"):
        archive.describe_proposals([7])
    assert len(mast.questions(PROPOSALS)) == 4


def test_an_error_can_be_pickled_and_holds_no_secret(mast: LoopbackMast) -> None:
    archive = open_mast(mast, token="a-secret")
    assert "a-secret" not in repr(archive)
    assert pickle.loads(pickle.dumps(archive)) == archive
    mast.fail_always(SearchFault("status", 503))
    with pytest.raises(ArchiveError) as error:
        archive.find_datasets(COS)
    copy = pickle.loads(pickle.dumps(error.value))
    assert str(copy) == str(error.value)
    assert b"a-secret" not in pickle.dumps(error.value)


def test_nobody_is_asked_for_a_token(mast: LoopbackMast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> str:
        raise AssertionError("the terminal was asked")

    monkeypatch.delenv("MAST_API_TOKEN", raising=False)
    monkeypatch.setattr("getpass.getpass", fail)
    monkeypatch.setattr("builtins.input", fail)
    assert open_mast(mast).find_datasets(COS)
