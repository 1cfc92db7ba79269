"""Declare the commands: what each is for, and what it takes. What it does is in its own module."""

from pathlib import Path

import click

from hstql_assets.commands.completion import CHECKS
from hstql_assets.commands.parameters import (
    ASSET,
    EXPOSURE,
    EXTRACTION,
    KEY,
    ROOTNAME,
    OneOf,
    SqlCommand,
    in_format,
    runs,
    selecting,
)

EXAMPLES = """\b
Examples:
  hstql lightcurve ld9m10ujq_corrtag_a.fits --bin 5 --wave 1390 1406 -o si4.fits
  hstql lightcurve ld9m10ujq --name c2 --night
  hstql lightcurve ld9m10ujq --wave 1334 1335 --wave 1335.2 1336.2 --target-sn 5
"""


@click.command()
@selecting("instrument", "since", "proposal", "rootname")
@click.option("--timetag", is_flag=True, help="Only TIME-TAG exposures of targets on the sky.")
@in_format
@runs("main_commands:discover")
def discover() -> None:
    """Ask the archive which observations there are, and register the new ones."""


@click.command()
@click.argument("assets", nargs=-1, metavar="[ASSET]...", type=ASSET)
@selecting()
@click.option("--missing", "mode", flag_value="missing", help="Keys never made (the default).")
@click.option("--all", "mode", flag_value="all", help="All keys, made before or not.")
@click.option("--failed", "mode", flag_value="failed", help="Keys that were bad or missing.")
@click.option("--only", is_flag=True, help="Do not make first what is missing upstream.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML with the configuration of assets, such as {lightcurves: {bin_s: 1}}.",
)
@in_format
@runs("main_commands:materialize")
def materialize() -> None:
    """Make ASSETS for any list of keys, with what is missing upstream first.

    Without an ASSET all are made that are missing, or behind what they are made from.

    ASSET is a name such as lightcurves or cos/lightcurves. Assets of targets, such as composites,
    are made where a lightcurve of the target is new, changed or gone.
    """


@click.command()
@selecting()
@in_format
@runs("status:show_status")
def status() -> None:
    """Show counts per asset, bad data by reason, remarks, disk, and the last runs.

    Of a selection: counts, bad data, what waits and remarks. As CSV only the counts are written.
    """


@click.command()
@click.argument("keys", nargs=-1, metavar="[ROOTNAME|TARGET]...", type=KEY)
@selecting()
@in_format
@runs("explain:explain")
def explain() -> None:
    """Tell what there is of an exposure or target, what was made of it, what not and why.

    A target may be given by its slug, its name, or a name in the header.
    """


@click.command(cls=SqlCommand)
@click.argument("sql", required=False)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Read the statement from a file.",
)
@in_format
@runs("query:query")
def query() -> None:
    """Ask the database one question in SQL; nothing can be changed.

    With - in place of SQL the statement is read from standard input.
    """


