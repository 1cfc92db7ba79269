"""Searches of the real client against a MAST of 12,000 observations on the loopback interface."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from builders.loopback_mast import LIST, SEARCH, LoopbackMast, LoopDataset
from builders.mast_holdings import make_many, open_mast
from hstql_assets.observations.discovery import discover
from hstql_resources.archive import ArchiveError, Search
from hstql_resources.archive.mast.client import open_client
from hstql_resources.archive.mast.searching import find_datasets

OBSERVATIONS = 12_000
COS_OBSERVATIONS = OBSERVATIONS // 2


@pytest.fixture(scope="module")
def holdings() -> list[LoopDataset]:
    return make_many(OBSERVATIONS)


@pytest.fixture(scope="module")
def many(holdings: list[LoopDataset]) -> Iterator[LoopbackMast]:
    with LoopbackMast(holdings, server_limit=5000) as mast:
        yield mast


@pytest.fixture
def mast() -> Iterator[LoopbackMast]:
    with LoopbackMast() as empty:
        yield empty


def names_found(mast: LoopbackMast, search: Search) -> list[str]:
    return [dataset.name for dataset in open_mast(mast).find_datasets(search)]


def truth(holdings: list[LoopDataset], instrument: str) -> tuple[list[str], list[str]]:
    """Return the names of the data sets of an instrument, and the keys that follow from them."""
    own = [dataset for dataset in holdings if dataset.instrument == instrument]
    names = sorted(dataset.name for dataset in own)
    members = {filename[:9] for dataset in own for filename in dataset.files}
    return names, sorted({*names, *members})


def test_discovery_of_twelve_thousand_observations_is_exact_and_the_same_the_second_time(
    many: LoopbackMast, holdings: list[LoopDataset]
) -> None:
    names, keys = truth(holdings, "cos")
    assert len(names) == COS_OBSERVATIONS
    many.requests.clear()
    first = discover(open_mast(many), Search("cos"))
    assert [dataset.name for dataset in first.datasets] == names
    assert list(first.rootnames) == keys
    assert len(first.products) == len(set(first.products)) > len(keys)
    pages = [question["offset"] for question in many.questions(SEARCH)]
    assert pages == [0, 4999]  # each begins with the last row of the one before
    assert [len(question["dataset_ids"]) for question in many.questions(LIST)] == [1000] * 6
    assert discover(open_mast(many), Search("cos")) == first


def test_members_of_an_association_are_keys_beside_it(
    many: LoopbackMast, holdings: list[LoopDataset]
) -> None:
    found = discover(open_mast(many), Search("cos", rootnames=("l00000000",)))
    assert found.rootnames == ("l00000000", "l000000aq", "l000000bq")


def test_one_fault_in_ten_requests_changes_nothing(holdings: list[LoopDataset]) -> None:
    with LoopbackMast(holdings, server_limit=500, fault_rate=0.1, seed=3) as shaky:
        found = discover(open_mast(shaky), Search("stis"))
    assert list(found.rootnames) == truth(holdings, "stis")[1]


def test_the_search_is_anonymous(many: LoopbackMast) -> None:
    many.requests.clear()
    open_mast(many, token="a-secret").find_datasets(Search("acs"))
    for request in many.requests:
        assert "a-secret" not in repr(request)
        assert not {"authorization", "cookie"} & {name.lower() for name in request.headers}


def test_many_proposals_are_asked_for_in_several_searches(
    many: LoopbackMast, holdings: list[LoopDataset]
) -> None:
    ids = tuple(range(10_001, 12_001, 2))
    expected = [one.name for one in holdings if one.instrument == "cos" and one.proposal_id in ids]
    many.requests.clear()
    assert names_found(many, Search("cos", proposal_ids=ids)) == sorted(expected)
    asked = [question["conditions"] for question in many.questions(SEARCH)]
    assert len(asked) == 2
    assert all({"sci_instrume": "COS"} in conditions for conditions in asked)


def test_many_rootnames_are_asked_for_in_several_searches(
    many: LoopbackMast, holdings: list[LoopDataset]
) -> None:
    wanted = [one.name for one in holdings if one.instrument == "cos" and one.name[-1] != "0"]
    assert names_found(many, Search("cos", rootnames=tuple(wanted[:1200]))) == sorted(wanted[:1200])


def test_each_thread_has_a_client_of_its_own(many: LoopbackMast) -> None:
    found: list[list[str]] = []

    def search() -> None:
        found.append(names_found(many, Search("stis")))

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(names == found[0] for names in found)
    assert len(found[0]) == OBSERVATIONS // 4


def test_a_member_that_is_no_data_set_is_found_by_its_visit(mast: LoopbackMast) -> None:
    mast.add(
        LoopDataset("ldfd01010", files={"ldfd01vlq_rawtag.fits": b"", "ldfd01vnq_x1d.fits": b""})
    )
    mast.add(LoopDataset("ldfd01020", files={"ldfd01wdq_rawtag.fits": b""}))
    mast.add(LoopDataset("ldfd02010", files={"ldfd02xxq_rawtag.fits": b""}))
    search = Search("cos", rootnames=("ldfd01vnq", "ldfd02010", "ldfd99zzq"))
    assert names_found(mast, search) == ["ldfd01010", "ldfd01020", "ldfd02010"]
    found = discover(open_mast(mast), search)
    assert {"ldfd01010", "ldfd01vnq", "ldfd02010"} <= set(found.rootnames)
    assert not {"ldfd01020", "ldfd01wdq", "ldfd99zzq"} & set(found.rootnames)


def test_dates_are_utc_with_and_without_fraction_and_zone(mast: LoopbackMast) -> None:
    for name, text in {
        "ldfd01aaq": "2024-03-01T05:06:07",
        "ldfd01abq": "2024-03-01T05:06:07.250000",
        "ldfd01acq": "2024-03-01T07:06:07+02:00",
        "ldfd01adq": "  2024-03-01 05:06:07Z ",
        "ldfd01aeq": "soon",
        "ldfd01afq": None,
        "ldfd01agq": "-999",
    }.items():
        mast.add(LoopDataset(name, archived_at=text))
    found = open_mast(mast).find_datasets(Search("cos"))
    at = datetime(2024, 3, 1, 5, 6, 7, tzinfo=UTC)
    dates = [dataset.archived_at for dataset in found]
    assert dates == [at, at + timedelta(seconds=0.25), at, at, None, None, None]
    assert all(date.tzinfo is UTC for date in dates if date is not None)


@pytest.mark.parametrize("zone_h", [-11, 0, 13])
@pytest.mark.parametrize("condition", ["released_since", "archived_since"])
def test_since_is_to_the_second_in_any_time_zone(
    condition: str, zone_h: int, mast: LoopbackMast
) -> None:
    at = datetime(2024, 3, 1, 0, 30, tzinfo=UTC)
    for number, shift_s in enumerate((-90_000, -1, 0, 1, 90_000)):
        date = at + timedelta(seconds=shift_s)
        mast.add(LoopDataset(f"ldfd01a{number}q", released_at=date, archived_at=date))
    since = at.astimezone(timezone(timedelta(hours=zone_h)))
    search = Search("cos", **{condition: since})
    assert names_found(mast, search) == ["ldfd01a2q", "ldfd01a3q", "ldfd01a4q"]


def test_since_midnight_takes_in_midnight(mast: LoopbackMast) -> None:
    midnight = datetime(2024, 3, 1, tzinfo=UTC)
    mast.add(LoopDataset("ldfd01aaq", released_at=midnight))
    assert names_found(mast, Search("cos", released_since=midnight)) == ["ldfd01aaq"]


def test_values_are_cleaned_of_their_padding(mast: LoopbackMast) -> None:
    mast.add(
        LoopDataset(
            "ldfd01aaq",
            columns={
                "sci_data_set_name": "LDFD01AAQ  ",
                "sci_status": " PROPRIETARY ",
                "sci_release_date": "2999-01-01T00:00:00  ",
            },
        )
    )
    [dataset] = open_mast(mast).find_datasets(Search("cos"))
    assert (dataset.name, dataset.is_public) == ("ldfd01aaq", False)
    assert dataset.released_at == datetime(2999, 1, 1, tzinfo=UTC)


def test_without_a_status_the_release_date_tells_whether_it_is_public(mast: LoopbackMast) -> None:
    mast.add(LoopDataset("ldfd01aaq", columns={"sci_status": None}))
    mast.add(
        LoopDataset(
            "ldfd01abq", columns={"sci_status": None, "sci_release_date": "2999-01-01T00:00:00"}
        )
    )
    assert [one.is_public for one in open_mast(mast).find_datasets(Search("cos"))] == [True, False]


def test_names_of_other_kinds_and_of_other_instruments_are_left_out(mast: LoopbackMast) -> None:
    for name in ("ldfd01aaq", "ldfd01", "hst_12345_cos", "ib1f23q2q", "lwp01234567"):
        mast.add(LoopDataset(name, "cos"))
    assert names_found(mast, Search("cos")) == ["ldfd01aaq"]


def test_a_data_set_that_is_told_twice_is_one_with_its_later_date(mast: LoopbackMast) -> None:
    later = datetime(2024, 1, 1, tzinfo=UTC)
    mast.add(LoopDataset("ldfd01aaq", archived_at=later))
    mast.add(LoopDataset("other", columns={"sci_data_set_name": "LDFD01AAQ"}))
    [dataset] = open_mast(mast).find_datasets(Search("cos"))
    assert dataset.archived_at == later


def test_timetag_leaves_out_other_modes_calibrations_and_targets_not_on_the_sky(
    mast: LoopbackMast,
) -> None:
    mast.add(LoopDataset("ldfd01aaq"))
    mast.add(LoopDataset("ldfd01abq", mode="ACCUM"))
    mast.add(LoopDataset("ldfd01acq", aec="C"))
    targets = ("DARK", "BIAS", "DEUTERIUM", "WAVE", "WAVE-LINE", "wavehitm", "ANY", "NONE")
    for number, target in enumerate(targets):
        mast.add(LoopDataset(f"ldfd01b{number}q", target=target))
    mast.add(LoopDataset("ldfd01azq", target="DARK-STAR"))
    search = Search("cos", is_timetag_only=True)
    assert names_found(mast, search) == ["ldfd01aaq", "ldfd01azq"]


@pytest.mark.parametrize("page_rows", [2, 3, 7, 19, 20, 21])
def test_every_page_size_finds_the_same(page_rows: int, mast: LoopbackMast) -> None:
    for number in range(20):
        mast.add(LoopDataset(f"ldfd01{number:02d}q"))
    client = open_client(mast.url, open_mast(mast).queries)
    assert len(find_datasets(client, Search("cos"), page_rows)) == 20


class TestListThatChanges:
    """The list of data sets changes while it is read: none may be lost or doubled."""

    @pytest.fixture
    def changing(self, mast: LoopbackMast) -> LoopbackMast:
        for number in range(10, 40):
            mast.add(LoopDataset(f"ldfd01{number}q"))
        mast.server_limit = 10
        return mast

    def test_once_it_is_read_again(self, changing: LoopbackMast) -> None:
        changes = iter(
            [lambda: None, lambda: changing.remove("ldfd0112q"), lambda: None, lambda: None]
        )
        changing.before_search = lambda question: next(changes, lambda: None)()
        assert names_found(changing, Search("cos")) == [
            f"ldfd01{number}q" for number in range(10, 40) if number != 12
        ]

    def test_one_that_goes_while_another_comes_behind_it_is_noticed(
        self, changing: LoopbackMast
    ) -> None:
        def swap() -> None:
            changing.remove("ldfd0112q")
            changing.add(LoopDataset("ldfd0199q"))

        changes = iter([lambda: None, swap])
        changing.before_search = lambda question: next(changes, lambda: None)()
        held = [number for number in range(10, 40) if number != 12]
        assert names_found(changing, Search("cos")) == [
            f"ldfd01{number}q" for number in (*held, 99)
        ]

    def test_one_that_comes_at_its_end_is_not_lost(self, changing: LoopbackMast) -> None:
        for number in (10, 11):  # what is left fills three pages to their last rows
            changing.remove(f"ldfd01{number}q")
        nothing = [lambda: None] * 2
        changes = iter([*nothing, lambda: changing.add(LoopDataset("ldfd0199q"))])
        changing.before_search = lambda question: next(changes, lambda: None)()
        assert names_found(changing, Search("cos"))[-1] == "ldfd0199q"

    def test_always_is_an_error_that_says_so(self, changing: LoopbackMast) -> None:
        numbers = iter(range(40, 1000))
        changing.before_search = lambda question: changing.add(
            LoopDataset(f"ldfd{next(numbers):04d}q")
        )
        with pytest.raises(ArchiveError, match="told the COS data sets 2 times, each time with"):
            names_found(changing, Search("cos"))
        assert len(changing.questions(SEARCH)) < 10

    def test_pages_that_stay_empty_end(self, mast: LoopbackMast) -> None:
        mast.add(LoopDataset("ldfd01aaq"))
        mast.server_limit = 0
        with pytest.raises(ArchiveError, match="try again in some minutes"):
            names_found(mast, Search("cos"))
