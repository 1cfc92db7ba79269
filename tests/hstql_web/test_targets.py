"""Targets: found by name and place, shown with what a person may see of them, and no more."""

import csv
import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from builders.databases import Databases
from builders.site_rows import ALL, CLOSED, MEMBER, NOW, Station, open_prepared
from builders.site_targets import HOSTILE, MIXED_COMPOSITE, OPEN_COMPOSITE, add_targets
from hstql_resources import tables
from hstql_web.archives import MANIFEST, Entry, stream_zip


@pytest.fixture(scope="module")
def station(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """The exposures of all tests of the site, and some more of a few targets."""
    with open_prepared(databases, tmp_path_factory.mktemp("targets")) as opened:
        add_targets(opened)
        yield opened


def ask(station: Station, person: str, path: str, status: int = 200, **query: str) -> Any:
    answer = station.client(person).get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer


def named(page: str, *names: str) -> list[str]:
    return [name for name in names if escape(name) in page]


def test_names_are_listed_as_a_person_may_see_them(station: Station) -> None:
    names = ("DEEP-STAR", "DEEPSTAR", "DARK-HORSE", "open star")
    page = ask(station, "rea", "/targets").text
    assert named(page, *names) == ["DEEP-STAR", "DEEPSTAR", "open star"]
    assert "dark-horse" not in page
    assert named(ask(station, MEMBER, "/targets").text, *names) == list(names)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("DEEP-S", ["DEEP-STAR", "DEEPSTAR"]), ("deep s", ["DEEP-STAR", "DEEPSTAR"]),
        ("deep-star", ["DEEP-STAR", "DEEPSTAR"]), ("deepstar", ["DEEPSTAR"]),
        ("deep", ["DEEP-STAR", "DEEPSTAR"]), ("EEP", []), ("%", []), ("_", []), ("*", []),
        ("dark", []), ("'; DROP TABLE files --", []), ("z" * 200, []),
    ],
)  # fmt: skip
def test_a_name_is_found_by_its_beginning_as_proposals_may_spell_it(
    station: Station, written: str, found: list[str]
) -> None:
    page = ask(station, "rea", "/targets", name=written).text
    listed = page[page.index('<div class="beside-map">') :]
    assert named(listed, "DEEP-STAR", "DEEPSTAR", "DARK-HORSE", "open star") == found
    assert ("There are none." in listed) == (not found)


def test_a_list_goes_on_behind_a_name(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hstql_web.pages.targets._MOST_LISTED", 1)
    behind, seen = "", []
    for _ in range(4):
        page = ask(station, "rea", "/targets", behind=behind, name="").text
        seen += named(page[page.index("<tbody>") :].partition("</tbody>")[0], HOSTILE, "DEEP-STAR",
                      "DEEPSTAR", "open star")  # fmt: skip
        behind = seen[-1]
    assert seen == [HOSTILE, "DEEP-STAR", "DEEPSTAR", "open star"]
    assert 'rel="next"' not in page


def test_a_circle_has_its_targets_the_nearest_first(station: Station) -> None:
    page = ask(station, "rea", "/targets", cone="10 20 60").text
    assert named(page, "DEEP-STAR", "DEEPSTAR") == ["DEEP-STAR", "DEEPSTAR"]
    assert page.index("DEEP-STAR") < page.index("DEEPSTAR")
    assert "dark-horse" not in page
    turned = ask(station, MEMBER, "/targets", cone="10.01 20 60").text
    assert turned.index("DARK-HORSE") < turned.index("DEEP-STAR")
    assert "There are none." in ask(station, MEMBER, "/targets", cone="10 20 60", name="x").text
    assert named(ask(station, "rea", "/targets", cone="10 20 1").text, "DEEPSTAR") == []


@pytest.mark.parametrize("query", [
    {"cone": "1 2"}, {"cone": "nan nan nan"}, {"cone": "1 91 1"}, {"name": "a\0b"},
    {"behind": "\n"}, {"name": "x" * 201},
])  # fmt: skip
def test_nonsense_is_told(station: Station, query: dict[str, str]) -> None:
    ask(station, "rea", "/targets", 422, **query)


@pytest.mark.parametrize("query", [{}, {"target": ""}, {"target_name": "\n"}, {"target": "\0"}])
def test_an_address_has_to_name_a_target(station: Station, query: dict[str, str]) -> None:
    for path in ("/target", "/target/archive", "/lightcurve"):
        ask(station, "rea", path, 422, **query)


def test_a_name_with_everything_in_it_is_only_a_name(station: Station) -> None:
    page = ask(station, "rea", "/target", target_name=HOSTILE).text
    assert "<script>alert" not in page
    assert f"<h1>{escape(HOSTILE)}</h1>" in page
    assert ">1 exposure</p>" in page
    assert "Without a position it is nowhere on the map" in page
    assert "/exposures?target_name" not in page  # what lists would read as a pattern
    answer = ask(station, "rea", "/target/archive", target_name=HOSTILE, files="yes")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="A_B_quoted_x_script_alert_1_script_100.zip"'
    )


