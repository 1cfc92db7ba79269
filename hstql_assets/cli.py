"""The command `hstql`: what Dagster's own commands lack.

Words in and out only. What the commands do is in `automation`, how they write in `console`.
"""

import contextlib
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
import yaml

from hstql_assets import console, demo, status
from hstql_assets.automation import Graph, open_graph
from hstql_assets.partitions import INSTRUMENTS
from hstql_assets.planning import Mode, PlanError, Request, Step, resolve_assets
from hstql_assets.progress import Progress
from hstql_resources import tables
from hstql_resources.archive import ArchiveError
from hstql_resources.database import DatabaseError
from hstql_resources.database_address import database_url
from hstql_resources.postgres import EmbeddedPostgres
from hstql_resources.read_only_query import QueryError
from hstql_resources.settings import Settings, SettingsError, dagster_home, load_settings
from hstql_resources.workbench import Workbench, open_workbench

WRONG_USAGE = (SettingsError, PlanError)
BROKEN = (ArchiveError, DatabaseError, QueryError)
RESET_FOLDERS = ("files", "products", "plots", "previews", "scratch")
Params = ParamSpec("Params")


def _guard(function: Callable[Params, int | None]) -> Callable[Params, None]:
    """Turn what a command returns or raises into an exit status and one sentence."""

    @wraps(function)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> None:
        try:
            exit_status = function(*args, **kwargs) or 0
        except WRONG_USAGE as error:
            click.echo(f"Error: {error}", err=True)
            exit_status = 2
        except BROKEN as error:
            click.echo(f"Error: {error}", err=True)
            exit_status = 1
        raise SystemExit(exit_status)

    return guarded


@contextlib.contextmanager
def _open(command: str) -> Iterator[tuple[Graph, Workbench, "_Steps"]]:
    """Open the graph and the workbench of a command."""
    settings = _prepare()
    steps = _Steps()
    with open_workbench(settings, command, steps.add) as bench:
        graph = open_graph()
        graph.bury_dead_runs()
        yield graph, bench, steps
        steps.close()


def _prepare() -> Settings:
    """Read the settings, and tell Dagster where its home is."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    return load_settings()


class _Steps:
    """The progress of one step after the other."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def begin(self, step: Step) -> None:
        self.close()
        name = ", ".join(asset for asset in step.assets)
        self._progress = Progress(name, len(step.keys) * len(step.assets))

    def add(self, _asset: str, outcome_status: str) -> None:
        if self._progress is not None:
            self._progress.add(outcome_status)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.close()
            self._progress = None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hstql")
def main() -> None:
    """Hubble data from the archive to checked lightcurves.

    Settings come from the environment and from .env; .env.example lists them. The exit status is
    0 if all was done, 1 if some keys failed, 2 for wrong usage.
    """
    # Dagster marks as beta what the graph is built on; users can do nothing about it.
    warnings.filterwarnings("ignore", module="dagster")


@main.command()
@click.option("--instrument", type=click.Choice(INSTRUMENTS), help="Only this instrument.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only since this day.")
@_guard
def discover(instrument: str | None, since: datetime | None) -> int:
    """Ask the archive which observations there are, and register the new ones."""
    with _open("discover") as (graph, bench, _):
        for name in [instrument] if instrument else INSTRUMENTS:
            new = graph.discover(bench, name, since.date() if since else None)
            total = graph.count_registered()[f"{name}_rootname"]
            click.echo(f"{name}: {len(new)} new, {total} registered.")
    return 0


@main.command()
@click.argument("assets", nargs=-1, required=True, metavar="ASSET...")
@click.option("--rootname", "rootnames", multiple=True, help="Only this key; may be repeated.")
@click.option("--missing", "mode", flag_value="missing", help="Keys never made (the default).")
@click.option("--all", "mode", flag_value="all", help="All keys, made before or not.")
@click.option("--failed", "mode", flag_value="failed", help="Keys that were bad or missing.")
@click.option("--only", is_flag=True, help="Do not make first what is missing upstream.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML with the configuration of assets, such as {cos/lightcurves: {bin_s: 1}}.",
)
@_guard
def materialize(
    assets: tuple[str, ...],
    rootnames: tuple[str, ...],
    mode: Mode | None,
    only: bool,
    config: Path | None,
) -> int:
    """Make ASSETs for any list of keys, with what is missing upstream first.

    ASSET is a name such as lightcurves or cos/lightcurves.
    """
    op_config = _read_config(config)
    with _open("materialize") as (graph, bench, steps):
        request = Request(resolve_assets(assets, graph.nodes), mode or "missing", rootnames, only)
        graph.check_rootnames(rootnames)
        report = graph.materialize(bench, request, op_config, steps.begin)
        steps.close()
        bench.log.exit_status = console.show_report(report, bench.log.path)
        return bench.log.exit_status


