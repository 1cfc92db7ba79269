"""Carry out a plan: the files first, then all that was made from them."""

from collections import Counter
from collections.abc import Callable, Sequence

from hstql_assets.batching.decisions import forget
from hstql_assets.orchestration.consequences import TARGET, settle
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import Step
from hstql_assets.orchestration.reprocessing.planning import ReprocessingPlan, plan_targets
from hstql_assets.orchestration.run_reports import Failure, Report
from hstql_resources.clients import Clients
from hstql_resources.postgres.database import Database


def reprocess(
    graph: Graph,
    clients: Clients,
    plan: ReprocessingPlan,
    on_step: Callable[[Step], None] = lambda _step: None,
) -> Report:
    """Make again what was planned.

    If the archive does not answer, nothing that follows was touched. Once the files are there, the
    decisions that follow from them are forgotten, so that after an interruption
    `hstql materialize` does the rest.

    Returns
    -------
    Report
        Of all steps together.
    """
    config = plan.how.configure(name for step in plan.files for name in step.assets)
    reports = [graph.run_steps(clients, plan.files, config, on_step)]
    if reports[0].error is None:
        forget_steps(clients.database, plan.following)
        reports += _run_following(graph, clients, plan.following, on_step)
    if reports[-1].error is None:
        settle(graph.instance, clients, graph.nodes, TARGET)
        targets = plan_targets(
            graph, clients.database, plan.exposures_with_lightcurves, plan.targets
        )
        last = (*targets, *plan.summaries)
        reports.append(graph.run_steps(clients, last, {}, on_step))
    return join_reports(reports)


def join_reports(reports: Sequence[Report]) -> Report:
    """Return one report of several, one after the other; a key is named at its first failure."""
    counts: Counter[str] = Counter()
    failures: dict[str, Failure] = {}
    for report in reports:
        counts.update(report.counts)
        for failure in report.failures:
            failures.setdefault(failure.key, failure)
    error = next((report.error for report in reports if report.error is not None), None)
    bad_files = sum(report.bad_files for report in reports)
    remarks = tuple(remark for report in reports for remark in report.remarks)
    return Report(dict(counts), tuple(failures.values()), bad_files, error, remarks)


def _run_following(
    graph: Graph, clients: Clients, steps: Sequence[Step], on_step: Callable[[Step], None]
) -> list[Report]:
    """Run steps one by one; a key that a step before took out of its set is left out."""
    reports: list[Report] = []
    sets = {node.name: node.partition_set for node in graph.nodes}
    for step in steps:
        registered = set(graph.instance.get_dynamic_partitions(sets[step.assets[0]]))
        keys = tuple(key for key in step.keys if key in registered)
        if keys:
            reports.append(graph.run_steps(clients, [Step(step.assets, keys)], {}, on_step))
            if reports[-1].error is not None:
                break
    return reports


def forget_steps(database: Database, steps: Sequence[Step]) -> None:
    """Forget what the assets of steps decided about their keys."""
    with database.write() as writer:
        for step in steps:
            forget(writer, step.assets, step.keys)
