"""Name the jobs of the graph, one for each partition set."""

from hstql_assets.batching.partition_names import (
    ACQUISITIONS,
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

# By partition set: the name of its job, and what that makes. Assets without partitions have "".
JOBS = {
    **{f"{name}_rootname": (
           f"{name}_files", "Files, headers, previews and measurements of observations.")
       for name in INSTRUMENTS},
    **{f"{name}_timetag_rootname": (
           f"{name}_timetag", "Lightcurves of TIME-TAG exposures, and what follows from them.")
       for name in SPECTROGRAPHS},
    COMPOSITE_TARGETS: (
        "target_composites", "Composite lightcurves of targets, and what follows from them."),
    DARKS: ("cos_darks", "Dark rates of COS."),
    LAMPFLASHES: ("cos_lampflashes", "Shifts of COS spectra, from flashes of its lamps."),
    ACQUISITIONS: ("cos_acquisitions", "Target acquisitions of COS."),
    FUV_EVENTS: ("cos_fuv_events", "Stim pulses of COS/FUV."),
    CUMULATIVE_IMAGES: ("cumulative_images", "Gain maps of COS/FUV."),
    **{name: (f"camera_{asset}", f"What is made of sets of exposures of the cameras: {asset}.")
       for asset, name in EXPOSURE_SETS.items()},
    IR_EXPOSURES: ("wfc3_persistence", "What earlier exposures leave in those of WFC3/IR."),
    "": ("summaries", "Monitors, tables and charts of everything that was made."),
}  # fmt: skip
FILE_ASSETS = ("raw_files", "calibrated_files")  # which bring in what all others are made of


def set_of_job() -> dict[str, str]:
    """Return which partition set each job is about, by its name."""
    found = {job: name for name, (job, _) in JOBS.items()}
    for instrument in INSTRUMENTS:
        for part in ("retrieval", "products"):
            found[f"{instrument}_{part}"] = f"{instrument}_rootname"
    return found


def file_assets(instrument: str) -> list[str]:
    """Return the full names of the assets that bring in the files of an instrument."""
    return [f"{instrument}/{name}" for name in FILE_ASSETS]


def is_file_asset(name: str) -> bool:
    """Tell whether an asset brings in files; all others are made of them."""
    return name.split("/")[-1] in FILE_ASSETS
