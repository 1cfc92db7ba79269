"""What is on from the start: in the demo everything, elsewhere nothing until someone says so."""

from pathlib import Path

import dagster as dg
import pytest

from hstql_assets.definitions import build_definitions

SENSORS = {
    "changed_targets",
    "changed_images",
    "changed_blobs",
    "changed_bowtie",
    "changed_flat_gains",
    "changed_persistence",
    "changed_superdarks",
    "changed_unstable_pixels",
    "outdated_monitors",
    *(
        f"{instrument}_{name}"
        for instrument in ("cos", "stis", "acs", "wfc3")
        for name in ("new_observations", "changed_products", "outdated")
    ),
}
CRONS = {
    "daily_consistency_checks": "0 2 * * *",
    "weekly_summaries": "0 4 * * 1",
    "weekly_pruning": "0 6 * * 1",
}


TELLING = ("HSTQL_NOTIFY_MAIL", "HSTQL_NOTIFY_WEBHOOK")


def statuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **settings: str) -> set[str]:
    """Return the default statuses of all sensors and schedules, which must be all there."""
    for name in ("HSTQL_SENSORS", "HSTQL_ARCHIVE", "HSTQL_WORKERS", *TELLING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HSTQL_HOME", str(tmp_path))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    definitions = build_definitions()
    sensors = list(definitions.sensors or [])
    schedules = list(definitions.schedules or [])
    assert {sensor.name for sensor in sensors} == {*SENSORS, "failed_runs"}
    tells = sensors.pop([sensor.name for sensor in sensors].index("failed_runs"))
    assert tells.default_status.value == (
        "RUNNING" if any(name in settings for name in TELLING) else "STOPPED"
    )
    found = {}
    for schedule in schedules:
        assert isinstance(schedule, dg.ScheduleDefinition)
        assert schedule.execution_timezone == "UTC"
        found[schedule.name] = schedule.cron_schedule
    assert found == CRONS
    pruning = schedules.pop([schedule.name for schedule in schedules].index("weekly_pruning"))
    assert pruning.default_status.value == "STOPPED"
    return {one.default_status.value for one in [*sensors, *schedules]}


def test_they_run_where_the_archive_is_simulated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert statuses(monkeypatch, tmp_path) == {"RUNNING"}
    assert statuses(monkeypatch, tmp_path, HSTQL_SENSORS="false") == {"STOPPED"}


def test_they_are_stopped_elsewhere_unless_the_settings_say_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "archive").mkdir()
    for archive in ("mast", str(tmp_path / "archive")):
        assert statuses(monkeypatch, tmp_path, HSTQL_ARCHIVE=archive) == {"STOPPED"}
        assert statuses(
            monkeypatch, tmp_path, HSTQL_ARCHIVE=archive, HSTQL_SENSORS="true"
        ) == {"RUNNING"}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [
    ("HSTQL_NOTIFY_MAIL", "ann@example.org"), ("HSTQL_NOTIFY_WEBHOOK", "https://chat.example.org/x"),
])  # fmt: skip
def test_people_are_told_of_failed_runs_where_the_settings_name_somebody(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert statuses(monkeypatch, tmp_path, HSTQL_SENSORS="false", **{name: value}) == {"STOPPED"}


def test_the_definitions_load_and_everything_is_stopped_where_a_setting_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert statuses(monkeypatch, tmp_path, HSTQL_SENSORS="perhaps") == {"STOPPED"}


def test_polls_are_minutes_apart_and_the_settings_can_say_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HSTQL_HOME", str(tmp_path))
    usual = intervals()
    assert (usual["cos_new_observations"], usual["cos_outdated"]) == (300, 60)
    monkeypatch.setenv("HSTQL_POLL_INTERVAL_S", "10")
    assert set(intervals().values()) == {10, 60}
    assert [name for name, each_s in intervals().items() if each_s == 60] == ["failed_runs"]


def intervals() -> dict[str, int | None]:
    return {one.name: one.minimum_interval_seconds for one in build_definitions().sensors or []}
