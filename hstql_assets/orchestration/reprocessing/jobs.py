"""Build the job that reprocesses: the same as the command `hstql reprocess`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError, Selection
from hstql_assets.orchestration.reprocessing.messages import list_remarks, tabulate_plan
from hstql_assets.orchestration.reprocessing.planning import How, plan_reprocessing
from hstql_assets.orchestration.reprocessing.run import reprocess
from hstql_assets.orchestration.reprocessing.selection import Choice
from hstql_assets.orchestration.run_reports import Report
from hstql_resources.clients import Clients
from hstql_resources.settings import SettingsError

if TYPE_CHECKING:
    from hstql_assets.orchestration.reprocessing.planning import ReprocessingPlan

Metadata = dict[str, Any]
LISTED = 50  # lines; the others are counted


class ReprocessConfig(dg.Config):
    """What is reprocessed, and how. Of several conditions all have to hold."""

    rootnames: list[str] = Field([], description="These exposures and associations.")
    targets: list[str] = Field(
        [], description="Those of these targets: slug, name, or name in the header."
    )
    proposals: list[int] = Field([], description="Those of these proposals.")
    instruments: list[str] = Field([], description="Those of these instruments.")
    where: str | None = Field(
        None, description="Those for which this holds in the table observations, in SQL."
    )
    everything: bool = Field(False, description="All; without it there has to be a condition.")
    fetch: bool = Field(True, description="Fetch the files again.")
    calibrate: bool = Field(
        False, description="Make the calibrated files here, by the calibration pipeline."
    )
    dry_run: bool = Field(False, description="Say what would be done, and do nothing.")

    def to_choice(self) -> Choice:
        """Return the same as the pure modules take it."""
        selection = Selection(
            tuple(self.rootnames),
            tuple(self.targets),
            tuple(self.proposals),
            tuple(name.lower() for name in self.instruments),
        )
        return Choice(selection, self.where, self.everything)


def build_reprocess_job() -> dg.JobDefinition:
    """Return the job; its result is metadata, with the keys that failed by name."""

    @dg.op(name="reprocess_observations")
    def reprocess_observations(
        context: dg.OpExecutionContext,
        config: ReprocessConfig,
        clients: dg.ResourceParam[Clients],
    ) -> None:
        """Fetch or calibrate again, and make again all that was made from it."""
        graph = Graph(context.instance)
        try:
            how = How(config.fetch, config.calibrate)
            plan = plan_reprocessing(graph, clients, config.to_choice(), how)
        except (PlanError, SettingsError) as refusal:
            raise dg.Failure(str(refusal), allow_retries=False) from None
        report = None if config.dry_run else reprocess(graph, clients, plan)
        context.add_output_metadata(_describe_plan(plan) | _describe_report(report))
        if report is not None and report.error is not None:
            raise dg.Failure(report.error, allow_retries=False)

    @dg.job(
        name="reprocess",
        description="Fetches or calibrates exposures again, and makes again all that was made from "
        "them: by rootname, proposal, condition in SQL, or everything.",
    )
    def reprocess_job() -> None:
        reprocess_observations()

    return reprocess_job


def _describe_plan(plan: "ReprocessingPlan") -> Metadata:
    assets = [f"{name}: {count}: {names}" for _, name, count, names in tabulate_plan(plan)]
    return {
        "keys": len(plan.keys),
        "plan": _list(assets),
        "remarks": _list(list_remarks(plan)),
    }


def _describe_report(report: Report | None) -> Metadata:
    """Return counts by status, and the keys that failed by name."""
    if report is None:
        return {"is_dry_run": True}
    failures = [f"{one.key} {one.asset} {one.status}: {one.reason}" for one in report.failures]
    return {
        **report.counts,
        "is_dry_run": False,
        "bad_files": report.bad_files,
        "failed": len(failures),
        "failures": _list(failures),
    }


def _list(lines: Sequence[str]) -> dg.MarkdownMetadataValue:
    shown = [f"- {line}" for line in lines[:LISTED]]
    if len(lines) > LISTED:
        shown.append(f"- ... and {len(lines) - LISTED} more")
    return dg.MetadataValue.md("\n".join(shown) or "None.")
