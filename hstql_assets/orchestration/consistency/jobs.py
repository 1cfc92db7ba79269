"""Build the jobs: one that runs every check, one that repairs."""

from dataclasses import replace
from typing import Any

import dagster as dg
from pydantic import Field

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.orchestration.consistency.findings import LISTED
from hstql_assets.orchestration.consistency.repair import heal, measure_removals, plan_repair
from hstql_assets.orchestration.consistency.run_checks import examine_all
from hstql_assets.orchestration.consistency.scope import ChecksumPlan
from hstql_assets.orchestration.graph import Graph
from hstql_resources.clients import Clients


class HealConfig(dg.Config):
    """What is healed."""

    instruments: list[str] = Field(list(INSTRUMENTS), description="Only these instruments.")
    remove_files: bool = Field(
        False, description="Move the files without a row to the trash; else they are only listed."
    )
    force: bool = Field(False, description="Move them even if they are a large part of all files.")
    all_checksums: bool = Field(False, description="Compare the checksums of all files first.")


def build_consistency_jobs(checks: list[dg.AssetChecksDefinition]) -> list[Any]:
    """Return the two jobs; the class of the first is one that Dagster does not export."""
    everything = dg.define_asset_job(
        "consistency_checks",
        selection=dg.AssetSelection.checks(*checks),
        description="Archive, tables and disk held against each other, for all instruments.",
    )
    return [everything, build_heal_job()]


def build_heal_job() -> dg.JobDefinition:
    """Return the job that heals what can be healed."""

    @dg.op(name="heal_findings")
    def heal_findings(
        context: dg.OpExecutionContext, config: HealConfig, clients: dg.ResourceParam[Clients]
    ) -> None:
        """Check, make again what can be made again, remove what no row names, check again."""
        graph = Graph(context.instance)
        checksums = ChecksumPlan(config.all_checksums)
        before = examine_all(clients, graph.read_rootnames(config.instruments), checksums)
        plan = plan_repair(before)
        if not config.remove_files:
            plan = replace(plan, removals=())
        size = measure_removals(graph, clients, plan)
        if size.is_large and not config.force:
            raise dg.Failure(
                f"No file was touched: {size} have no row; look at them, then set force.",
                allow_retries=False,
            )
        healing = heal(graph, clients, plan)
        after = examine_all(clients, graph.read_rootnames(config.instruments), checksums)
        left = [str(finding) for one in after.values() for finding in one.findings[:LISTED]]
        context.add_output_metadata(
            {
                "found": sum(one.number for one in before.values()),
                "made_again": sum(len(keys) for keys in plan.again.values()),
                "removed": len(healing.removed),
                "left": sum(one.number for one in after.values()),
                "list_of_what_is_left": dg.MetadataValue.md(
                    "\n".join(f"- {line}" for line in left[:LISTED]) or "Nothing."
                ),
            }
        )
        errors = [one.error for one in after.values() if one.error]
        errors += [report.error for report in healing.reports if report.error]
        if errors:
            raise dg.Failure(errors[0], allow_retries=False)

    @dg.job(
        name="heal",
        description="Makes again what the checks find missing or changed, and removes what no row "
        "names if that is asked for; says what is left.",
    )
    def heal_job() -> None:
        heal_findings()

    return heal_job
