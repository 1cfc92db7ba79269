"""Decisions are stored, and files, plots and rows follow them in one step."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hstql_assets.targets.assignment import settle_targets
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.settings import SettingsError
from hstql_resources.tables import Lightcurve, NamedPosition, Observation, Outcome, TargetName

Observe = Callable[..., None]
Make = Callable[[str, str], Path]

KEY, OTHER = "ls000101q", "ls000102q"


def rows(clients: Clients, *columns: Any) -> dict[str, Any]:
    """Return some columns of a table by their first one."""
    found = {row[0]: row[1:] for row in clients.database.read(select(*columns))}
    return {key: values[0] if len(values) == 1 else tuple(values) for key, values in found.items()}


def files(clients: Clients) -> list[str]:
    home = clients.filesystem.home
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


def override(clients: Clients, text: str) -> None:
    clients.filesystem.make_folder(clients.filesystem.home)
    (clients.filesystem.home / "targets.toml").write_text(text)


@pytest.fixture
def settled(clients: Clients, observe: Observe, make_lightcurve: Make) -> Clients:
    """Two exposures of one target, each with a lightcurve in its place."""
    observe(KEY, "GW-LIB", 10.0, 20.0)
    observe(OTHER, "GWLIB-COPY", 10.0, 20.0001, exp_start_mjd=58001.0)
    for rootname, slug in settle_targets(clients).slugs.items():
        make_lightcurve(rootname, slug)
    return clients


def test_decisions_are_stored_with_their_reasons(settled: Clients) -> None:
    name = TargetName
    found = rows(settled, name.rootname, name.target_name, name.resolved_name, name.target)
    assert found == {
        KEY: ("GW-LIB", "GW-LIB", "gw-lib"),
        OTHER: ("GWLIB-COPY", "GW-LIB", "gw-lib"),
    }
    reasons = rows(settled, name.rootname, name.reason)
    assert reasons[OTHER] == (
        "GWLIB-COPY: suffix -COPY left out; same place (0.4 arcsec) as GW-LIB."
    )


def test_settling_again_writes_nothing(settled: Clients) -> None:
    before = rows(settled, TargetName.rootname, TargetName.decided_at)
    state = files(settled)
    statements = settled.database.statements
    again = settle_targets(settled)
    assert (again.moved, again.touched) == ((), frozenset())
    assert settled.database.statements - statements == 4
    assert rows(settled, TargetName.rootname, TargetName.decided_at) == before
    assert files(settled) == state


def test_a_new_name_moves_lightcurve_plots_and_rows_and_the_old_folder_is_gone(
    settled: Clients,
) -> None:
    before = files(settled)
    assert len(before) == 14
    override(settled, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    settlement = settle_targets(settled)
    assert set(settlement.moved) == {KEY, OTHER}
    assert settlement.touched == {"gw-lib", "gw-librae"}
    moved = sorted(path.replace("/gw-lib/", "/gw-librae/") for path in before)
    assert files(settled) == sorted([*moved, "targets.toml"])
    assert not list(settled.filesystem.home.rglob("gw-lib"))
    curves = rows(settled, Lightcurve.rootname, Lightcurve.target, Lightcurve.path)
    for rootname, (target, path) in curves.items():
        assert target == "gw-librae"
        assert Path(path).read_text() == f"{rootname} {rootname}_curve.fits"
    assert set(rows(settled, Observation.rootname, Observation.target).values()) == {"gw-librae"}


def test_plots_that_moved_and_the_summaries_count_as_not_made(settled: Clients) -> None:
    decided = [
        ("cos/lightcurves", KEY),
        ("cos/lightcurve_plots", KEY),
        ("cos/lightcurve_plots", "ls000103q"),
        ("summary_plots", "all"),
    ]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with settled.database.write() as writer:
        writer.upsert(
            Outcome,
            [
                {"asset": a, "key": k, "status": "made", "decided_at": now, "changed_at": now}
                for a, k in decided
            ],
        )
    override(settled, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    settle_targets(settled)
    left = settled.database.read(select(Outcome.asset, Outcome.key).order_by(Outcome.key))
    assert [tuple(row) for row in left] == [decided[0], decided[2]]


def test_only_what_is_renamed_moves(
    settled: Clients, observe: Observe, make_lightcurve: Make
) -> None:
    observe("ls000103q", "STAR", 50.0, 0.0)
    make_lightcurve("ls000103q", settle_targets(settled).slugs["ls000103q"])
    override(settled, '[names]\n"STAR" = "Sun"\n')
    assert settle_targets(settled).moved == ("ls000103q",)
    assert settled.filesystem.lightcurve("gw-lib", KEY).is_file()


def test_an_exposure_that_comes_later_renames_nothing(settled: Clients, observe: Observe) -> None:
    observe("ls000103q", "AAA", 10.0, 20.0, exp_start_mjd=59000.0)
    settlement = settle_targets(settled)
    assert settlement.slugs["ls000103q"] == "gw-lib"
    assert settlement.moved == ()


def test_an_earlier_exposure_that_comes_to_light_renames_its_target(
    settled: Clients, observe: Observe
) -> None:
    observe("ls000103q", "FIRST", 10.0, 20.0, exp_start_mjd=50000.0)
    assert settle_targets(settled).touched == {"first", "gw-lib"}
    assert settled.filesystem.lightcurve("first", KEY).is_file()


def test_one_by_one_gives_the_same_as_all_at_once(clients: Clients, observe: Observe) -> None:
    exposures = [
        ("ls000105q", "X-1", 10.0, 20.0, 58003.0),
        ("ls000101q", "X1", 10.0, 20.0005, 58002.0),
        ("ls000103q", "X1", 80.0, 20.0, 58001.0),
        ("ls000102q", "X1-COPY", None, None, 58004.0),
        ("ls000104q", "Y", 10.0, 20.0001, 58000.0),
    ]
    columns = (TargetName.rootname, TargetName.target, TargetName.reason)
    for rootname, name, ra, dec, start in exposures:
        observe(rootname, name, ra, dec, exp_start_mjd=start)
        settle_targets(clients)
    one_by_one = rows(clients, *columns)
    with clients.database.write() as writer:
        writer.delete(TargetName, "rootname", list(one_by_one))
    settle_targets(clients)
    assert rows(clients, *columns) == one_by_one
    assert one_by_one["ls000105q"][0] == "y"


@pytest.mark.parametrize(
    "change",
    [
        {"obs_mode": "ACCUM"},
        {"exposure_type": "WAVECAL"},
        {"target_name": "DARK"},
        {"target_name": "WAVEHITM"},
    ],
)
def test_what_is_no_science_any_more_loses_its_decision(
    settled: Clients, observe: Observe, change: dict[str, str]
) -> None:
    observe(OTHER, change.pop("target_name", "GWLIB"), 10.0, 20.0, **change)
    assert settle_targets(settled).slugs == {KEY: "gw-lib"}
    assert list(rows(settled, TargetName.rootname, TargetName.target)) == [KEY]


def test_an_exposure_without_events_has_no_decision(clients: Clients, observe: Observe) -> None:
    row = {"rootname": KEY, "target_name": "X", "obs_mode": "TIME-TAG"}
    with clients.database.write() as writer:
        writer.upsert(Observation, [row])
    assert settle_targets(clients).slugs == {}


def test_a_position_by_sesame_is_used(clients: Clients, observe: Observe) -> None:
    observe(KEY, "GW-LIB", 10.0, 20.0)
    observe(OTHER, "V-GW-LIB-COPY", None, None)
    assert len(set(settle_targets(clients).slugs.values())) == 2
    answer = {"target_name": "V-GW-LIB", "ra_deg": 10.0, "dec_deg": 20.0}
    with clients.database.write() as writer:
        writer.upsert(NamedPosition, [answer | {"asked_at": "2026-01-01T00:00:00+00:00"}])
    assert set(settle_targets(clients).slugs.values()) == {"gw-lib"}


class KilledError(Exception):
    """Stands for the death of the process."""


class DyingFilesystem(Filesystem):
    """Moves a number of files, then dies."""

    moves_left = 3

    def relocate(self, source: Path, path: Path) -> bool:
        if DyingFilesystem.moves_left == 0:
            raise KilledError
        DyingFilesystem.moves_left -= 1
        return super().relocate(source, path)


def die_while_moving(clients: Clients, after: int) -> None:
    DyingFilesystem.moves_left = after
    dying = DyingFilesystem(clients.filesystem.home)
    with pytest.raises(KilledError):
        settle_targets(replace(clients, filesystem=dying))


@pytest.mark.parametrize("after", [0, 1, 3, 6, 11])
def test_the_next_call_ends_what_a_dead_process_began(settled: Clients, after: int) -> None:
    before = files(settled)
    override(settled, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    die_while_moving(settled, after)
    curves = rows(settled, Lightcurve.rootname, Lightcurve.target)
    assert set(curves.values()) == {"gw-lib"}
    assert set(settle_targets(settled).moved) == {KEY, OTHER}
    moved = sorted(path.replace("/gw-lib/", "/gw-librae/") for path in before)
    assert files(settled) == sorted([*moved, "targets.toml"])
    assert all(
        Path(path).is_file()
        for path in rows(settled, Lightcurve.rootname, Lightcurve.path).values()
    )


def test_a_thorough_call_brings_back_what_a_dead_process_moved_in_vain(settled: Clients) -> None:
    before = files(settled)
    override(settled, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    die_while_moving(settled, 7)
    (settled.filesystem.home / "targets.toml").unlink()
    settle_targets(settled, is_thorough=True)
    assert files(settled) == before


def test_what_a_batch_wrote_under_the_old_name_meanwhile_follows(
    settled: Clients, make_lightcurve: Make
) -> None:
    override(settled, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    settle_targets(settled)
    make_lightcurve(KEY, "gw-lib")
    assert settle_targets(settled).moved == (KEY,)
    assert not list(settled.filesystem.home.rglob("gw-lib"))


def test_a_lightcurve_of_an_earlier_home_stays_where_it_is(
    settled: Clients, tmp_path: Path
) -> None:
    moved_house = replace(settled, filesystem=Filesystem(tmp_path / "new"))
    override(moved_house, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    before = files(settled)
    settle_targets(moved_house)
    assert files(settled) == before
    paths = rows(settled, Lightcurve.rootname, Lightcurve.path, Lightcurve.target)
    assert all(Path(path).is_file() for path, _ in paths.values())
    assert {target for _, target in paths.values()} == {"gw-librae"}
    assert settle_targets(moved_house).moved == ()


def test_two_at_once_end_in_one_state(settled: Clients) -> None:
    override(settled, '[names]\n"GW-LIB" = "GW Librae"\n"GWLIB" = "GW Librae"\n')
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(settle_targets(settled))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert sorted(len(settlement.moved) for settlement in found) == [0, 0, 0, 2]
    assert len(files(settled)) == 15


def test_a_broken_override_file_stops_before_anything_is_written(settled: Clients) -> None:
    before = files(settled)
    override(settled, "names = 3")
    with pytest.raises(SettingsError, match=r"targets\.toml"):
        settle_targets(settled)
    assert files(settled) == sorted([*before, "targets.toml"])
