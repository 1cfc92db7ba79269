"""Build the assets of lightcurves of single exposures, one per instrument."""

from collections.abc import Mapping, Sequence

import dagster as dg
from pydantic import Field

from hstql_assets.batching.batch_asset import Consequence, batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import SAME_KEY, TIMETAG_ROOTNAMES
from hstql_assets.lightcurves.inputs import locate_exposures
from hstql_assets.lightcurves.making import decide_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.science.airglow import describe_airglow
from hstql_assets.targets.assignment import settle_targets
from hstql_resources.clients import Clients
from hstql_resources.settings import SettingsError
from hstql_resources.tables import Lightcurve, Observation, TargetName

OWNED = Ownership(
    (OwnedTable(Lightcurve), OwnedTable(Observation, is_shared=True)),
    others=(TargetName,),
    files=(
        OwnedFiles("products/lightcurves", rf"[^/]+/{ROOTNAME}_curve\.fits", (Lightcurve.path,)),
    ),
)

USUAL = ExtractionSettings()


class ExtractionConfig(dg.Config):
    """How events become a lightcurve; the defaults are those of the delivered products."""

    bin_s: float = Field(USUAL.bin_s, description="Width of a time bin, s.")
    wave_min: float | None = Field(USUAL.wave_min, description="Shortest wavelength, Angstrom.")
    wave_max: float | None = Field(USUAL.wave_max, description="Longest wavelength, Angstrom.")
    exclude_airglow: bool = Field(
        USUAL.exclude_airglow,
        description=f"Leave out {describe_airglow()} Angstrom, where the sky glows.",
    )
    sun_altitude_max_deg: float | None = Field(
        USUAL.sun_altitude_max_deg,
        description="Leave out the time when the Sun is higher than this, degrees.",
    )
    bad_proposals: list[int] = Field(
        sorted(USUAL.bad_proposals),
        description="Proposals whose exposures are refused as 'Bad Proposal'.",
    )

    def to_settings(self) -> ExtractionSettings:
        """Return the same as the pure modules take it.

        Raises
        ------
        ValueError
            If a value makes no sense; one sentence.
        """
        values = self.model_dump()
        return ExtractionSettings(**{**values, "bad_proposals": frozenset(self.bad_proposals)})


def read_settings(config: ExtractionConfig) -> ExtractionSettings:
    """Return the settings of a run.

    Raises
    ------
    dagster.Failure
        If a value makes no sense; trying again would not help.
    """
    try:
        return config.to_settings()
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def build_lightcurves(
    instrument: str, consequences: Sequence[Consequence] = ()
) -> dg.AssetsDefinition:
    """Return `lightcurves` of an instrument, with what follows from a batch for others."""

    @batch_asset(
        instrument,
        "lightcurves",
        TIMETAG_ROOTNAMES[instrument],
        OWNED,
        deps=[dg.AssetDep([instrument, "header_tables"], partition_mapping=SAME_KEY)],
        group_name="lightcurves",
        kinds={"fits", "numpy"},
        code_version="1",
    )
    def lightcurves(
        context: dg.AssetExecutionContext,
        config: ExtractionConfig,
        clients: dg.ResourceParam[Clients],
    ) -> dg.MaterializeResult:
        """One FITS lightcurve per TIME-TAG exposure: counts, rates and fluxes in equal time bins.

        Made from the corrtag and x1d files whenever they change. Each exposure first passes
        the quality checks; one that fails becomes a row of `bad_data` instead.
        """
        settings = read_settings(config)
        targets = _settle(clients)
        tasks = locate_exposures(
            clients.database,
            clients.filesystem,
            instrument,
            context.partition_keys,
            targets,
            settings,
        )
        outcomes = run_batch(context, clients, tasks, decide_lightcurve)
        for follow in consequences:
            follow(context.instance, clients, outcomes)
        return report_batch(context.asset_key, clients, outcomes)

    return lightcurves


def _settle(clients: Clients) -> Mapping[str, str]:
    """Return the target of each exposure as it is decided now.

    Raises
    ------
    dagster.Failure
        If the override file cannot be used; trying again would not help.
    """
    try:
        return settle_targets(clients).slugs
    except SettingsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
