"""The steps of the graph after those of exposures: of targets, and of all together."""

from sqlalchemy import select

from builders.pipeline import Decisions, Pipeline, Steps
from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.composites.assets import OWNED as COMPOSITES
from hstql_assets.composites.inputs import locate_composites
from hstql_assets.composites.making import decide_composites
from hstql_assets.pages.pages import publish_scripts
from hstql_assets.plots.drawing import plot_composites
from hstql_assets.plots.inputs import locate_composite_curves
from hstql_assets.plots.inventory import read_items
from hstql_assets.plots.overview import OverviewTask, write_summary, write_tables
from hstql_assets.statistics.assets import OWNED_OF_COMPOSITES as STATISTICS
from hstql_assets.statistics.inputs import locate_measurable_composites
from hstql_assets.statistics.measuring import measure_composites
from hstql_resources.tables import Lightcurve


def run_targets(pipeline: Pipeline) -> Decisions:
    """Run them over all targets that have a lightcurve; return what each decided."""
    database, filesystem = pipeline.clients.database, pipeline.clients.filesystem
    statement = select(Lightcurve.target).distinct().order_by(Lightcurve.target)
    keys = [str(row[0]) for row in database.read(statement)]
    steps = Steps(pipeline.clients)
    step = steps.take

    tasks = locate_composites(database, filesystem, keys, pipeline.settings)
    step("composites", tasks, decide_composites, COMPOSITES.tables)
    measured = locate_measurable_composites(database, keys)
    step("composite_statistics", measured, measure_composites, STATISTICS.tables)
    publish_scripts(filesystem)
    drawn = locate_composite_curves(database, filesystem, keys)
    step("composite_plots", drawn, plot_composites, [])
    everything = [OverviewTask(WHOLE, read_items(database, filesystem), filesystem)]
    step("exploratory_tables", everything, write_tables, [])
    step("summary_plots", everything, write_summary, [])
    return steps.decisions
