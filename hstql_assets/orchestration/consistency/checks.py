"""Show the checks in Dagster, on one entry of the graph for each instrument.

They are on an entry of their own because Dagster runs the checks of an asset with every batch of
it, and these look at everything. From the user interface each can be run alone.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.batching.partitions import read_registered
from hstql_assets.orchestration.consistency.findings import LISTED, Examination
from hstql_assets.orchestration.consistency.run_checks import CHECKS, Check
from hstql_assets.orchestration.consistency.scope import ChecksumPlan, Scope
from hstql_resources.clients import Clients

GROUP = "consistency"
UPSTREAM = ("raw_files", "calibrated_files", "header_tables")
SAMPLED_FILES = 100
SAMPLED_MEGABYTES = 2000


class ChecksumConfig(dg.Config):
    """How many checksums are looked at."""

    all_files: bool = Field(False, description="All of them; else a sample, another every day.")
    files: int = Field(SAMPLED_FILES, ge=0, description="At most so many files.")
    megabytes: int = Field(SAMPLED_MEGABYTES, ge=0, description="At most so many MB together.")

    def to_plan(self) -> ChecksumPlan:
        """Return the same for `run_checks`."""
        return ChecksumPlan(self.all_files, self.files, self.megabytes * 1_000_000)


def build_holdings() -> list[dg.AssetSpec]:
    """Return the entry of each instrument that the checks are on."""
    return [
        dg.AssetSpec(
            [instrument, "holdings"],
            deps=[[instrument, name] for name in UPSTREAM],
            description=f"All that there is of {instrument.upper()}: in the archive, in the "
            "tables and on disk. Nothing is made here; the checks hold the three against each "
            "other. The job heal makes again what can be made again.",
            group_name=GROUP,
            owners=[f"team:{instrument}"],
            tags={"domain": GROUP, "instrument": instrument},
            kinds={instrument, "fits", "postgres"},
        )
        for instrument in INSTRUMENTS
    ]


def build_checks() -> list[dg.AssetChecksDefinition]:
    """Return all checks of all instruments."""
    return [_build_check(instrument, check) for instrument in INSTRUMENTS for check in CHECKS]


def _build_check(instrument: str, check: Check) -> dg.AssetChecksDefinition:
    config = ChecksumConfig if check.name == "sizes_and_checksums" else None

    @dg.asset_check(
        asset=dg.AssetKey([instrument, "holdings"]),
        name=check.name,
        description=check.claim,
        config_schema=None if config is None else config.to_fields_dict(),
    )
    def examine(
        context: dg.AssetCheckExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.AssetCheckResult:
        registered = read_registered(context.instance, instrument)
        plan = ChecksumPlan()
        if config is not None:
            plan = config(**context.op_execution_context.op_config).to_plan()
        return describe_examination(check.run(Scope(clients, instrument, registered, plan)))

    return examine


def describe_examination(examination: Examination) -> dg.AssetCheckResult:
    """Return what Dagster is told: red where data are lost, yellow for any other finding."""
    severity = dg.AssetCheckSeverity.ERROR if examination.is_loss else dg.AssetCheckSeverity.WARN
    if examination.error is not None:
        return dg.AssetCheckResult(
            passed=False, severity=severity, description=examination.error,
            metadata={"error": examination.error},
        )  # fmt: skip
    metadata: dict[str, Any] = {
        "count": examination.number,
        **examination.kinds,
        **examination.notes,
    }
    if examination.kinds:
        lines = "\n".join(f"- {line}" for line in examination.list_lines(LISTED))
        metadata["list"] = dg.MetadataValue.md(lines)
        metadata["can_be_healed"] = examination.number_healed
    return dg.AssetCheckResult(
        passed=examination.passed, severity=severity, metadata=metadata,
        description=examination.summary or "Nothing was found.",
    )  # fmt: skip
