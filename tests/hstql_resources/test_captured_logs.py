"""Logs of runs and ticks on disk: found by what tables name, and never outside of their folder."""

import json
from pathlib import Path

from hstql_resources.captured_logs import find_tick_log, list_captured, read_end, write_plainly


def test_only_what_is_in_the_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "secret.err").write_text("x")
    (tmp_path / "logs" / "dagster").mkdir(parents=True)
    logs = tmp_path / "logs"
    assert list_captured(logs, "../../..") == []
    assert list_captured(logs, "none") == []
    assert find_tick_log(logs, []) is None
    assert find_tick_log(logs, ["..", "..", "secret"]) is None
    assert find_tick_log(logs, [str(tmp_path), "secret"]) is None


def test_the_end_of_a_log_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"first line\nsecond \xff line\n")
    assert read_end(path, 100).is_whole
    assert read_end(path, 18) == ("second \ufffd line\n", False)
    assert read_end(tmp_path / "gone.log", 10) == ("", True)


def test_records_become_lines_and_all_else_stays() -> None:
    record = {"levelname": "ERROR", "created": 0.0, "msg": "no", "exc_info": "Traceback"}
    lines = ["plain", json.dumps(record), "{not json", '{"other": 1}']
    assert write_plainly("\n".join(lines)) == (
        'plain\n1970-01-01 00:00:00 ERROR no\nTraceback\n{not json\n{"other": 1}'
    )
