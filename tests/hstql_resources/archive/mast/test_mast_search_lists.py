"""Which products follow from what MAST lists, and what it tells of proposals."""

import logging
from collections.abc import Iterator

import pytest

from builders.loopback_mast import PROPOSALS, LoopbackMast, LoopDataset, LoopProposal
from builders.mast_holdings import open_mast
from hstql_resources.archive import ArchiveError, Product, Proposal
from hstql_resources.archive.mast.client import open_client
from hstql_resources.archive.mast.listing import read_products
from hstql_resources.archive.mast.proposals import describe_proposals


@pytest.fixture
def mast() -> Iterator[LoopbackMast]:
    with LoopbackMast() as empty:
        yield empty


def rows_of(*filenames: str) -> list[dict[str, object]]:
    return [{"filename": name, "uri": f"X/{name}", "access": "PUBLIC"} for name in filenames]


def test_the_files_of_an_association_belong_to_it_and_to_its_members(mast: LoopbackMast) -> None:
    names = (
        "ldfd01010_asn.fits",
        "ldfd01010_x1dsum.fits",
        "ldfd0101j_jit.fits",
        "ldfd01vlq_rawtag.fits",
        "ldfd01vlj_jif.fits",
        "ldfd01vlj_jit.fits",
        "ldfd01vnj_jit.fits",
    )
    mast.add(LoopDataset("ldfd01010", files=dict.fromkeys(names, b"12345")))
    listed = open_mast(mast).list_products(["ldfd01010", "ldfd02010"])
    assert listed["ldfd02010"] == []
    owners = {product.filename: product.rootname for product in listed["ldfd01010"]}
    assert owners == {
        "ldfd01010_asn.fits": "ldfd01010",
        "ldfd01010_x1dsum.fits": "ldfd01010",
        "ldfd0101j_jit.fits": "ldfd01010",
        "ldfd01vlq_rawtag.fits": "ldfd01vlq",
        "ldfd01vlj_jif.fits": "ldfd01vlq",
        "ldfd01vlj_jit.fits": "ldfd01vlq",
        "ldfd01vnj_jit.fits": "ldfd01010",  # its exposure is not listed
    }
    assert listed["ldfd01010"][0] == Product(
        "ldfd01010", "ldfd01010_asn.fits", "LDFD01010/ldfd01010_asn.fits", 5, "ldfd01010"
    )


def test_what_is_no_file_of_the_observation_is_left_out() -> None:
    rows = rows_of(
        "ldfd01vlq_x1d.fits",
        "LDFD01VLQ_X1DSUM.FITS",
        "ldfd01vlq_x1d_prev.jpg",
        "ldfd01vlq_truth.json",
        "hst_13650_cos_v-tw-hya_g130m_ldfd_cspec.fits",
        "ib1f23q2q_flt.fits",
        "manifest.txt",
    )
    found = [product.filename for product in read_products("ldfd01vlq", rows)]
    assert found == ["ldfd01vlq_x1d.fits", "ldfd01vlq_x1dsum.fits"]


@pytest.mark.parametrize(
    "filename",
    [
        "../../x",
        "../ldfd01vlq_x1d.fits",
        "/etc/ldfd01vlq_x1d.fits",
        "a\\b.fits",
        "..",
        "",
        None,
        "ldfd01vlq_x1d.fits\0.fits",
        "ldfd01vlq_x1d\n.fits",
        "ldfd01vlq\x1b[2J_x1d.fits",
    ],
)
def test_a_name_that_is_no_file_name_is_a_fault_of_its_data_set(filename: str | None) -> None:
    rows = [*rows_of("ldfd01vlq_x1d.fits"), {"filename": filename, "access": "PUBLIC"}]
    good, bad = read_products("ldfd01vlq", rows)
    assert (good.filename, good.fault) == ("ldfd01vlq_x1d.fits", None)
    assert (bad.rootname, bad.filename) == ("ldfd01vlq", "")
    assert bad.fault is not None
    assert "under ldfd01vlq, which is no name of a file: it is not fetched" in bad.fault
    assert bad.fault.isprintable()


def test_a_file_that_is_listed_twice_is_one_and_another_size_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = rows_of("ldfd01vlq_rawtag.fits")[0]
    with caplog.at_level(logging.WARNING):
        [same] = read_products("ldfd01vlq", [row | {"size": 10}, row | {"size": 10}])
        assert caplog.messages == []
        [other] = read_products("ldfd01vlq", [row | {"size": 10}, row | {"size": 20}])
    assert (same.size_bytes, other.size_bytes) == (10, 20)
    assert "with 10 and with 20 bytes; the last is believed" in caplog.text


@pytest.mark.parametrize("size", [None, -999, 0, "", "unknown", float("inf")])
def test_a_size_that_is_none_is_not_known(size: object) -> None:
    [row] = rows_of("ldfd01vlq_x1d.fits")
    assert read_products("ldfd01vlq", [row | {"size": size}])[0].size_bytes is None


def test_access_other_than_public_is_proprietary() -> None:
    [row] = rows_of("ldfd01vlq_x1d.fits")
    for access, is_public in {"PUBLIC  ": True, "public": True, "PROPRIETARY": False}.items():
        assert read_products("ldfd01vlq", [row | {"access": access}])[0].is_public is is_public


def test_proposals_are_told_once_each_whatever_the_pages(mast: LoopbackMast) -> None:
    for number in range(60):
        mast.add(LoopDataset(f"ldfd01{number:02d}q", proposal_id=12_000 + number // 2))
    told = LoopProposal("A  census of\nstars", "Green, James C.", "GO")
    mast.proposals = dict.fromkeys(range(12_000, 12_030), told)
    mast.proposals[12_001] = LoopProposal(None, "Massa", "CAL/COS")
    mast.proposals[12_002] = LoopProposal("-999", "", None)
    client = open_client(mast.url, open_mast(mast).queries)
    found = describe_proposals(client, [*range(12_000, 12_030), 99_999], page_rows=7)
    assert sorted(found) == list(range(12_000, 12_030))
    assert found[12_000] == Proposal("A census of stars", "GO", "Green", "James C.")
    assert found[12_001] == Proposal(None, "CAL/COS", "Massa", None)
    assert found[12_002] == Proposal()
    assert open_mast(mast).describe_proposals([]) == {}


def test_a_catalogue_that_is_at_work_is_asked_again_and_one_that_fails_is_named(
    mast: LoopbackMast, monkeypatch: pytest.MonkeyPatch
) -> None:
    mast.add(LoopDataset("ldfd01aaq", proposal_id=12_000))
    mast.proposals[12_000] = LoopProposal("Title", "Green, James", "GO")
    real, replies = mast._find, iter([{"status": "EXECUTING"}])
    monkeypatch.setattr(mast, "_find", lambda path, question: next(replies, real(path, question)))
    assert open_mast(mast).describe_proposals([12_000])[12_000].title == "Title"
    assert len(mast.questions(PROPOSALS)) == 2
    monkeypatch.setattr(mast, "_find", lambda *args: {"status": "ERROR", "msg": "no such column"})
    with pytest.raises(ArchiveError, match="its catalogue says ERROR no such column; try again"):
        open_mast(mast).describe_proposals([12_000])
