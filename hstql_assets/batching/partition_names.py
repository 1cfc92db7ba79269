"""Name the instruments, and the partition sets of the graph."""

INSTRUMENTS = ("cos", "stis", "acs", "wfc3")
SPECTROGRAPHS = ("cos", "stis")  # which have spectra, and events with lightcurves
CAMERAS = ("acs", "wfc3")

COMPOSITE_TARGETS = "target"
CUMULATIVE_IMAGES = "cumulative_image"  # whose keys are not exposures
# Nor are these: the partition sets of what is made of several exposures, by asset. A key is the
# asset, the detector and what the set is: flat_gains_uvis_17672.
SET_ASSETS = ("flat_gains", "superdarks", "unstable_pixels", "bowtie", "blobs")
EXPOSURE_SETS = {name: f"{name}_set" for name in SET_ASSETS}
# What monitors look at: some exposures of COS.
DARKS = "dark_rootname"
LAMPFLASHES = "cos_lampflash_rootname"
ACQUISITIONS = "cos_acq_rootname"
FUV_EVENTS = "cos_fuv_event_rootname"
IR_EXPOSURES = "wfc3_ir_rootname"  # whose start and files say which others they suffer from
COS_SUBSETS = (DARKS, LAMPFLASHES, ACQUISITIONS, FUV_EVENTS)


def has_same_keys(partition_set: str, upstream: str) -> bool:
    """Tell whether an asset has the keys of one that it is made from.

    Targets, cumulative images and sets do not have those of exposures, which belong to an
    instrument.
    """
    others = (COMPOSITE_TARGETS, CUMULATIVE_IMAGES, *EXPOSURE_SETS.values())
    has_rootnames = partition_set not in others
    return has_rootnames or "/" not in upstream
