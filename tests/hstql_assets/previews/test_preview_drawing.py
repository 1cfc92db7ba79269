"""All pictures of an observation: rows, files, bad files among good ones, old pictures removed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builders.preview_files import constant, event_file, save, science, sky, source
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.previews.drawing import PreviewTask, draw_previews
from hstql_assets.previews.kinds import EVENTS, PREFERENCE, kind_of, rank
from hstql_assets.previews.picture_files import make_thumbnail
from hstql_resources.filenames import parse_filename
from hstql_resources.filesystem import Filesystem

KEY = "jaaa00aaq"


@pytest.fixture
def filesystem(tmp_path: Path) -> Filesystem:
    return Filesystem(tmp_path / "home")


def task(filesystem: Filesystem, *paths: Path, proposal: int | None = 9405) -> PreviewTask:
    return PreviewTask(KEY, proposal, tuple(source(path) for path in paths), (), filesystem)


def rows(outcome: Outcome) -> list[dict[str, object]]:
    return [dict(row) for row in outcome.rows.get("previews", ())]


def pictures(filesystem: Filesystem) -> list[str]:
    return sorted(
        str(path.relative_to(filesystem.home))
        for path in filesystem.home.rglob("*")
        if path.is_file()
    )


def image(tmp_path: Path, filetype: str, rows: int = 300, columns: int = 400) -> Path:
    path = tmp_path / f"{KEY}_{filetype}.fits"
    return save(path, "SBC", science(sky(rows, columns), BUNIT="COUNTS"))


def test_an_image_becomes_a_picture_a_thumbnail_and_a_row(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    outcome = draw_previews(task(filesystem, image(tmp_path, "flt")))
    folder = filesystem.home / "previews" / "9405"
    (row,) = rows(outcome)
    assert outcome.status == "made"
    assert row["path"] == str(folder / f"{KEY}_flt.jpg")
    assert row["thumbnail_path"] == str(folder / f"{KEY}_flt.thumb")
    assert (row["width"], row["height"], row["unit"], row["kind"]) == (400, 300, "COUNTS", "image")
    assert (row["is_preferred"], row["note"]) == (True, None)
    with Image.open(folder / f"{KEY}_flt.jpg") as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "L", (400, 300))
    with Image.open(folder / f"{KEY}_flt.thumb") as picture:
        assert (picture.format, picture.size) == ("JPEG", (128, 96))
    assert outcome.metadata["pictures"] == 1


def test_without_a_proposal_the_folder_is_called_unknown(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    outcome = draw_previews(task(filesystem, image(tmp_path, "flt"), proposal=None))
    assert "/previews/unknown/" in str(rows(outcome)[0]["path"])


def test_further_pictures_of_a_file_have_numbers(tmp_path: Path, filesystem: Filesystem) -> None:
    path = tmp_path / "oaaa00aaq_raw.fits"
    save(path, "FUV-MAMA", science(sky(64, 64), 1) + science(sky(64, 64), 2))
    outcome = draw_previews(replace(task(filesystem, path), key="oaaa00aaq"))
    assert [row["number"] for row in rows(outcome)] == [1, 2]
    assert [Path(str(row["path"])).name for row in rows(outcome)] == [
        "oaaa00aaq_raw.jpg",
        "oaaa00aaq_raw_2.jpg",
    ]
    assert [row["is_preferred"] for row in rows(outcome)] == [True, False]


def test_the_picture_that_stands_for_the_observation_is_the_first_in_the_order(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    paths = [image(tmp_path, name) for name in ("raw", "flt", "flc", "crj", "zzz")]
    outcome = draw_previews(task(filesystem, *paths))
    preferred = [row["filetype"] for row in rows(outcome) if row["is_preferred"]]
    assert preferred == ["flc"]
    assert outcome.metadata["path"] == filesystem.preview(9405, f"{KEY}_flc.fits").picture


def test_a_picture_that_shows_something_stands_before_one_that_does_not(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    empty = save(tmp_path / f"{KEY}_flt.fits", "SBC", constant(0.0, 300, 400))
    outcome = draw_previews(task(filesystem, empty, image(tmp_path, "raw")))
    assert [row["filetype"] for row in rows(outcome) if row["is_preferred"]] == ["raw"]


@pytest.mark.parametrize(
    ("value", "note"),
    [(2.5, "All pixels have the value 2.5 COUNTS."), (np.nan, "No pixel has a finite value.")],
)
def test_an_image_with_nothing_to_be_seen_is_a_grey_picture_with_a_note(
    tmp_path: Path, filesystem: Filesystem, value: float, note: str
) -> None:
    path = tmp_path / f"{KEY}_flt.fits"
    save(path, "SBC", science(np.full((300, 400), value, np.float32), BUNIT="COUNTS"))
    outcome = draw_previews(task(filesystem, path))
    (row,) = rows(outcome)
    assert (outcome.status, row["note"]) == ("made", note)
    assert outcome.metadata[f"note_{KEY}_flt.fits_1"] == note
    with Image.open(str(row["path"])) as picture:
        levels = np.asarray(picture).astype(int)
    assert levels.shape == (300, 400)
    assert abs(np.median(levels) - 128) <= 1
    assert levels.min() < 80  # the words
    assert row["low_value"] == (value if value == value else None)


def test_a_constant_without_pixels_is_drawn_at_its_size(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    path = save(tmp_path / f"{KEY}_raw.fits", "SBC", constant(0.0, 1024, 1024))
    (row,) = rows(draw_previews(task(filesystem, path)))
    assert (row["width"], row["height"]) == (1024, 1024)


def test_a_bad_file_is_named_and_the_others_are_drawn(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    good, broken, no_fits = image(tmp_path, "raw"), image(tmp_path, "flt"), tmp_path / "x"
    broken.write_bytes(broken.read_bytes()[:9000])
    no_fits = tmp_path / f"{KEY}_flc.fits"
    no_fits.write_text("this is no FITS file")
    outcome = draw_previews(task(filesystem, good, broken, no_fits))
    assert outcome.status == "made"
    assert [row["filetype"] for row in rows(outcome)] == ["raw"]
    assert {(bad.filename, bad.reason) for bad in outcome.bad_files} == {
        (f"{KEY}_flt.fits", "Unreadable"),
        (f"{KEY}_flc.fits", "Unreadable"),
    }
    assert all(bad.detail.endswith(".") for bad in outcome.bad_files)


def test_where_every_file_is_bad_the_observation_is(tmp_path: Path, filesystem: Filesystem) -> None:
    path = tmp_path / f"{KEY}_raw.fits"
    path.write_bytes(b"")
    outcome = draw_previews(task(filesystem, path))
    assert (outcome.status, rows(outcome)) == ("bad", [])
    assert outcome.reason == f"There is no picture of {KEY}: {KEY}_raw.fits is empty."


def test_telemetry_and_tables_have_no_picture(tmp_path: Path, filesystem: Filesystem) -> None:
    paths = [tmp_path / f"{KEY}_{name}.fits" for name in ("spt", "jit", "asn")]
    outcome = draw_previews(task(filesystem, *paths))
    assert outcome.status == "none"
    assert outcome.reason == "There is no picture of files of these types: asn, jit, spt."


def test_a_file_without_an_image_is_named(tmp_path: Path, filesystem: Filesystem) -> None:
    path = event_file(
        tmp_path / "laaa00aaq_rawacq.fits", "FUV", np.ones(3), np.ones(3), "DWELL COUNTS"
    )
    outcome = draw_previews(task(filesystem, path))
    assert (outcome.status, outcome.reason) == (
        "none",
        "There is no image in laaa00aaq_rawacq.fits.",
    )


def test_pictures_that_are_made_no_more_are_removed(tmp_path: Path, filesystem: Filesystem) -> None:
    path = image(tmp_path, "flt")
    first = draw_previews(task(filesystem, path))
    before = tuple(
        Path(str(row[name])) for row in rows(first) for name in ("path", "thumbnail_path")
    )
    moved = replace(task(filesystem, path, proposal=777), before=before)
    draw_previews(moved)
    assert pictures(filesystem) == [f"previews/777/{KEY}_flt.jpg", f"previews/777/{KEY}_flt.thumb"]
    draw_previews(replace(moved, sources=(), before=tuple(filesystem.home.glob("previews/*/*"))))
    assert pictures(filesystem) == []


def test_a_file_that_is_gone_leaves_the_pictures_as_they_are(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    path = image(tmp_path, "flt")
    draw_previews(task(filesystem, path))
    there = pictures(filesystem)
    path.unlink()
    outcome = draw_previews(
        replace(task(filesystem, path), before=tuple(filesystem.home.glob("*")))
    )
    assert outcome.status == "missing"
    assert outcome.reason is not None
    assert outcome.reason.startswith(f"{path} is not there any more")
    assert pictures(filesystem) == there


def test_drawing_twice_gives_the_same_bytes(tmp_path: Path, filesystem: Filesystem) -> None:
    path = image(tmp_path, "flt")
    contents = []
    for _ in range(2):
        draw_previews(task(filesystem, path))
        contents.append([(filesystem.home / name).read_bytes() for name in pictures(filesystem)])
    assert contents[0] == contents[1]


def test_a_thumbnail_has_128_pixels_at_most_and_the_aspect_of_its_picture() -> None:
    sizes = {
        (4096, 4146): (126, 128),
        (1024, 32): (128, 4),
        (70, 20): (70, 20),
        (9000, 1): (128, 1),
    }
    for size, expected in sizes.items():
        assert make_thumbnail(Image.new("L", size)).size == expected


def test_a_picture_that_is_too_long_for_its_format_is_made_smaller(
    tmp_path: Path, filesystem: Filesystem
) -> None:
    (row,) = rows(draw_previews(task(filesystem, image(tmp_path, "drz", 3, 70_000))))
    with Image.open(str(row["path"])) as picture:
        assert picture.size == (row["width"], row["height"]) == (35_000, 2)


def test_every_type_has_a_kind_and_the_order_names_no_type_twice() -> None:
    assert len(set(PREFERENCE)) == len(PREFERENCE)
    assert all(kind_of(name) is not None for name in PREFERENCE)
    assert {name for name in PREFERENCE if kind_of(name) == "events"} == set(EVENTS)
    assert [kind_of(name) for name in ("corrtag_a", "x1dsum3", "sx1", "x2d", "jit")] == [
        "events",
        "spectrum",
        "spectrum",
        "image",
        None,
    ]
    assert rank("corrtag_b") == rank("corrtag") < rank("unheard_of")


def test_every_real_file_has_a_picture_or_a_reason(
    real_archive: Path, filesystem: Filesystem
) -> None:
    drawn = without = 0
    for folder in sorted(real_archive.glob("*/*")):
        paths = [path for path in sorted(folder.iterdir()) if parse_filename(path.name)]
        outcome = draw_previews(replace(task(filesystem, *paths), key=folder.name))
        assert outcome.bad_files == ()
        if outcome.status == "none":
            without += 1
            assert outcome.reason
            continue
        assert outcome.status == "made"
        drawn += 1
        seen = {row["filename"] for row in rows(outcome)}
        expected = {
            source(path).filename
            for path in paths
            if kind_of(source(path).filetype) and "rawacq" not in path.name
        }
        assert expected <= seen
        for row in rows(outcome):
            with Image.open(str(row["path"])) as picture:
                assert picture.size == (row["width"], row["height"])
                if row["note"] is None:
                    levels = np.asarray(picture.convert("L"))
                    assert len(np.unique(levels)) > 10
    assert drawn > 50
    assert without > 10
