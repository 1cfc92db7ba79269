"""Find what begins as somebody has typed, for the shell.

Quick, and without a word of its own: nothing is imported that a command works with.
"""

from hstql_assets.batching.partition_names import CAMERAS, INSTRUMENTS, SPECTROGRAPHS

# By the instruments that have them; a test holds them against the graph, which takes long to build.
ASSETS = {
    INSTRUMENTS: ("raw_files", "calibrated_files", "header_tables", "previews"),
    SPECTROGRAPHS: (
        "spectrum_statistics", "lightcurves", "lightcurve_statistics", "lightcurve_plots",
    ),
    ("cos",): ("pulse_heights",),
    CAMERAS: ("image_statistics",),
}  # fmt: skip
WHOLE = (
    "composites", "composite_statistics", "composite_plots", "dark_rates", "gain_maps",
    "acquisitions", "osm_shifts", "telemetry", "stim_pulses", "jitter_statistics",
    "dark_rate_monitor", "gain_monitor", "gain_sag_table", "acquisition_monitor",
    "osm_shift_monitor", "telemetry_monitor", "stim_pulse_monitor", "jitter_monitor",
    "image_trends", "exploratory_tables", "summary_plots",
)  # fmt: skip


def find_assets(begun: str) -> list[str]:
    """Return the assets whose names begin so; with an instrument once that is begun."""
    names = set(WHOLE)
    for instruments, own in ASSETS.items():
        names.update(own)
        names.update(f"{instrument}/{name}" for instrument in instruments for name in own)
    return sorted(one for one in names if one.startswith(begun) and (begun or "/" not in one))
