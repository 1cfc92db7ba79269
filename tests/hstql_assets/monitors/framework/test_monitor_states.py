"""States of monitors in the database, and where exposures lead."""

from datetime import UTC, datetime
from pathlib import Path

from builders.invented_charts import make_report, make_row, make_trend
from hstql_assets.monitors.framework.states import find_page
from hstql_assets.monitors.framework.stored_states import read_links, read_states
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_states_are_kept_and_read_with_alarms_first(database: Database) -> None:
    rows = []
    for name, state in (("b", "ok"), ("a", "ok"), ("z", "alarm"), ("y", "empty")):
        rows.append(make_row(make_trend(name, f"Title {name}"), make_report([]), None))
        rows[-1] |= {"state": state, "changed_at": NOW}
    with database.write() as writer:
        writer.upsert(tables.MonitorState, rows)
    found = read_states(database)
    assert [row["monitor"] for row in found] == ["z", "a", "b", "y"]
    again = make_row(make_trend("a"), make_report([]), found[1])
    assert again["changed_at"] == NOW
    assert set(again) == set(found[0])


def test_an_exposure_leads_to_its_preview_or_else_to_the_folder_of_its_files(
    database: Database, tmp_path: Path
) -> None:
    filesystem = Filesystem(tmp_path / "home with spaces")
    picture = filesystem.home / "previews" / "1" / "a#_x1d.jpg"
    names = ("with00001", "only00002", "alien0003", "never0004")
    with database.write() as writer:
        writer.upsert(tables.File, [
            file(names[0], filesystem.observation_folder(names[0])),
            file(names[1], filesystem.observation_folder(names[1])),
            file(names[2], tmp_path / "archive"),
        ])  # fmt: skip
        writer.upsert(tables.Preview, [
            preview(names[0], picture, True),
            preview(names[0], picture.with_name("another.jpg"), False),
        ])  # fmt: skip
    before = database.statements
    links = read_links(database, filesystem, names)
    assert database.statements == before + 1
    assert links == {
        names[0]: "../../../previews/1/a%23_x1d.jpg",
        names[1]: f"../../../files/only/{names[1]}/",
        names[2]: "../../../../archive/",
    }
    page = find_page(filesystem, "dark_rate_monitor")
    assert (page.parent / links[names[1]]).resolve() == filesystem.observation_folder(names[1])
    assert read_links(database, filesystem, []) == {}


def file(rootname: str, folder: Path) -> dict[str, object]:
    name = f"{rootname}_corrtag_a.fits"
    return {
        "filename": name, "rootname": rootname, "filetype": "corrtag_a", "kind": "calibrated",
        "path": str(folder / name), "size_bytes": 1, "ingest_date": NOW,
    }  # fmt: skip


def preview(rootname: str, path: Path, is_preferred: bool) -> dict[str, object]:
    return {
        "filename": f"{path.stem}.fits", "number": 1, "rootname": rootname, "filetype": "x1d",
        "kind": "spectrum", "extver": 1, "path": str(path), "thumbnail_path": str(path),
        "width": 10, "height": 10, "is_preferred": is_preferred, "ingest_date": NOW,
    }  # fmt: skip