@click.command()
@click.argument("table", required=False)
@click.option(
    "--query", "sql", metavar="SQL", help="What a query answers; - reads it from standard input."
)
@click.option(
    "--lightcurves", is_flag=True, help="All lightcurves, bin by bin: a folder of Parquet."
)
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to; its ending tells the format: .parquet, .vot, .fits or .csv.",
)
@click.option(
    "--format", "form", type=OneOf("format", ("parquet", "votable", "fits", "csv")),
    help="Whatever the name of the file is.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@runs("export:export")
def export() -> None:
    """Write a TABLE, or what a query answers, for other programs, with units and descriptions.

    TABLE is a table or view such as observations or acsql.master. It may be of any length.
    """


@click.command(epilog=EXAMPLES)
@click.argument("names", nargs=-1, required=True, metavar="ROOTNAME|FILE...", type=EXPOSURE)
@click.option("--bin", "bin_s", type=float, metavar="S", help="Width of a bin, s.")
@click.option(
    "--wave",
    "waves",
    nargs=2,
    multiple=True,
    type=float,
    metavar="FROM TO",
    help="Only these wavelengths, Angstrom. Repeatable.",
)
@click.option("--name", type=EXTRACTION, help="As an extraction of extractions.toml.")
@click.option("--night", is_flag=True, help="Only while the Sun is below the horizon.")
@click.option("--day", is_flag=True, help="Only while it is above.")
@click.option(
    "--pulse-heights", nargs=2, type=int, metavar="FROM TO", help="Only these, of COS/FUV."
)
@click.option("--keep-airglow", is_flag=True, help="Do not leave geocoronal lines out.")
@click.option("--by-orbit", "is_by_orbit", is_flag=True, help="One bin for each orbit.")
@click.option("--target-sn", type=float, metavar="N", help="Join bins to a signal to noise.")
@click.option("--alone", is_flag=True, help="Only the files that are given, not those beside.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to  [default: ROOTNAME_curve.fits here]",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@runs("lightcurve:lightcurve")
def lightcurve() -> None:
    """Make one lightcurve of an exposure, without database or home.

    Of FILEs: a corrtag of COS or STIS; the other segment, the x1d and the spt are taken where they
    lie beside it. Of a ROOTNAME: those in the home or the archive. Without the x1d there are
    counts, and no flux.
    """


@click.command()
@runs("main_commands:run_demo")
def demo() -> None:
    """Make everything on simulated data, and show it."""


@click.command()
@click.argument("names", nargs=-1, metavar="[CHECK]...", type=OneOf("check", CHECKS))
@selecting("instrument")
@click.option("--checksums", is_flag=True, help="Compare the checksum of every file, too.")
@click.option("--list", "is_listing", is_flag=True, help="Print every finding, not the first 50.")
@click.option("--heal", "is_healing", is_flag=True, help="Then heal what can be healed.")
@click.option("--yes", is_flag=True, help="With --heal: do not ask.")
@click.option("--force", is_flag=True, help="With --heal: even if that removes many files.")
@runs("check:check")
def check() -> None:
    """Hold archive, tables and disk against each other, and list what differs.

    Without a CHECK all are made.

    Healing retrieves and makes again what is missing or changed, and moves files that hstql wrote
    and no row names to the folder trash. It lists them and asks first; nothing in an archive is
    ever touched.
    """


@click.command()
@selecting()
@click.option("--where", metavar="SQL", help="For which this holds in the table observations.")
@click.option("--all", "is_everything", is_flag=True, help="All. Asks first; --yes does not.")
@click.option("--fetch/--no-fetch", default=True, show_default=True, help="Fetch the files again.")
@click.option(
    "--calibrate/--no-calibrate",
    default=False,
    show_default=True,
    help="Make the calibrated files here, from the raw ones, by the calibration pipeline.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="With --all: do not ask.")
@runs("reprocess:reprocess")
def reprocess() -> None:
    """Fetch or calibrate again, and make again all that follows.

    Of several conditions all have to hold. What follows is what was made before: header tables,
    previews, statistics, lightcurves, plots, composites of the targets, summaries. An exposure
    brings the associations that it belongs to.
    """


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@runs("forget:forget")
def forget() -> None:
    """Take KEYs out of the partition sets, with what was decided about them.

    Without a KEY: all that can be none, such as a rootname that was mistyped in Dagster's dialog.
    A key that something was made of stays. 'hstql discover' registers again what the archive has.
    """


@click.command()
@click.argument(
    "names",
    nargs=-1,
    metavar="[NAME]...",
    type=KEY,
)
@click.option("--each", is_flag=True, help="One row for each exposure.")
@in_format
@click.option("--settle", is_flag=True, help="Decide anew now, as after a change of targets.toml.")
@click.option(
    "--sesame", is_flag=True,
    help="First ask Sesame for positions that no header has, then decide anew.",
)  # fmt: skip
@click.option("--again", is_flag=True, help="With --sesame: also about names asked about before.")
@runs("targets:targets")
def targets() -> None:
    """Show of which target each exposure is, and why.

    NAME is a name in the header, a target or a rootname; * stands for anything.
    """


@click.group()
def reset() -> None:
    """Remove what hstql has made. Asks first; --yes does not."""


@reset.command(name="database")
@click.argument("table", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@runs("maintenance:reset_database")
def reset_database() -> None:
    """Empty all tables and forget all keys, or empty one TABLE.

    TABLE may also be the word 'production': all that is made from events (lightcurves, composites,
    statistics, names of targets). Then bad_data, observations and files stay.
    """


@reset.command(name="files")
@click.option("--products", is_flag=True, help="Only products and plots; retrieved files stay.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@runs("maintenance:reset_files")
def reset_files() -> None:
    """Remove all files, products and plots under HSTQL_HOME; an archive is never touched."""


@click.group()
def database() -> None:
    """Start, stop or name the database."""


@database.command()
@runs("maintenance:up")
def up() -> None:
    """Start the embedded server if it does not run."""


@database.command()
@runs("maintenance:down")
def down() -> None:
    """Stop the embedded server."""


@database.command()
@click.option("--libpq", is_flag=True, help="As psql and its like read it, not SQLAlchemy.")
@runs("maintenance:url")
def url() -> None:
    """Print the address of the database, starting the embedded server if needed."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@runs("backups:backup")
def backup() -> None:
    """Write all tables, hstql's and Dagster's, into FILE.

    Files are not in it: what is not there after a restore is made again by 'hstql check --heal'.
    """


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Even if the home holds something: it is replaced.")
@runs("backups:restore")
def restore() -> None:
    """Fill all tables from FILE, which 'hstql backup' wrote, or change nothing."""


@click.command()
@click.option("--days", type=click.FloatRange(0), help="Instead of HSTQL_PRUNE_AFTER_DAYS.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only show what would go.")
@click.option("--full", "is_full", is_flag=True,
              help="Hand the space to the disk; locks Dagster's tables meanwhile.")  # fmt: skip
@runs("maintenance:prune_events")
def prune() -> None:
    """Delete events of Dagster that its user interface does not need any more.

    Of runs that ended some days ago (HSTQL_PRUNE_AFTER_DAYS): materializations of which there is a
    later one, plans that were overtaken or carried out, events of steps, and executions of checks
    before the last. Counts, states, latest materializations and failures stay as they are.
    """


@click.command()
@click.argument("rootnames", nargs=-1, required=True, metavar="ROOTNAME...", type=ROOTNAME)
@click.option("--kind", metavar="KIND", help="Anomaly, such as satellite_trail.")
@click.option("--unset", is_flag=True, help="Take it back.")
@click.option("--comment", metavar="TEXT", help="What else there is to say.")
@in_format
@runs("flag:flag")
def flag() -> None:
    """Say what is wrong with exposures, as on the site; without --kind show what was said.

    Kinds of anomalies are those of the instrument of each exposure; the site lists them.
    """


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve it on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535),
    help="Port; 0 for any that is free.",
)  # fmt: skip
@runs("web:web")
def web() -> None:
    """Serve the site: look at what there is, ask, and flag, in a browser.

    On this host everything is shown, to whoever can reach the port. For a team, people sign in:
    docs/site.md tells how.
    """


COMMANDS = (
    backup, check, database, demo, discover, explain, export, flag, forget, lightcurve, materialize,
    prune, query, reprocess, reset, restore, status, targets, web,
)  # fmt: skip
