"""Proposals: what headers say, what the archive knows better, and many that write one row."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.headers.proposal_rows import record_proposals, refine_proposals, write_proposals
from hstql_assets.headers.proposals import merge_proposals, read_proposal
from hstql_resources.archive import ArchiveError, Proposal
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos.catalogue import EXPOSURES_PER_PROPOSAL
from hstql_resources.filenames import parse_filename
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.fits.header import Header
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Proposal as ProposalRow

NUMBER = 15071
SPT = {
    "PROPOSID": NUMBER, "PROP_TYP": "GO", "PR_INV_L": "Froning", "PR_INV_F": "Cynthia",
    "PROPTTL1": "A".ljust(67, "b"), "PROPTTL2": "c d",
}  # fmt: skip


def headers(filetype: str, values: dict[str, object]) -> FileHeaders:
    return FileHeaders(f"loip01aaq_{filetype}.fits", filetype, (Header(values=values),))


def row(source: str = "spt", **values: object) -> dict[str, object]:
    blank = dict.fromkeys(
        ("proposal_type", "investigator_last", "investigator_first", "title", "cycle")
    )
    return {"proposal_id": NUMBER, **blank, "source": source, **values}


def stored(database: Database) -> list[dict[str, object]]:
    columns = [column for column in ProposalRow.__table__.c if column.name != "ingest_date"]
    statement = select(*columns).order_by(ProposalRow.proposal_id)
    return [dict(found._mapping) for found in database.read(statement)]


@dataclass(frozen=True)
class FakeArchive:
    """An archive that knows these proposals, or does not answer, and counts the questions."""

    known: dict[int, Proposal] = field(default_factory=dict)
    error: str | None = None
    asked: list[list[int]] = field(default_factory=list)

    def describe_proposals(self, proposal_ids: Sequence[int]) -> dict[int, Proposal]:
        self.asked.append(list(proposal_ids))
        if self.error is not None:
            raise ArchiveError(self.error)
        return {number: self.known[number] for number in proposal_ids if number in self.known}


def outcomes_with(*rows: dict[str, object]) -> list[Outcome]:
    return [
        Outcome(f"loip0{index}aaq", "made", rows={"proposals": [values]})
        for index, values in enumerate(rows)
    ]


def test_an_spt_tells_type_investigator_and_both_parts_of_the_title() -> None:
    found = read_proposal([headers("raw", {"PROPOSID": NUMBER, "PROPTTL1": "cut"}),
                           headers("spt", SPT)])  # fmt: skip
    assert found == row(
        proposal_type="GO",
        investigator_last="Froning",
        investigator_first="Cynthia",
        title="A" + "b" * 66 + " c d",
    )


def test_other_headers_tell_what_they_can() -> None:
    raw = headers("raw", {"PROPOSID": NUMBER, "PROPTTL1": "A title", "PR_INV_L": "Froning"})
    expected = row("header", title="A title", investigator_last="Froning")
    assert read_proposal([raw]) == expected
    assert read_proposal([raw, headers("spt", {"PROPOSID": NUMBER})]) == {
        **expected,
        "source": "spt",
    }


@pytest.mark.parametrize("number", [None, 0, -1, True, "many", 2**31])
def test_without_a_number_there_is_no_proposal(number: object) -> None:
    assert read_proposal([headers("spt", {**SPT, "PROPOSID": number})]) is None
    assert read_proposal([]) is None


@pytest.mark.parametrize(
    ("rootname", "title"),
    [
        ("ldfd01vnq", "The accretion flow and evolutionary history of an intriguing short-period "
                      "black hole X-ray binary"),
        ("ocui04xeq", "Dynamical Confirmation of a Stellar-mass Black Hole in the Globular "
                      "Cluster M62"),
        ("od3v01bfq", "UV exploration of two Earth-sized planets with temperate atmospheres"),
    ],
)  # fmt: skip
def test_the_title_of_a_real_proposal_is_whole(
    rootname: str, title: str, real_archive: Path
) -> None:
    found = read_real(real_archive, [rootname])[rootname]
    assert found is not None
    assert (found["title"], found["source"]) == (title, "spt")


def read_real(archive: Path, rootnames: Sequence[str]) -> dict[str, dict[str, object] | None]:
    products = DirectoryArchive(archive).list_products(rootnames)
    return {
        rootname: read_proposal(
            [read_headers(Path(p.location), parse_filename(p.filename).filetype) for p in found]
        )
        for rootname, found in products.items()
    }


def test_every_real_spt_has_a_type_an_investigator_and_a_title(real_archive: Path) -> None:
    archive = DirectoryArchive(real_archive)
    keys = [key for name in ("cos", "stis", "acs", "wfc3") for key in archive.find_rootnames(name)]
    found = read_real(real_archive, keys)
    spt = [values for values in found.values() if values and values["source"] == "spt"]
    assert len(spt) == 23
    for values in spt:
        assert None not in [values[name] for name in
                            ("proposal_type", "investigator_last", "title")]  # fmt: skip
    assert [key for key, values in found.items() if values is None] == []


def test_the_archive_counts_more_than_headers_in_any_order() -> None:
    spt, told = row(title="spt", proposal_type="GO"), row("archive", title="told", cycle=25)
    expected = row("archive", title="told", cycle=25, proposal_type="GO")
    assert merge_proposals({}, [spt, told]) == [expected]
    assert merge_proposals({}, [told, spt]) == [expected]
    assert merge_proposals({NUMBER: expected}, [spt, row("header", title="h")]) == []


def test_an_spt_counts_more_than_another_header_and_less_is_filled_in() -> None:
    header = row("header", title="cut", investigator_last="Froning")
    merged = merge_proposals({NUMBER: header}, [row(title="whole", proposal_type="GO")])
    assert merged == [row(title="whole", proposal_type="GO", investigator_last="Froning")]
    assert merge_proposals({NUMBER: merged[0]}, [header]) == []


def test_of_two_equal_sources_the_later_counts() -> None:
    assert merge_proposals({}, [row(title="old"), row(title="new")]) == [row(title="new")]


def test_a_batch_writes_each_proposal_once_and_a_second_time_nothing(database: Database) -> None:
    rows = [row(title="one"), row(title="one"), row(proposal_id=7, title="other")]
    with database.write() as writer:
        assert record_proposals(writer, rows) == 2
    with database.write() as writer:
        assert record_proposals(writer, rows) == 0
    assert stored(database) == [row(proposal_id=7, title="other"), row(title="one")]


def test_a_proposal_costs_as_many_statements_as_a_hundred(database: Database) -> None:
    def count(rows: list[dict[str, object]]) -> int:
        before = database.statements
        with database.write() as writer:
            record_proposals(writer, rows)
        return database.statements - before

    assert count([row(proposal_id=n, title="t") for n in range(1, 101)]) == count([row(title="t")])


def test_what_the_archive_tells_stays_when_headers_are_read_again(database: Database) -> None:
    batch = outcomes_with(row(title="cut short", proposal_type="GO"))
    archive = FakeArchive({NUMBER: Proposal(title="In full", cycle=25)})
    expected = [row("archive", title="In full", cycle=25, proposal_type="GO")]
    for _ in range(2):
        with database.write() as writer:
            write_proposals(writer, batch)
        refine_proposals(database, archive, batch)
        assert stored(database) == expected
    assert archive.asked == [[NUMBER]]  # once, and not again


def test_the_archive_is_asked_once_for_all_proposals_of_a_batch(database: Database) -> None:
    batch = outcomes_with(*(row(proposal_id=n) for n in (5, 3, 5, 3, 9)))
    archive = FakeArchive({3: Proposal(cycle=1)})
    with database.write() as writer:
        write_proposals(writer, batch)
    refine_proposals(database, archive, batch)
    assert archive.asked == [[3, 5, 9]]
    assert [found["source"] for found in stored(database)] == ["archive", "spt", "spt"]


def test_an_archive_that_does_not_answer_leaves_what_headers_say(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    batch = outcomes_with(row(title="as the header has it"))
    with database.write() as writer:
        write_proposals(writer, batch)
    refine_proposals(database, FakeArchive(error="MAST is down."), batch)
    assert stored(database) == [row(title="as the header has it")]
    assert "MAST is down." in caplog.text


def test_nothing_is_asked_or_written_without_a_proposal(database: Database) -> None:
    archive, before = FakeArchive(), database.statements
    refine_proposals(database, archive, [Outcome("loip01aaq", "none", "No files.")])
    assert (archive.asked, database.statements) == ([], before)


def test_runs_that_write_one_proposal_at_once_lose_nothing(database: Database) -> None:
    rows = [row(title="title"), row("header", investigator_last="Froning"),
            row("archive", cycle=25), row(proposal_type="GO")]  # fmt: skip

    def write(values: dict[str, object]) -> None:
        with database.write() as writer:
            record_proposals(writer, [values])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, rows * 5))
    assert stored(database) == [
        row("archive", title="title", investigator_last="Froning", cycle=25, proposal_type="GO")
    ]


def test_the_simulated_archive_knows_its_own_proposals_and_their_cycle(tmp_path: Path) -> None:
    archive = SimulatedArchive(1)
    (key,) = archive.find_rootnames("cos")
    products = [p for p in archive.list_products([key])[key] if p.filename.endswith("spt.fits")]
    archive.fetch(products, tmp_path)
    spt = read_headers(tmp_path / products[0].filename, "spt")
    found = read_proposal([spt])
    assert found is not None
    number = int(str(found["proposal_id"]))
    told = archive.describe_proposals([number, 12345])
    assert list(told) == [number]
    for column in ("title", "proposal_type", "investigator_last", "investigator_first"):
        assert getattr(told[number], column) == found[column]
    assert told[number].cycle == 25
    assert found["cycle"] is None


def test_every_simulated_proposal_is_known_and_no_other(tmp_path: Path) -> None:
    archive = SimulatedArchive(3 * EXPOSURES_PER_PROPOSAL)
    told = archive.describe_proposals([89_999, 90_000, 90_001, 90_002, 90_000 + 36**2])
    assert [proposal.cycle for proposal in told.values()] == [25, 26, 27]
    assert list(told) == [90_000, 90_001, 90_002]


def test_a_directory_knows_nothing_of_proposals(tmp_path: Path) -> None:
    assert DirectoryArchive(tmp_path).describe_proposals([NUMBER]) == {}
