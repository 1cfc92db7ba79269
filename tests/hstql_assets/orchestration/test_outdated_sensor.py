"""The sensor of what is behind: exactly the keys that something upstream has left behind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from builders.sensor_station import DEFINITIONS, SensorStation, open_sensor_station, ranges
from hstql_assets.orchestration.asset_list import build_assets
from hstql_assets.orchestration.jobs import describe_nodes
from hstql_assets.orchestration.key_states import read_outdated_keys
from hstql_resources.postgres.database import Database

SENSOR = "cos_outdated"
NOW = datetime.now(UTC) - timedelta(hours=2)
LATER = NOW + timedelta(hours=1)
FILES = ("cos/raw_files", "cos/calibrated_files")
PRODUCTS = ("cos/header_tables", "cos/previews", "cos/spectrum_statistics", "cos/pulse_heights",
            "telemetry", "jitter_statistics")  # fmt: skip
TIMETAG = ("cos/lightcurves", "cos/lightcurve_statistics", "cos/lightcurve_plots",
           "cos/extractions", "cos/time_resolved_spectra")  # fmt: skip
KEYS = [f"lb00000{letter}q" for letter in "abcdefgh"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def station(tmp_path: Path, database: Database) -> Iterator[SensorStation]:
    """Eight exposures, four of them TIME-TAG, of which everything is made."""
    opened = open_sensor_station(tmp_path, database)
    with opened.instance:
        opened.instance.add_dynamic_partitions("cos_rootname", KEYS)
        opened.instance.add_dynamic_partitions("cos_timetag_rootname", KEYS[:4])
        for number, asset in enumerate([*FILES, *PRODUCTS]):
            opened.decide(asset, KEYS, NOW + number * MINUTE)
        for number, asset in enumerate(TIMETAG):
            opened.decide(asset, KEYS[:4], NOW + (10 + number) * MINUTE)
        yield opened


def requested(result: dg.SensorResult) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for request, span in zip(result.run_requests or [], ranges(result), strict=True):
        found.setdefault(str(request.job_name), []).append(span)
    return found


def test_nothing_is_behind_where_all_is_made(station: SensorStation) -> None:
    result = station.tick(SENSOR)
    assert requested(result) == {}
    assert result.skip_reason is not None


@pytest.mark.parametrize("asset", FILES)
def test_what_is_made_of_changed_files_is_requested_for_exactly_their_keys(
    station: SensorStation, asset: str
) -> None:
    station.decide(asset, [KEYS[1], KEYS[2], KEYS[6]], LATER)
    assert requested(station.tick(SENSOR)) == {
        "cos_products": [(KEYS[1], KEYS[2]), (KEYS[6], KEYS[6])]
    }


def test_nothing_follows_from_files_that_were_retrieved_again_and_are_the_same(
    station: SensorStation,
) -> None:
    station.decide(FILES[0], KEYS, LATER, changed_at=NOW)
    assert requested(station.tick(SENSOR)) == {}


def test_lightcurves_follow_from_headers_that_changed(station: SensorStation) -> None:
    for asset in PRODUCTS:
        station.decide(asset, [KEYS[0], KEYS[5]], LATER)
    station.decide("cos/previews", [KEYS[0], KEYS[5]], LATER + MINUTE)
    assert requested(station.tick(SENSOR)) == {"cos_timetag": [(KEYS[0], KEYS[0])]}


def test_one_asset_of_a_key_that_is_behind_is_enough(station: SensorStation) -> None:
    station.decide("cos/lightcurves", [KEYS[3]], LATER)
    assert requested(station.tick(SENSOR)) == {"cos_timetag": [(KEYS[3], KEYS[3])]}


def test_a_new_key_is_requested_if_its_files_are_there(station: SensorStation) -> None:
    new = ["lb00000xq", "lb00000yq", "lb00000zq"]
    station.instance.add_dynamic_partitions("cos_rootname", new)
    station.decide(FILES[0], new[:2], LATER)
    station.decide(FILES[1], [new[0]], LATER, status="none")
    station.decide(FILES[0], [new[2]], LATER, status="missing")
    station.decide(FILES[1], [new[2]], LATER, status="missing")
    # Of the second one half is still to be retrieved; the third one has no files.
    assert requested(station.tick(SENSOR)) == {"cos_products": [(new[0], new[0])]}


def test_a_new_time_tag_key_is_requested_when_its_headers_are_there(
    station: SensorStation,
) -> None:
    station.instance.add_dynamic_partitions("cos_timetag_rootname", [KEYS[6]])
    assert requested(station.tick(SENSOR)) == {"cos_timetag": [(KEYS[6], KEYS[6])]}


def test_a_key_that_is_no_longer_registered_is_not_requested(station: SensorStation) -> None:
    station.instance.delete_dynamic_partition("cos_rootname", KEYS[1])
    station.decide(FILES[0], KEYS[:3], LATER)
    assert requested(station.tick(SENSOR)) == {"cos_products": [(KEYS[0], KEYS[2])]}


@pytest.mark.parametrize("job", ["cos_files", "cos_products", "cos_retrieval", "reprocess_all"])
def test_keys_that_a_run_is_at_work_on_wait_their_lightcurves_too(
    station: SensorStation, job: str
) -> None:
    station.decide(FILES[0], [KEYS[1], KEYS[6]], LATER)
    station.decide("cos/lightcurves", KEYS[:4], LATER)
    (request, *_) = station.tick(SENSOR).run_requests or []
    name = job if job != "reprocess_all" else "cos_products"
    station.record_run(request, name, dg.DagsterRunStatus.STARTED)
    assert requested(station.tick(SENSOR)) == {
        "cos_products": [(KEYS[6], KEYS[6])],
        "cos_timetag": [(KEYS[0], KEYS[0]), (KEYS[2], KEYS[3])],
    }


def test_what_waits_is_tried_again_when_it_is_due_also_after_a_failed_run(
    station: SensorStation,
) -> None:
    station.decide(FILES[0], KEYS[:2], LATER)
    (request,) = station.tick(SENSOR).run_requests or []
    station.record_run(request, "cos_products", dg.DagsterRunStatus.FAILURE, SENSOR)
    assert requested(station.tick(SENSOR)) == {}
    soon = datetime.now(UTC)
    station.wait("cos/previews", KEYS[:2], soon + timedelta(hours=1))
    assert requested(station.tick(SENSOR)) == {}
    names = set()
    for attempts in (1, 2):
        station.wait("cos/previews", KEYS[:1], soon - MINUTE, attempts)
        (again,) = station.tick(SENSOR).run_requests or []
        assert ranges(station.tick(SENSOR)) == [(KEYS[0], KEYS[0])]
        names.add(again.run_key)
    assert len({*names, request.run_key}) == 3


def test_a_run_over_lightcurves_does_not_hold_up_files(station: SensorStation) -> None:
    station.decide("cos/lightcurves", KEYS[:4], LATER)
    (request,) = station.tick(SENSOR).run_requests or []
    station.record_run(request, "cos_timetag", dg.DagsterRunStatus.STARTED)
    station.decide(FILES[0], [KEYS[1]], LATER)
    assert requested(station.tick(SENSOR)) == {"cos_products": [(KEYS[1], KEYS[1])]}


def test_a_state_whose_run_failed_is_not_requested_again_and_the_next_state_is(
    station: SensorStation,
) -> None:
    station.decide(FILES[0], [KEYS[1]], LATER)
    (request,) = station.tick(SENSOR).run_requests or []
    station.record_run(request, "cos_products", dg.DagsterRunStatus.FAILURE, SENSOR)
    assert requested(station.tick(SENSOR)) == {}
    # Nor together with a neighbour.
    station.decide(FILES[0], [KEYS[2]], LATER)
    assert requested(station.tick(SENSOR)) == {"cos_products": [(KEYS[2], KEYS[2])]}
    # Nor because the failed run got as far as the headers.
    station.decide("cos/header_tables", [KEYS[1]], datetime.now(UTC))
    assert requested(station.tick(SENSOR))["cos_products"] == [(KEYS[2], KEYS[2])]
    station.decide(FILES[0], [KEYS[1]], datetime.now(UTC))
    assert requested(station.tick(SENSOR))["cos_products"] == [(KEYS[1], KEYS[2])]


def test_two_ticks_at_once_ask_for_one_run(station: SensorStation) -> None:
    station.decide(FILES[0], KEYS[:3], LATER)
    first, other = (station.tick(SENSOR).run_requests or [] for _ in range(2))
    assert [one.run_key for one in first] == [one.run_key for one in other]
    station.decide(FILES[0], [KEYS[1]], LATER + MINUTE)
    (changed,) = station.tick(SENSOR).run_requests or []
    assert changed.run_key != first[0].run_key


def test_two_jobs_for_the_same_exposure_are_two_requests_to_dagster(
    station: SensorStation,
) -> None:
    for name in ("cos_timetag_rootname", "cos_fuv_event_rootname"):
        station.instance.add_dynamic_partitions(name, KEYS[:1])
    station.decide("cos/header_tables", KEYS[:1], LATER)
    requests = station.tick(SENSOR).run_requests or []
    assert {"cos_timetag", "cos_fuv_events"} <= {one.job_name for one in requests}
    assert len({one.run_key for one in requests}) == len(requests)


@pytest.mark.parametrize("instrument", ["cos", "stis", "acs", "wfc3"])
def test_each_instrument_has_its_sensor_and_its_job_without_files(instrument: str) -> None:
    sensor = DEFINITIONS.resolve_sensor_def(f"{instrument}_outdated")
    expected = {f"{instrument}_products"}
    if instrument in ("cos", "stis"):
        expected.add(f"{instrument}_timetag")
    if instrument == "cos":
        expected |= {"cos_darks", "cos_lampflashes", "cos_acquisitions", "cos_fuv_events"}
    assert {job.name for job in sensor.jobs} == expected
    parts = {
        part: {key.to_user_string()
               for key in DEFINITIONS.resolve_job_def(f"{instrument}_{part}").asset_layer
               .selected_asset_keys}
        for part in ("files", "retrieval", "products")
    }  # fmt: skip
    assert parts["retrieval"] == {f"{instrument}/raw_files", f"{instrument}/calibrated_files"}
    assert parts["retrieval"] | parts["products"] == parts["files"]
    assert not parts["retrieval"] & parts["products"]


def test_one_statement_tells_what_is_behind_of_thousands_of_keys(database: Database) -> None:
    nodes = [node for node in describe_nodes(build_assets())
             if node.name in PRODUCTS]  # fmt: skip
    before = database.statements
    assert read_outdated_keys(database, nodes) == {}
    assert database.statements == before + 1
