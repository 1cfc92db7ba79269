"""The comparisons without a database: sets in, findings out."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hstql_assets.batching.asset_nodes import list_owned_files
from hstql_assets.orchestration.asset_list import list_nodes
from hstql_assets.orchestration.consistency import findings as kinds
from hstql_assets.orchestration.consistency.archive_diff import ArchiveState, compare_with_archive
from hstql_assets.orchestration.consistency.disk_listing import (
    DiskFile,
    Listing,
    list_files,
    walk_files,
)
from hstql_assets.orchestration.consistency.findings import Examination, Finding, examine
from hstql_assets.orchestration.consistency.orphan_files import (
    find_orphan_files,
    find_owner,
    instrument_of_file,
)
from hstql_assets.orchestration.consistency.recorded_files import (
    RecordedFile,
    choose_sample,
    find_missing_files,
    find_wrong_checksums,
    hash_file,
)
from hstql_resources.archive import Product

OWNED = list_owned_files(list_nodes())
ROOT = "odlm18040"


def compare(state: ArchiveState) -> list[Finding]:
    return list(compare_with_archive(state))


def held(filename: str, size: int = 10, made_by: str = "stis/calibrated_files") -> RecordedFile:
    return RecordedFile(filename, filename[:9], f"/files/{filename}", made_by, size, "0" * 64)


def state(products: list[Product], rows: list[RecordedFile], **others: object) -> ArchiveState:
    values = {
        "archive": "directory", "instrument": "stis", "offered": {ROOT}, "registered": {ROOT},
        "products": {ROOT: products}, "held": {ROOT: rows} if rows else {}, "reasons": {},
        "is_in_place": False,
    }  # fmt: skip
    return ArchiveState(**(values | others))  # type: ignore[arg-type]


def product(filetype: str, size: int | None = 10) -> Product:
    return Product(ROOT, f"{ROOT}_{filetype}.fits.gz", "", size)


def test_a_corrtag_that_is_made_here_from_a_tag_file_is_not_gone_from_the_archive() -> None:
    made = replace(held(f"{ROOT}_corrtag.fits"), is_made_here=True)
    rows = [held(f"{ROOT}_tag.fits"), made]
    assert compare(state([product("tag")], rows)) == []
    rows = [held(f"{ROOT}_raw.fits"), held(f"{ROOT}_corrtag.fits")]
    (finding,) = compare(state([product("raw")], rows))
    assert (finding.kind, finding.remade_by) == (kinds.PRODUCT_GONE, "stis/calibrated_files")


def test_a_size_in_the_archive_counts_only_where_it_is_told_and_files_are_copied() -> None:
    rows = [held(f"{ROOT}_tag.fits", size=11)]
    (finding,) = compare(state([product("tag")], rows))
    assert (finding.kind, finding.remade_by) == (kinds.PRODUCT_CHANGED, "stis/raw_files")
    assert compare(state([product("tag", None)], rows)) == []
    assert compare(state([product("tag")], rows, is_in_place=True)) == []


def test_what_is_not_public_and_not_here_is_no_finding() -> None:
    secret = replace(product("tag"), is_public=False)
    assert compare(state([secret], [])) == []
    assert compare(state([secret, product("raw")], [held(f"{ROOT}_raw.fits")])) == []
    (finding,) = compare(state([secret], [held(f"{ROOT}_tag.fits", size=11)]))
    assert finding.kind == kinds.PRODUCT_CHANGED


def test_a_closed_folder_of_the_archive_is_told_once_and_its_rows_are_left_alone() -> None:
    closed = Product(ROOT, "", "/archive/odlm/odlm18040")
    (finding,) = compare(state([closed], [held(f"{ROOT}_tag.fits")]))
    assert (finding.kind, finding.path) == (kinds.ARCHIVE_CLOSED, closed.location)
    assert finding.is_loss
    assert not finding.can_heal


def test_what_nobody_registered_is_no_fault() -> None:
    unasked = replace(state([], []), products={})
    assert compare(replace(unasked, registered=frozenset())) == []
    (finding,) = compare(unasked)
    assert (finding.kind, finding.key) == (kinds.NEVER_RETRIEVED, ROOT)


def test_a_folder_is_listed_once_for_all_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    calls = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: calls.append(path) or scandir(path))
    names = ("a", "b", "c", "link", "circle")
    listing = list_files([f"{tmp_path}/{name}" for name in names], with_sizes=True)
    assert listing.sizes == {str(tmp_path): {"a": 5, "b": 5}}
    assert calls == [str(tmp_path)]


def test_missing_closed_and_locked_files_are_told_apart() -> None:
    paths = ("/a/1", "/a/2", "/a/3", "/b/4", "/c/5")
    rows = [RecordedFile(path[3:], "k", path, "x") for path in paths]
    listing = Listing(
        {"/a": {"1": -1, "3": -1}, "/c": {}}, {"/b": "Permission denied"}, frozenset({"/a/3"})
    )
    found = {one.path: (one.kind, one.detail) for one in find_missing_files(rows, listing)}
    assert found == {
        "/a/2": (kinds.FILE_MISSING, "A row names it, and it is not there."),
        "/a/3": (kinds.FILE_CLOSED, "There is no permission to read it."),
        "/b/4": (kinds.FILE_CLOSED, "Its folder cannot be read: Permission denied."),
        "/c/5": (kinds.FILE_MISSING, "A row names it, and it is not there."),
    }


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("files/ldfd/ldfd01vlq/ldfd01vlq_spt.fits.gz", "ldfd01vlq"),
        ("files/ldfd/ldfd01vlq/ldfd01vlj_jit.fits", "ldfd01vlq"),
        ("files/ldfd/ldfd01vlq/ldfd01vnq_spt.fits", None),
        ("files/ldfd/ldfd01vlq/ldfd01vlq.txt", None),
        ("files/ld9m/ldfd01vlq/ldfd01vlq_spt.fits", None),
        ("files/LDFD/LDFD01VLQ/ldfd01vlq_spt.fits", None),
        ("files/ldfd01vlq_spt.fits", None),
        ("products/lightcurves/gj-436/ld9m10ujq_curve.fits", "ld9m10ujq"),
        ("products/lightcurves/gj-436/mine.fits", None),
        ("products/composites/hlsp_hstlc_hst_cos-fuv_gj-436_g130m_1291_psa_v1_sci.fits", "gj-436"),
        ("products/composites/hlsp_other.fits", None),
        ("products/gain/fuva/167/fuva_167_2015-01-05_gainmap.fits", "fuva_167_2015-01-05"),
        ("products/gain/fuva/167/mine.fits", None),
        ("products/gain/trends/total_gain.fits", ""),
        ("previews/14767/ld9m10ujq_x1d.jpg", "ld9m10ujq"),
        ("previews/14767/jbz504ejq_flt_2.thumb", "jbz504ejq"),
        ("previews/14767/holiday.jpg", None),
        ("logs/check.log", None),
    ],
)
def test_only_what_hstql_writes_under_that_name_is_its_own(path: str, owner: str | None) -> None:
    folder, _, name = f"/home/{path}".rpartition("/")
    assert find_owner("/home", DiskFile(folder, name), OWNED) == owner
    assert find_owner("/home", DiskFile(folder, name, is_regular=False), OWNED) is None


def test_a_folder_that_cannot_be_looked_into_is_no_stray() -> None:
    closed = DiskFile("/home/files/ldfd", "ldfd01vlq", False, "Permission denied")
    (finding,) = find_orphan_files("/home", [closed], [], OWNED)
    assert (finding.kind, finding.can_heal) == (kinds.FILE_CLOSED, False)


def test_where_the_tables_were_emptied_no_file_is_removed() -> None:
    file = DiskFile("/home/files/ldfd/ldfd01vlq", "ldfd01vlq_spt.fits")
    (emptied,) = find_orphan_files("/home", [file], [], OWNED)
    (stray,) = find_orphan_files(
        "/home", [file], ["/home/files/ldfd/ldfd01vnq/ldfd01vnq_spt.fits"], OWNED
    )
    assert (emptied.kind, emptied.can_heal) == (kinds.STRAY, False)
    assert (stray.kind, stray.can_heal) == (kinds.STRAY, True)


@pytest.mark.parametrize(
    ("name", "instrument"),
    [
        ("ld9m", "cos"), ("LD9M", "cos"), ("obri", "stis"), ("j8bt", "acs"), ("ibxy", "wfc3"),
        ("hlsp_hstlc_hst_stis-fuv-mama_gj-849_g140m_1222_52x0.2_v1_sci.fits", "stis"),
        ("readme", "cos"),
    ],
)  # fmt: skip
def test_every_name_is_told_with_one_instrument(name: str, instrument: str) -> None:
    assert instrument_of_file(name) == instrument


def test_links_are_named_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "skipped").mkdir()
    (tmp_path / "skipped" / "file").write_bytes(b"")
    found = list(walk_files(str(tmp_path), skip=[f"{tmp_path}/skipped"]))
    assert [(file.path, file.is_regular) for file in found] == [
        (f"{tmp_path}/a/file", True),
        (f"{tmp_path}/b", False),
    ]
    assert list(walk_files(f"{tmp_path}/nowhere")) == []


def test_a_sample_is_bounded_the_same_on_one_day_and_another_on_the_next() -> None:
    rows = [held(f"lsim0{number:03d}q_x1d.fits", size=100) for number in range(300)]
    first = choose_sample(rows, 20, 10_000, "2024-01-01")
    assert len(first) == 20
    assert first == choose_sample(reversed(rows), 20, 10_000, "2024-01-01")
    assert len({one.filename for one in first + choose_sample(rows, 20, 10_000, "2024-01-02")}) > 30
    assert len(choose_sample(rows, 20, 1000, "2024-01-01")) == 10
    assert len(choose_sample(rows, 20, 1, "2024-01-01")) == 1
    assert choose_sample(rows, 0, 1000, "2024-01-01") == []
    seen = {one.filename for day in range(200) for one in choose_sample(rows, 20, 10_000, str(day))}
    assert len(seen) == 300


def test_checksums_are_those_of_the_content_and_what_is_gone_is_told_elsewhere(
    tmp_path: Path,
) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert str(hash_file(str(path))[0]).startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")
    assert hash_file(f"{tmp_path}/gone") == (None, None)
    assert hash_file(str(tmp_path))[1] == "is no file, and was not opened: it is a folder"
    rows = [
        RecordedFile(name, "k", f"{tmp_path}/{name}", "cos/raw_files", 3, "0" * 64)
        for name in ("abc", "gone")
    ]
    hashed = {row.path: hash_file(row.path) for row in rows}
    (finding,) = find_wrong_checksums(rows, hashed)
    assert (finding.kind, finding.path) == (kinds.WRONG_CHECKSUM, str(path))


def test_a_long_list_is_cut_and_says_how_many_more_with_losses_first() -> None:
    strays = [Finding(kinds.STRAY, f"k{number:03d}", "p", "d") for number in range(60)]
    examination = examine([*strays, Finding(kinds.FILE_MISSING, "z", "p", "gone")])
    lines = examination.list_lines(10)
    assert lines[0] == "file missing: z p: gone"
    assert lines[10:] == ["... and 51 more"]
    assert examination.kinds == {kinds.STRAY: 60, kinds.FILE_MISSING: 1}
    assert examination.is_loss
    assert not examine(strays).is_loss
    assert Examination().passed
    assert not Examination(error="The archive does not answer.").passed
