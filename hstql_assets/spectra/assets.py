"""Build the assets of numbers about spectra of COS and STIS, and of pulse heights of COS."""

import dagster as dg

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.inputs import locate_corrtags, locate_spectra
from hstql_assets.spectra.measuring import measure_spectra
from hstql_resources.clients import Clients
from hstql_resources.tables import PulseHeights, SpectrumStatistics

SPECTRA_OWNED = Ownership((OwnedTable(SpectrumStatistics),))
PULSES_OWNED = Ownership((OwnedTable(PulseHeights),))


def build_spectrum_statistics(instrument: str) -> dg.AssetsDefinition:
    """Return `spectrum_statistics` of a spectrograph."""

    @batch_asset(
        instrument,
        "spectrum_statistics",
        ROOTNAMES[instrument],
        SPECTRA_OWNED,
        deps=[[instrument, "header_tables"]],
        group_name="spectra",
        kinds={"numpy", "postgres"},
        code_version="1",
    )
    def spectrum_statistics(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Flux and wavelength range of each file of extracted spectra, as rows of a table.

        Made from x1d, x1dsum and sx1 files after each retrieval: a look at what a spectrum holds
        without opening it. `none` for observations without one, such as images.
        """
        tasks = locate_spectra(clients.database, instrument, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, measure_spectra)
        return report_batch(context.asset_key, clients, outcomes)

    return spectrum_statistics


def build_pulse_heights() -> dg.AssetsDefinition:
    """Return `pulse_heights` of COS, the only instrument whose events have them."""

    @batch_asset(
        "cos",
        "pulse_heights",
        ROOTNAMES["cos"],
        PULSES_OWNED,
        deps=[["cos", "header_tables"]],
        group_name="spectra",
        kinds={"numpy", "postgres"},
        code_version="1",
    )
    def pulse_heights(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """How many events of each COS/FUV segment have which pulse height, as rows of a table.

        Made from the corrtag files after each retrieval. Pulse heights fall as the detector loses
        gain: gain maps and the choice of its voltage start here. `none` for NUV and ACCUM.
        """
        tasks = locate_corrtags(clients.database, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, count_events)
        return report_batch(context.asset_key, clients, outcomes)

    return pulse_heights
