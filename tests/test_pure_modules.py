"""Modules that neither read nor write tables work where there is no database, and no Dagster."""

import json
import subprocess
import sys
from functools import cache

from builders.module_imports import PROJECT, find_modules, read_imports

DATABASE = ("sqlalchemy", "psycopg2", "alembic")
BLOCKED = (*DATABASE, "dagster")
# Whoever imports one of these, and not only for types, reads or writes tables.
TABLES = ("hstql_resources.tables", "hstql_resources.postgres.database", "hstql_resources.clients")

# Rooms in which any module may.
ROOMS = (
    "hstql.homes", "hstql_web", "hstql_resources.site",
    "hstql_assets.definitions", "hstql_assets.commands", "hstql_assets.orchestration",
    "hstql_resources.postgres", "hstql_resources.tables", "hstql_resources.header_tables",
    "hstql_resources.clients", "hstql_resources.run_log", "hstql_resources.dagster_pools",
    "hstql_resources.dagster_resources", "hstql_resources.dagster_storage",
    "hstql_resources.dagster_runs", "hstql_resources.dagster_launchers",
    "hstql_resources.celery_launcher", "hstql_resources.celery_worker",
    "hstql_resources.dagster_keys", "hstql_resources.records", "hstql_resources.dagster_counts",
    "hstql_resources.dagster_small_events", "hstql_resources.dagster_memory",
)  # fmt: skip
# In all other rooms, the modules that may, by name: what Dagster sees, ...
ROLES = frozenset({
    "assets", "checks", "sensors", "partitions", "batch_asset", "showing", "run_requests",
    # ... what asks tables for the keys of a batch, or for all that a trend is made from, ...
    "attempts", "inputs", "decisions", "stored_files", "stored_states", "read", "reading",
    "news",
    "inventory", "listing", "polling", "raw_changes", "stale_trends",
    # ... what declares tables to be its own, ...
    "monitor", "registry",
    # ... what writes or empties them ...
    "recording", "proposal_rows", "copy_rows", "registering", "retiring",
    "trend_run", "provenance", "membership", "kept_sums",
    # ... and what asks in the middle of its work.
    "calibrating", "fetching", "assignment", "renaming", "sesame",
    "room", "recalling",
})  # fmt: skip
# The command line calls what reads tables; a part of the package of tables comes with all of it.
COME_WITH_TABLES = (
    "hstql_assets.commands", "hstql_resources.tables", "hstql_resources.site", "hstql_web",
)  # fmt: skip

IMPORT_ALL = """
import importlib, json, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is not there")

BLOCKED, names = json.load(sys.stdin)
sys.meta_path.insert(0, Refuse())
failed = {}
for name in names:
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed[name] = str(error)
json.dump(failed, sys.stdout)
"""


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    """Tell whether a module is one of the packages, or in one."""
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


@cache
def find_users() -> dict[str, str]:
    """Return the modules that import a database or Dagster, with an example of what."""
    return {
        one.importer: str(one)
        for one in read_imports()
        if not one.is_for_types and is_within(one.imported, (*BLOCKED, *TABLES))
    }


def find_pure() -> list[str]:
    """Return the modules that have to work without."""
    return [
        name
        for name in find_modules()
        if name not in find_users() and not is_within(name, COME_WITH_TABLES)
    ]


def test_pure_modules_work_without_database_and_dagster() -> None:
    names = find_pure()
    assert len(names) > 300
    ran = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        input=json.dumps([BLOCKED, names]),
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    assert json.loads(ran.stdout) == {}


def test_only_modules_that_are_for_it_use_the_database() -> None:
    strangers = [
        said
        for name, said in find_users().items()
        if not is_within(name, ROOMS) and name.rpartition(".")[2] not in ROLES
    ]
    assert strangers == []
