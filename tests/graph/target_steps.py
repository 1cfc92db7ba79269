"""The steps of the graph that have targets for keys, after those of exposures."""

from collections.abc import Callable, Sequence

from pipeline import Decisions, Pipeline
from sqlalchemy import select

from hstql_assets.batches import Outcome, OwnedTable, decide_batch, record_batch
from hstql_assets.composites.assets import OWNED as COMPOSITES
from hstql_assets.composites.inputs import locate_composites
from hstql_assets.composites.making import decide_composites
from hstql_assets.statistics.assets import OWNED_OF_COMPOSITES as STATISTICS
from hstql_assets.statistics.inputs import locate_measurable_composites
from hstql_assets.statistics.measuring import measure_composites
from hstql_resources.tables import Lightcurve


def run_targets(pipeline: Pipeline) -> Decisions:
    """Run every step over all targets that have a lightcurve; return what each decided."""
    database, filesystem = pipeline.bench.database, pipeline.bench.filesystem
    statement = select(Lightcurve.target).distinct().order_by(Lightcurve.target)
    keys = [str(row[0]) for row in database.read(statement)]
    decisions: Decisions = {}

    def step(
        name: str,
        tasks: Sequence[object],
        decide: Callable[..., Outcome],
        owned: Sequence[OwnedTable],
    ) -> None:
        outcomes = decide_batch(pipeline.bench.workers, decide, tasks, lambda _: None)
        record_batch(database, name, outcomes, owned)
        decisions[name] = {outcome.key: outcome for outcome in outcomes}

    tasks = locate_composites(database, filesystem, keys, pipeline.settings)
    step("composites", tasks, decide_composites, COMPOSITES)
    measured = locate_measurable_composites(database, keys)
    step("composite_statistics", measured, measure_composites, STATISTICS)
    return decisions
