"""Who may import whom: floors, no circles, few late imports, and Dagster only where it is used.

Imports inside functions count as all others do, and so do those for types, but where it is said.
"""

import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from builders.module_imports import PROJECT, find_modules, read_imports

# Top down: a room imports itself, and what stands on a lower floor.
FLOORS = (
    ("hstql",),
    ("hstql_web",),
    ("hstql_assets.definitions", "hstql_assets.commands"),
    ("hstql_assets.orchestration",),
    ("hstql_assets.plots", "hstql_assets.monitors", "hstql_assets.headers"),
    (
        "hstql_assets.statistics",
        "hstql_assets.composites",
        "hstql_assets.cumulative_images",
        "hstql_assets.time_resolved",
    ),
    ("hstql_assets.lightcurves", "hstql_assets.observations"),
    ("hstql_assets.stis_events", "hstql_assets.previews"),
    ("hstql_assets.spectra", "hstql_assets.targets"),
    ("hstql_assets.pages", "hstql_assets.batching"),
    ("hstql_assets.images",),
    ("hstql_assets.science",),
    ("hstql_resources",),
    ("hstql_resources.fits", "hstql_resources.times"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# What the site draws with; all else it reads from tables.
BENEATH_THE_SITE = tuple(
    f"hstql_assets.{room}."
    for room in ("pages", "lightcurves", "composites", "images", "spectra", "science")
)
# Where a line would make the code worse: importer and imported module, and why.
EXCEPTIONS: dict[tuple[str, str], str] = {}
# By what they are for; a module of any other name works without Dagster.
DAGSTER_MODULES = frozenset({
    "assets", "checks", "sensors", "jobs", "partitions", "definitions", "asset_list", "graph",
    "batch_asset", "showing", "run_requests", "consequences", "changed_keys", "reset",
    "dagster_resources", "dagster_storage", "dagster_pools", "dagster_runs", "dagster_keys",
    "dagster_memory",
    "dagster_counts", "dagster_small_events", "dagster_launchers", "celery_launcher",
    "celery_worker",
})  # fmt: skip


def room_of(module: str) -> str | None:
    """Return the room that a module is in: the innermost, for fits is also in hstql_resources."""
    rooms = [room for room in FLOOR_OF if f"{module}.".startswith(f"{room}.")]
    return max(rooms, key=len, default=None)


def test_every_module_is_in_a_room() -> None:
    homeless = [name for name in find_modules() if room_of(name) is None]
    assert homeless == ["hstql_assets"]


def test_a_floor_imports_only_what_stands_below_it() -> None:
    upward = []
    for one in read_imports():
        room, other = room_of(one.importer), room_of(one.imported)
        if room is None or other in (None, room):
            continue
        is_known = (one.importer, one.imported) in EXCEPTIONS
        if FLOOR_OF[other] <= FLOOR_OF[room] and not is_known:
            upward.append(str(one))
    assert upward == []


def test_the_site_imports_nothing_that_makes_and_no_dagster() -> None:
    strangers = [
        str(one)
        for one in read_imports()
        if one.importer.startswith("hstql_web")
        and not f"{one.imported}.".startswith(BENEATH_THE_SITE)
        and one.imported.partition(".")[0] in ("dagster", "hstql_assets")
    ]
    assert strangers == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    uses: dict[str, set[str]] = {name: set() for name in find_modules()}
    for one in read_imports():
        if one.imported in uses and one.imported != one.importer:
            uses[one.importer].add(one.imported)
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        pytest.fail("A circle: " + " is imported by ".join(error.args[1]))


def test_each_import_inside_a_function_has_its_reason_beside_it() -> None:
    late = [one for one in read_imports() if one.is_late]
    assert late
    assert [str(one) for one in late if not one.has_reason] == []


def test_only_modules_that_are_for_it_import_dagster() -> None:
    leaks = [
        str(one)
        for one in read_imports()
        if one.imported.partition(".")[0].startswith("dagster")
        and one.importer.rpartition(".")[2] not in DAGSTER_MODULES
    ]
    assert leaks == []


IMPORTED = """
import sys, time
import hstql
dir(hstql), hstql.__version__
print(time.process_time())
assert "numpy" not in sys.modules
hstql.lightcurve, hstql.headers, hstql.connect
print(*sorted(name for name in sys.modules if name.startswith("dagster")))
"""


def test_the_public_names_come_when_they_are_asked_for_and_without_dagster() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    cpu_s, dagster = ran.stdout.split("\n")[:2]
    assert float(cpu_s) < 0.3
    assert dagster == ""