def test_what_is_closed_is_not_there(station: Station) -> None:
    unknown = ask(station, "rea", "/target", 404, target="no-such").text
    assert ask(station, "rea", "/target", 404, target="dark-horse").text == unknown
    ask(station, "rea", "/target", 404, target_name="DARK-HORSE")
    ask(station, "rea", "/target/archive", 404, target="dark-horse", files="yes")
    assert "dark-horse" in ask(station, MEMBER, "/target", target="dark-horse").text


def test_a_composite_is_as_closed_as_its_strictest_member(station: Station) -> None:
    page = ask(station, "rea", "/target", target="deep-star").text
    assert named(page, OPEN_COMPOSITE, MIXED_COMPOSITE) == [OPEN_COMPOSITE]
    assert "G160M" not in page
    assert "ltar01a2q" not in page
    assert "2 exposures" in page
    assert "1.75" in page
    everything = ask(station, MEMBER, "/target", target="deep-star").text
    assert named(everything, OPEN_COMPOSITE, MIXED_COMPOSITE, "ltar01a2q") == [
        OPEN_COMPOSITE, MIXED_COMPOSITE, "ltar01a2q"]  # fmt: skip
    assert "3 exposures" in everything
    for ending in ("", "/picture"):
        ask(station, "rea", f"/composite/{MIXED_COMPOSITE}{ending}", 404)
        ask(station, MEMBER, f"/composite/{MIXED_COMPOSITE}{ending}")
        ask(station, "rea", f"/composite/{OPEN_COMPOSITE}{ending}")
        ask(station, "rea", f"/composite/none.fits{ending}", 404)


def test_a_composite_that_tells_why_a_closed_exposure_is_left_out_is_closed(
    station: Station,
) -> None:
    member = {"target": "deep-star", "rootname": "ltar01a3q", "made_at": NOW, "note": "Too faint."}
    row = tables.CompositeMember.__table__
    try:
        with station.database.write() as writer:
            writer.upsert(tables.CompositeMember, [member])
        ask(station, "rea", f"/composite/{OPEN_COMPOSITE}", 404)
        ask(station, MEMBER, f"/composite/{OPEN_COMPOSITE}")
    finally:
        with station.database.write() as writer:
            writer.execute(row.delete().where(row.c.rootname == "ltar01a3q"))


