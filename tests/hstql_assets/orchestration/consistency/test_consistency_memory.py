"""What is checked in parts, and kept in part, tells the same as all of it at once."""

import random
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hstql_assets.orchestration.consistency import findings as kinds
from hstql_assets.orchestration.consistency import inputs
from hstql_assets.orchestration.consistency.disk_listing import DiskFile
from hstql_assets.orchestration.consistency.duplicates import find_duplicates, find_suspects
from hstql_assets.orchestration.consistency.findings import Finding, examine
from hstql_assets.orchestration.consistency.fingerprints import Paths
from hstql_assets.orchestration.consistency.inputs import HeldFiles, stream_files
from hstql_assets.orchestration.consistency.repair import plan_repair
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def lose(number: int) -> Iterator[Finding]:
    """Yield findings as of a disk that was lost, each once it is asked for."""
    for one in range(number):
        key = f"l{one // 4:08d}"
        path = f"/archive/files/{key}/{key}_{one % 4}.fits"
        detail = "A row names it, and it is not there."
        yield Finding(kinds.FILE_MISSING, key, path, detail, True, "cos/raw_files")


def test_of_many_findings_the_first_are_kept_and_all_are_counted_and_healed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kinds, "KEPT", 7)
    strays = [Finding(kinds.STRAY, "k", f"/{one:03d}", "No row.", True) for one in range(40)]
    found = [*strays, *lose(40), Finding(kinds.FOREIGN, "", "/x", "Not ours.")]
    whole = sorted(found, key=lambda one: (not one.is_loss, one.kind, one.key, one.path))
    random.Random(1).shuffle(found)
    examination = examine(iter(found))
    assert examination.findings == tuple(whole[:7])
    assert examination.kinds == {kinds.STRAY: 40, kinds.FILE_MISSING: 40, kinds.FOREIGN: 1}
    assert (examination.number, examination.number_healed) == (81, 80)
    assert examination.list_lines(5)[5:] == ["... and 76 more"]
    plan = plan_repair({("cos", "files_are_there"): examination})
    assert plan.again == {"cos/raw_files": tuple(f"l{one:08d}" for one in range(10))}
    assert plan.removals == tuple(one.path for one in strays)


@pytest.mark.parametrize("number", [30_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_memory_grows_with_the_keys_and_not_with_what_is_found_of_them(number: int) -> None:
    tracemalloc.start()
    try:
        examine(lose(number))
        assert tracemalloc.get_traced_memory()[1] < 15e6 + 150 * number / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("seed", range(5))
def test_duplicates_are_found_among_the_suspects_only(seed: int) -> None:
    chance = random.Random(seed)
    folders = ["/m/lb00/lb0000aaq", "/m/lb00/LB0000AAQ", "/m/lb00/lb0000abq", "/m/odd"]
    names = [f"{root}_{kind}.fits{end}" for root in ("lb0000aaq", "lb0000abq", "lb0000acq")
             for kind in ("raw", "x1d") for end in ("", ".gz")]  # fmt: skip
    everything = [DiskFile(folder, name) for folder in folders for name in names]
    files = chance.sample(everything, chance.randrange(1, 20))
    own = [DiskFile(f"/m/l{one:08d}", f"l{one:08d}_raw.fits") for one in range(50)]
    number, suspects = find_suspects(lambda: own + files)
    assert number == 50 + len(files)
    assert not set(suspects) & set(own)
    used = {file.path for file in chance.sample(files, len(files) // 2)}
    assert find_duplicates(suspects, used) == find_duplicates(own + files, used)


def test_paths_are_those_that_were_given() -> None:
    paths = Paths(f"/files/{one}" for one in range(0, 2000, 2))
    assert [f"/files/{one}" in paths for one in range(2000)] == [True, False] * 1000
    assert paths
    assert "/files/0" not in Paths([])
    assert not Paths([])


def test_rows_are_read_in_parts_and_are_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"filename": f"{root}_{kind}.fits", "rootname": root, "path": f"/{root}_{kind}.fits",
         "kind": "raw", "filetype": kind, "size_bytes": 1, "ingest_date": datetime.now(UTC)}
        for root in (f"l{one:08d}" for one in range(23)) for kind in ("rawtag", "spt")
    ]  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.File, rows)
    (whole,) = stream_files(database, "cos")
    monkeypatch.setattr(inputs, "NAMES_AT_ONCE", 5)
    monkeypatch.setattr(inputs, "FILES_AT_ONCE", 6)
    held = HeldFiles(database, "cos")
    assert (len(held), sorted(held)) == (23, sorted({row.key for row in whole}))
    assert "l00000099" not in held
    found = [file for _, some in sorted(held.items()) for file in some]
    by_name = {file.filename: file for file in whole}
    assert {file.filename: replace(file) for file in found} == by_name
    assert [len(some) for some in stream_files(database, "cos")] == [6] * 7 + [4]