def _read_config(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        config = yaml.safe_load(path.read_text())
        return {name.replace("/", "__"): {"config": dict(v)} for name, v in config.items()}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise PlanError(
            f"{path} cannot be used: it has to name assets with their values, such as "
            f"'cos/lightcurves: {{bin_s: 1}}' ({' '.join(str(error).split())})."
        ) from None


@main.command(name="status")
@_guard
def show_status() -> int:
    """Show counts per asset, bad data by reason, disk, and the last runs."""
    with _open("status") as (graph, bench, _):
        registered = graph.count_registered()
        by_asset = {node.name: registered[node.partition_set] for node in graph.nodes}
        console.show_table(
            "Keys per asset",
            ("asset", "registered", "made", "none", "bad", "missing", "not made yet"),
            status.tabulate_counts(status.count_outcomes(bench.database), by_asset),
        )
        bad = status.count_bad_data(bench.database)
        if bad:
            console.show_table("Bad files", ("reason", "files"), list(bad.items()))
        home = bench.filesystem.home
        console.show_table(
            f"Disk: {home}, {status.free_bytes(home) / 1e9:.1f} GB free",
            ("folder", "files", "MB"),
            [
                (row.folder, row.files, f"{row.size_bytes / 1e6:.1f}")
                for row in status.measure_disk(home)
            ],
        )
        console.show_table(
            "Last commands and runs",
            ("started (UTC)", "seconds", "exit status", "log"),
            [
                (
                    f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                    None if run.duration_s is None else f"{run.duration_s:.1f}",
                    run.exit_status,
                    Path(run.log).name,
                )
                for run in status.read_runs(bench.database)
            ],
        )
    return 0


@main.command()
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True, help="How to write the answer.",
)  # fmt: skip
@_guard
def query(sql: str, form: str) -> int:
    """Ask the database one question in SQL; nothing can be changed."""
    with _open("query") as (_, bench, _steps):
        answer = bench.database.query_read_only(sql)
    console.write_answer(answer.columns, answer.rows, form)
    return 0


@main.group()
def reset() -> None:
    """Remove what hstql has made. Asks first; --yes does not."""


@reset.command(name="database")
@click.argument("table", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_guard
def reset_database(table: str | None, yes: bool) -> int:
    """Empty all tables and forget all keys, or empty one TABLE."""
    known = {name for name in tables.Base.metadata.tables if name != "runs"}
    if table is not None and table not in known:
        raise PlanError(f"There is no table {table!r}. There are {', '.join(sorted(known))}.")
    _confirm(f"Empty {'all tables' if table is None else f'the table {table}'}?", yes)
    with _open("reset_database") as (graph, bench, _):
        with bench.database.write() as writer:
            for name in [table] if table is not None else sorted(known):
                writer.execute(tables.Base.metadata.tables[name].delete())
        if table is None:
            graph.forget_all()
    click.echo("Done. 'hstql discover' starts anew." if table is None else f"{table} is empty.")
    return 0


@reset.command(name="files")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_guard
def reset_files(yes: bool) -> int:
    """Remove all files, products and plots under HSTQL_HOME; an archive is never touched."""
    home = load_settings().home
    _confirm(f"Remove {', '.join(RESET_FOLDERS)} under {home}?", yes)
    with _open("reset_files") as (_, bench, _steps):
        for folder in RESET_FOLDERS:
            shutil.rmtree(bench.filesystem.home / folder, ignore_errors=True)
    click.echo("Done. 'hstql materialize raw_files calibrated_files --all' brings files back.")
    return 0


def _confirm(question: str, yes: bool) -> None:
    if not yes and not click.confirm(question):
        raise PlanError("Nothing was removed.")


@main.group()
def database() -> None:
    """Start, stop or name the database."""


@database.command()
@_guard
def up() -> int:
    """Start the embedded server if it does not run."""
    click.echo(f"Running: {_server_url()}")
    return 0


@database.command()
@_guard
def down() -> int:
    """Stop the embedded server."""
    settings = load_settings()
    if settings.database_url is not None:
        raise SettingsError("HSTQL_DATABASE_URL names a server that hstql does not run.")
    EmbeddedPostgres(settings.home).stop()
    click.echo("Stopped.")
    return 0


@database.command()
@_guard
def url() -> int:
    """Print the address of the database, starting the embedded server if needed."""
    click.echo(_server_url())
    return 0


def _server_url() -> str:
    address = database_url(load_settings()).set(drivername="postgresql")
    return address.render_as_string(hide_password=True)


@main.command(name="demo")
@_guard
def run_demo() -> int:
    """Make everything on simulated data, and show it."""
    settings = _prepare()
    if settings.archive != "simulated":
        raise SettingsError(
            "hstql demo runs on simulated data: unset HSTQL_ARCHIVE, and set HSTQL_HOME to a "
            "folder of its own if this one holds real data."
        )
    with _open("demo") as (graph, bench, steps):
        for instrument in INSTRUMENTS:
            new = graph.discover(bench, instrument, None)
            click.echo(f"{instrument}: {len(new)} new exposures in the simulated archive.")
        everything = Request(tuple(node.name for node in graph.nodes))
        report = graph.materialize(bench, everything, {}, steps.begin)
        steps.close()
        bench.log.exit_status = console.show_report(report, bench.log.path)
        _show_products(bench)
        return bench.log.exit_status


def _show_products(bench: Workbench) -> None:
    console.show_table(
        "Lightcurves",
        ("target", "detector", "lightcurves", "exposure (s)", "gross (counts)", "Poisson factor"),
        [
            (
                row.target,
                row.detector,
                row.lightcurves,
                f"{row.exposure_s:.1f}",
                row.gross_counts,
                f"{row.poisson_factor:.2f}",
            )
            for row in demo.read_targets(bench.database)
        ],
    )
    console.show_table(
        "Periods",
        ("exposure", "target", "put in (s)", "recovered (s)", "resolution (s)"),
        [
            (
                row.rootname,
                row.target,
                f"{row.injected_s:.3f}",
                f"{row.recovered.period_s:.3f}",
                f"{row.recovered.resolution_s:.3f}",
            )
            for row in demo.read_periods(bench.database)
        ],
    )
    plots = demo.find_plots(list((bench.filesystem.home / "plots" / "lightcurves").glob("*/*.png")))
    for plot in plots:
        click.echo(f"Plot: {plot}")
    click.echo("User interface: make dev, then open http://127.0.0.1:3000")
