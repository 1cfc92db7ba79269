"""Name all assets with their partition sets, for those who do not wait until the graph is built.

A test holds the names against the graph; monitors that the settings name come on top.
"""

from hstql_assets.batching.job_names import FILE_ASSETS
from hstql_assets.batching.partition_names import (
    ACQUISITIONS,
    CAMERAS,
    COMPOSITE_TARGETS,
    CUMULATIVE_IMAGES,
    DARKS,
    EXPOSURE_SETS,
    FUV_EVENTS,
    INSTRUMENTS,
    IR_EXPOSURES,
    LAMPFLASHES,
    SPECTROGRAPHS,
)

_FILES = (*FILE_ASSETS, "header_tables", "previews")
_CURVES = ("lightcurves", "lightcurve_statistics", "lightcurve_plots",
           "extractions", "time_resolved_spectra")  # fmt: skip
_WHOLES = (
    "dark_rate_monitor", "gain_monitor", "gain_sag_table", "acquisition_monitor",
    "osm_shift_monitor", "telemetry_monitor", "stim_pulse_monitor", "jitter_monitor",
    "image_trends", "flat_gain_monitor", "superdark_monitor", "unstable_pixel_monitor",
    "bowtie_monitor", "blob_monitor", "bad_pixel_monitor", "persistence_monitor",
    "ir_bias_monitor", "eper_cte_monitor", "snowball_monitor", "throughput_monitor",
    "exploratory_tables", "summary_plots",
)  # fmt: skip


def name_sets() -> dict[str, str]:
    """Return the partition set of each asset by its name, in the order of the graph."""
    found = {f"{one}/{name}": f"{one}_rootname" for one in INSTRUMENTS for name in _FILES}
    for one in SPECTROGRAPHS:
        found[f"{one}/spectrum_statistics"] = f"{one}_rootname"
        found |= {f"{one}/{name}": f"{one}_timetag_rootname" for name in _CURVES}
    composites = ("composites", "composite_statistics", "composite_plots")
    return {
        **found,
        "cos/pulse_heights": "cos_rootname",
        **dict.fromkeys(composites, COMPOSITE_TARGETS),
        "dark_rates": DARKS,
        "gain_maps": CUMULATIVE_IMAGES,
        "acquisitions": ACQUISITIONS,
        "osm_shifts": LAMPFLASHES,
        "telemetry": "cos_rootname",
        "stim_pulses": FUV_EVENTS,
        "jitter_statistics": "cos_rootname",
        **{f"{one}/image_statistics": f"{one}_rootname" for one in CAMERAS},
        **EXPOSURE_SETS,
        "bad_pixel_tables": EXPOSURE_SETS["superdarks"],
        "persistence": IR_EXPOSURES,
        "ir_bias_levels": "wfc3_rootname",
        **{f"{one}/eper_cte": f"{one}_rootname" for one in CAMERAS},
        "snowballs": "wfc3_rootname",
        **{f"{one}/throughput": f"{one}_rootname" for one in CAMERAS},
        **dict.fromkeys(_WHOLES, ""),
    }