def unpack(content: bytes) -> tuple[dict[str, bytes], dict[str, dict[str, str]]]:
    """Return what is in an archive by name, and its manifest."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    rows = csv.DictReader(io.StringIO(files.pop(MANIFEST).decode()))
    return files, {row["name"]: row for row in rows}


def test_an_archive_has_what_a_person_may_see_and_nothing_else(station: Station) -> None:
    files, manifest = unpack(ask(station, "rea", "/target/archive", target="deep-star").content)
    stem = OPEN_COMPOSITE.removesuffix(".fits")
    assert set(files) == set(manifest) == {
        f"composites/{OPEN_COMPOSITE}", f"composites/plots/{stem}.png",
        "lightcurves/ltar01a1q_curve.fits", "lightcurves/ltar01a5q_curve.fits",
    }  # fmt: skip
    for name, content in files.items():
        row = manifest[name]
        assert (int(row["size_bytes"]), row["sha256"], row["note"]) == (
            len(content), sha256(content).hexdigest(), "")  # fmt: skip
    query = {"target": "deep-star", "files": "yes"}
    files, _ = unpack(ask(station, MEMBER, "/target/archive", **query).content)
    assert f"composites/{MIXED_COMPOSITE}" in files
    assert files["files/ltar01a2q/ltar01a2q_x1d.fits"] == b"spectrum of ltar01a2q"
    assert len(files) == 4 + 3 + 3


def test_what_is_not_there_is_named_with_the_reason(station: Station) -> None:
    gone, aside = (station.home / "files" / f"ltar01a{n}q_x1d.fits" for n in (1, 5))
    content = gone.read_bytes()
    file = tables.File.__table__
    try:
        gone.unlink()
        with station.database.write() as writer:
            writer.execute(file.update().where(file.c.filename == aside.name)
                           .values(set_aside_at=datetime(2026, 2, 3, tzinfo=UTC)))  # fmt: skip
        query = {"target": "deep-star", "files": "yes"}
        files, manifest = unpack(ask(station, "rea", "/target/archive", **query).content)
        page = ask(station, "rea", "/target", target="deep-star").text
    finally:
        gone.write_bytes(content)
        with station.database.write() as writer:
            writer.execute(file.update().values(set_aside_at=None))
    assert not any(name.startswith("files/") for name in files)
    row = manifest["files/ltar01a1q/ltar01a1q_x1d.fits"]
    assert (row["rootname"], row["size_bytes"], row["note"]) == (
        "ltar01a1q", "", "It is not on the disk any more.")  # fmt: skip
    note = manifest["files/ltar01a5q/ltar01a5q_x1d.fits"]["note"]
    assert note == "It was set aside on 2026-02-03: the archive hands it out again."
    assert "1 file, 21 bytes" in page


def test_an_archive_is_sent_as_it_is_read(tmp_path: Path) -> None:
    size = 20 << 20
    large, later = tmp_path / "large", tmp_path / "later"
    with large.open("wb") as file:
        file.truncate(size)
    parts = stream_zip([Entry("a/large", "x", large), Entry("later", "", later),
                        Entry("folder", "", tmp_path)])  # fmt: skip
    first = next(parts)
    assert 0 < len(first) < 2 << 20
    later.write_bytes(b"came while the first was sent")
    sent = [first, *parts]
    assert max(map(len, sent)) < 2 << 20
    files, manifest = unpack(b"".join(sent))
    assert len(files["a/large"]) == size
    assert files["later"] == b"came while the first was sent"
    assert "cannot be read" in manifest["folder"]["note"]
    assert "folder" not in files


def test_too_many_files_are_refused(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hstql_web.pages.target_archive.MOST_FILES", 1)
    answer = ask(station, "rea", "/target/archive", 422, target="deep-star", files="yes")
    assert "more than 1 files" in answer.text


def test_programs_get_the_same(station: Station) -> None:
    listed = ask(station, "rea", "/api/v1/targets", name="deep", limit="1").json()
    assert [(one["target_name"], one["target"], one["exposures"]) for one in listed["targets"]] == [
        ("DEEP-STAR", "deep-star", 1)
    ]
    following = station.client("rea").get(listed["next"]).json()
    assert [one["target_name"] for one in following["targets"]] == ["DEEPSTAR"]
    assert following["next"] is None
    shown = ask(station, "rea", "/api/v1/target", target="deep-star").json()
    assert shown["exposures"] == ["ltar01a1q", "ltar01a5q"]
    assert [one["filename"] for one in shown["composites"]] == [OPEN_COMPOSITE]
    assert "path" not in shown["composites"][0]
    assert [one["poisson_factor"] for one in shown["statistics"]] == [1.75]
    ask(station, "rea", "/api/v1/target", 404, target="dark-horse")


def counted(station: Station, person: str) -> str:
    """Return the page of targets when the sky was counted for a person."""
    for _ in range(600):
        page = ask(station, person, "/targets", name="none").text
        if "are being counted" not in page:
            return page
        threading.Event().wait(0.1)
    pytest.fail("The sky was never counted.")


def test_the_map_counts_for_each_person_what_they_may_see(station: Station) -> None:
    assert "; 2 in all" in counted(station, "rea")
    assert "; 4 in all" in counted(station, MEMBER)
    assert "; 4 in all" in counted(station, ALL)
    access = tables.ProposalAccess.__table__
    row = {"person": MEMBER, "proposal_id": CLOSED, "granted_by": "ann"}
    try:
        with station.database.write() as writer:
            writer.execute(access.delete().where(access.c.person == MEMBER))
        assert "; 2 in all" in counted(station, MEMBER)
    finally:
        with station.database.write() as writer:
            writer.upsert(tables.ProposalAccess, [row])
