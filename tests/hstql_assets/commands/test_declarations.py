"""What commands are declared, how quick that is, and how wrong usage is told."""

import ast
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hstql_assets.batching.asset_names import name_sets
from hstql_assets.commands import completion, declarations
from hstql_assets.commands.cli import main
from hstql_assets.commands.completion import find_assets
from hstql_assets.orchestration.asset_list import list_nodes
from hstql_assets.orchestration.consistency.run_checks import CHECKS

HEAVY = {"dagster", "sqlalchemy", "pydantic", "numpy", "astropy", "rich", "psycopg2"}
OF_THE_GRAPH = {
    "dagster", "astropy", "numpy", "scipy", "matplotlib", "bokeh", "PIL", "requests", "alembic",
    "distributed",
}  # fmt: skip


def find_places() -> list[str]:
    """Return what the decorators `runs` name."""
    tree = ast.parse(Path(declarations.__file__).read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        str(ast.literal_eval(call.args[0]))
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "runs"
    ]


@pytest.mark.parametrize("place", find_places())
def test_what_each_command_runs_is_there(place: str) -> None:
    module, name = place.split(":")
    assert callable(getattr(import_module(f"hstql_assets.commands.{module}"), name))


def test_help_and_completion_import_nothing_that_commands_work_with() -> None:
    script = "import sys, hstql_assets.commands.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert HEAVY.isdisjoint(done.stdout.split()), done.stderr


@pytest.mark.parametrize("module", ["query", "status"])
def test_what_only_asks_tables_imports_neither_dagster_nor_astropy(module: str) -> None:
    script = f"import sys, hstql_assets.commands.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert f"hstql_assets.commands.{module}" in done.stdout.split(), done.stderr
    assert OF_THE_GRAPH.isdisjoint(done.stdout.split())


def test_assets_are_named_with_their_sets_as_the_graph_has_them() -> None:
    assert list(name_sets().items()) == [(node.name, node.partition_set) for node in list_nodes()]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("materialize --rootnam x", "No such option '--rootnam'"),
        ("check files_are_their", "There is no check 'files_are_their'. Did you mean files_are_th"),
        ("check files_are_there --heal", "--heal needs all checks."),
        ("explai", "Did you mean 'explain'?"),
        ("discover --instrument CSO", "There is no instrument 'CSO'. Did you mean cos"),
        ("query x --format jsn", "There is no format 'jsn'. Did you mean json?"),
        ("discover --since 2024-13-13", "'2024-13-13' is no day such as 2024-01-31."),
        ("discover --proposal abc", "'abc' is not a valid"),
        ("reset file", "Did you mean 'files'?"),
        ("materialize --config", "requires an argument"),
        ("--nothing", "No such option '--nothing'."),
    ],
)
def test_wrong_usage_is_told_in_one_line(words: str, sentence: str) -> None:
    refused = CliRunner().invoke(main, words.split(), prog_name="hstql")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1
    assert sentence in refused.stderr


def test_each_command_says_what_it_is_for() -> None:
    assert all(command.get_short_help_str() for command in main.commands.values())
    assert isinstance(main.commands["reset"], click.Group)


def test_assets_are_completed_as_the_graph_has_them() -> None:
    names = {node.name for node in list_nodes()}
    with_instrument = {name for name in names if "/" in name}
    bare = {name.split("/")[-1] for name in names}
    assert set(find_assets("")) == bare
    begun = {one for begin in ("cos/", "stis/", "acs/", "wfc3/") for one in find_assets(begin)}
    assert begun == with_instrument


def test_checks_are_declared_as_they_are() -> None:
    assert [check.name for check in CHECKS] == list(completion.CHECKS)


def complete(words: str, *, shell: str = "bash", **settings: str) -> "subprocess.CompletedProcess":
    """Return what the shell is told when a line that ends in a part of a word is completed."""
    environment = {
        **os.environ,
        "_HSTQL_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        **settings,
    }
    return subprocess.run(
        [str(Path(sys.executable).with_name("hstql"))],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip


def test_the_shell_completes_assets() -> None:
    done = complete("hstql materialize cos/light")
    assert done.stdout.split() == [
        "plain,cos/lightcurve_plots", "plain,cos/lightcurve_statistics", "plain,cos/lightcurves",
    ]  # fmt: skip
    assert done.stderr == ""
