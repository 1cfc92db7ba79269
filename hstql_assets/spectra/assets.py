"""Declare the assets of numbers about spectra of COS and STIS, and of pulse heights of COS."""

from hstql_assets.batching.batch_asset import BatchStep
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.inputs import locate_corrtags, locate_spectra
from hstql_assets.spectra.measuring import measure_spectra
from hstql_resources.tables import PulseHeights, SpectrumStatistics

SPECTRA_OWNED = Ownership((OwnedTable(SpectrumStatistics),))
PULSES_OWNED = Ownership((OwnedTable(PulseHeights),))
OF_SPECTRA = """Flux and wavelength range of each file of extracted spectra, as rows of a table.

    Made from x1d, x1dsum and sx1 files after each retrieval: a look at what a spectrum holds
    without opening it. `none` for observations without one, such as images.
    """
OF_PULSES = """How many events of each COS/FUV segment have which pulse height, as rows of a table.

    Made from the corrtag files after each retrieval. Pulse heights fall as the detector loses
    gain: gain maps and the choice of its voltage start here. `none` for NUV and ACCUM.
    """


def declare_spectrum_statistics(instrument: str) -> BatchStep:
    """Declare `spectrum_statistics` of a spectrograph."""
    return BatchStep(
        f"{instrument}/spectrum_statistics",
        OF_SPECTRA,
        partitions=ROOTNAMES[instrument],
        upstream=(f"{instrument}/header_tables",),
        owns=SPECTRA_OWNED,
        locate=lambda clients, keys, _: locate_spectra(clients.database, instrument, keys),
        decide=measure_spectra,
        group="spectra",
        kinds={"numpy", "postgres"},
    )


def declare_pulse_heights() -> BatchStep:
    """Declare `pulse_heights` of COS, the only instrument whose events have them."""
    return BatchStep(
        "cos/pulse_heights",
        OF_PULSES,
        partitions=ROOTNAMES["cos"],
        upstream=("cos/header_tables",),
        owns=PULSES_OWNED,
        locate=lambda clients, keys, _: locate_corrtags(clients.database, keys),
        decide=count_events,
        group="spectra",
        kinds={"numpy", "postgres"},
    )
