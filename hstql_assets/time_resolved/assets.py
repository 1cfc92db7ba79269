"""Declare the assets of time-resolved spectra, one per spectrograph."""

from collections.abc import Sequence

import dagster as dg
from pydantic import Field

from hstql_assets.batching.batch_asset import BatchStep, Tasks
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import TIMETAG_ROOTNAMES
from hstql_assets.lightcurves.assets import EventConfig
from hstql_assets.lightcurves.checks import check_equality, describe_equality
from hstql_assets.lightcurves.inputs import locate_events
from hstql_assets.time_resolved.making import SpectraTask, decide_time_resolved
from hstql_assets.time_resolved.settings import IntervalSettings
from hstql_resources.clients import Clients
from hstql_resources.tables import TimeResolvedSpectra

OWNED = Ownership(
    (OwnedTable(TimeResolvedSpectra),),
    files=(
        OwnedFiles(
            "products/time_resolved_spectra",
            rf"[^/]+/{ROOTNAME}_tss\.fits",
            (TimeResolvedSpectra.path,),
        ),
        OwnedFiles("plots/time_resolved_spectra", rf"[^/]+/{ROOTNAME}_tss\.png"),
    ),
)
ABOUT = """Spectra of each TIME-TAG exposure in equal intervals of time, with a picture.

    Made from the corrtag and x1d files whenever they change; added up over time they are the x1d.
    To see what varies: continuum or lines, star or sky.
    """
USUAL = IntervalSettings()


class IntervalConfig(EventConfig):
    """How events become spectra in time."""

    interval_s: float = Field(
        USUAL.interval_s, description="Length of an interval, s, as near as equal ones can be."
    )
    bin_columns: int | None = Field(
        USUAL.bin_columns,
        description="Columns of the x1d in a wavelength bin; else those of a resolution element.",
    )

    def to_settings(self) -> IntervalSettings:
        """Return the same as the pure modules take it.

        Raises
        ------
        ValueError
            If a value makes no sense; one sentence.
        """
        return IntervalSettings(**self.to_values())


def declare_time_resolved_spectra(instrument: str) -> BatchStep:
    """Declare `time_resolved_spectra` of a spectrograph."""

    def locate(clients: Clients, keys: Sequence[str], settings: IntervalSettings) -> Tasks:
        return [
            one if isinstance(one, Outcome) else SpectraTask(**vars(one), settings=settings)
            for one in locate_events(clients.database, clients.filesystem, instrument, keys, {})
        ]

    key = dg.AssetKey([instrument, "time_resolved_spectra"])
    return BatchStep(
        f"{instrument}/time_resolved_spectra",
        ABOUT,
        partitions=TIMETAG_ROOTNAMES[instrument],
        upstream=(f"{instrument}/header_tables",),
        owns=OWNED,
        locate=locate,
        decide=decide_time_resolved,
        group="lightcurves",
        kinds={"fits", "numpy"},
        config=IntervalConfig,
        check_specs=describe_equality(key),
        check=lambda database, _: check_equality(TimeResolvedSpectra, database, key),
        priority=1,  # pages of lightcurves lead to the picture, if it is there before them
    )
