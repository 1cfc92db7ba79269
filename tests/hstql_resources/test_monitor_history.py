"""The history of the states of monitors: added to, read, never lost."""

from datetime import UTC, datetime
from pathlib import Path

from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import StateChange, add_change, find_history, read_changes

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def change(state: str, before: str = "ok", monitor: str = "darks") -> StateChange:
    return StateChange(monitor, "Darks\n<b>", state, before, 'It "is" 5 %.\nYes.', AT)


def test_changes_come_back_with_the_last_first_and_those_of_others_do_not(tmp_path: Path) -> None:
    filesystem = Filesystem(tmp_path / "home", 0o750)
    assert read_changes(filesystem, "darks") == []
    changes = [change("alarm"), change("ok", "alarm"), change("stale")]
    for one in (*changes, change("alarm", "", "gain")):
        add_change(filesystem, one)
    assert read_changes(filesystem, "darks") == changes[::-1]
    assert read_changes(filesystem, "gain") == [change("alarm", "", "gain")]
    assert read_changes(filesystem, "none") == []
    assert find_history(filesystem).stat().st_mode & 0o777 == 0o640


def test_a_line_that_is_cut_off_costs_no_other(tmp_path: Path) -> None:
    filesystem = Filesystem(tmp_path)
    add_change(filesystem, change("alarm"))
    with find_history(filesystem).open("a") as file:
        file.write('null\n[]\n{"monitor": "darks"}\n{"monitor": "da\n')
    add_change(filesystem, change("ok", "alarm"))
    assert [one.state for one in read_changes(filesystem, "darks")] == ["ok", "alarm"]
