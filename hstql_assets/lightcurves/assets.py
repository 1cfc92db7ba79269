"""Declare the assets of lightcurves of single exposures, one per instrument."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from hstql_assets.batching.batch_asset import BatchStep, Consequence
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import TIMETAG_ROOTNAMES
from hstql_assets.lightcurves.checks import check_equality, describe_equality
from hstql_assets.lightcurves.inputs import locate_exposures
from hstql_assets.lightcurves.making import decide_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.science.airglow import describe_airglow
from hstql_assets.targets.assignment import settle_targets
from hstql_resources.tables import Lightcurve, Observation, TargetName

OWNED = Ownership(
    (OwnedTable(Lightcurve), OwnedTable(Observation, is_shared=True)),
    others=(TargetName,),
    files=(
        OwnedFiles("products/lightcurves", rf"[^/]+/{ROOTNAME}_curve\.fits", (Lightcurve.path,)),
    ),
)

ABOUT = """One FITS lightcurve per TIME-TAG exposure: counts, rates and fluxes in equal time bins.

    Made from the corrtag and x1d files whenever they change. Each exposure first passes
    the quality checks; one that fails becomes a row of `bad_data` instead. What was left out
    or is odd, such as events outside the good times, is told in `remarks`.
    """
USUAL = ExtractionSettings()


class EventConfig(dg.Config):
    """Which events of an exposure are taken, whatever is made of them."""

    wave_min: float | None = Field(USUAL.wave_min, description="Shortest wavelength, Angstrom.")
    wave_max: float | None = Field(USUAL.wave_max, description="Longest wavelength, Angstrom.")
    sun_altitude_max_deg: float | None = Field(
        USUAL.sun_altitude_max_deg,
        description="Leave out the time when the Sun is higher than this, degrees.",
    )
    bad_proposals: list[int] = Field(
        sorted(USUAL.bad_proposals),
        description="Proposals whose exposures are refused as 'Bad Proposal'.",
    )

    def to_values(self) -> dict[str, Any]:
        """Return the values as the pure modules take them, by name."""
        return {**self.model_dump(), "bad_proposals": frozenset(self.bad_proposals)}


class ExtractionConfig(EventConfig):
    """How events become a lightcurve; the defaults are those of the delivered products."""

    bin_s: float = Field(USUAL.bin_s, description="Width of a time bin, s.")
    exclude_airglow: bool = Field(
        USUAL.exclude_airglow,
        description=f"Leave out {describe_airglow()} Angstrom, where the sky glows; of STIS, what "
        "it lights up through the slit.",
    )

    def to_settings(self) -> ExtractionSettings:
        """Return the same as the pure modules take it.

        Raises
        ------
        ValueError
            If a value makes no sense; one sentence.
        """
        return ExtractionSettings(**self.to_values())


def declare_lightcurves(instrument: str, consequences: Sequence[Consequence] = ()) -> BatchStep:
    """Declare `lightcurves` of an instrument, with what follows from a batch for others."""
    key = dg.AssetKey([instrument, "lightcurves"])
    return BatchStep(
        f"{instrument}/lightcurves",
        ABOUT,
        partitions=TIMETAG_ROOTNAMES[instrument],
        upstream=(f"{instrument}/header_tables",),
        owns=OWNED,
        locate=lambda clients, keys, settings: locate_exposures(
            clients.database,
            clients.filesystem,
            instrument,
            keys,
            settle_targets(clients).slugs,
            settings,
        ),
        decide=decide_lightcurve,
        group="lightcurves",
        kinds={"fits", "numpy"},
        then=tuple(consequences),
        config=ExtractionConfig,
        code_version="3",
        check_specs=describe_equality(key),
        check=lambda database, _: check_equality(Lightcurve, database, key),
    )
