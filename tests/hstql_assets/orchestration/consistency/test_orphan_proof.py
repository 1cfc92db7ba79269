"""What a database must know to call a file superfluous."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hstql_assets.orchestration.consistency import findings as kinds
from hstql_assets.orchestration.consistency.findings import Finding
from hstql_assets.orchestration.consistency.orphan_proof import (
    Memory,
    find_forgotten_commands,
    keep_unproven,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def stray(tmp_path: Path) -> Finding:
    """A file that was written just now."""
    path = tmp_path / "ld9m10ujq_x1d.fits"
    path.touch()
    return Finding(kinds.STRAY, "ld9m10ujq", str(path), "No row.", True)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_file_that_came_when_the_database_was_there_is_superfluous(stray: Finding) -> None:
    for since in (None, now() - HOUR):
        assert keep_unproven([stray], Memory(since), {}) == [stray]


def test_a_file_that_is_older_than_the_database_stays_until_it_is_decided(stray: Finding) -> None:
    later = Memory(now() + HOUR)
    for decided in ({}, {stray.path: now() - HOUR}):
        (kept,) = keep_unproven([stray], later, decided)
        assert not kept.can_heal
        assert "it stays until 'hstql materialize' has decided" in kept.detail
    assert keep_unproven([stray], later, {stray.path: now() + HOUR}) == [stray]


def test_a_copy_is_as_old_as_its_content(stray: Finding) -> None:
    before = (now() - 2 * HOUR).timestamp()
    os.utime(stray.path, (before, before))
    assert not keep_unproven([stray], Memory(now() - HOUR), {})[0].can_heal


def test_a_file_of_a_command_that_the_database_does_not_know_stays(
    stray: Finding, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    begin = now() - HOUR
    name = f"materialize_{begin:%Y-%m-%dT%H-%M-%S.%f}"
    (logs / f"{name}.log").touch()
    (logs / f"database_up_{begin:%Y-%m-%dT%H-%M-%S.%f}.log").touch()
    (logs / "postgres.log").touch()
    spans = find_forgotten_commands(logs, [])
    assert len(spans) == 1
    assert spans[0][0] == begin
    assert not keep_unproven([stray], Memory(None, spans), {})[0].can_heal
    assert find_forgotten_commands(logs, [name]) == []
    assert find_forgotten_commands(tmp_path / "none", []) == []


def test_what_is_no_stray_is_left_as_it_is(stray: Finding) -> None:
    other = Finding(kinds.FILE_TWICE, "k", stray.path, "Twice.", True)
    gone = Finding(kinds.STRAY, "k", f"{stray.path}.gone", "No row.", True)
    later = Memory(now() + HOUR)
    assert keep_unproven([other, gone], later, {})[0] == other
    assert not keep_unproven([gone], Memory(), {})[0].can_heal
