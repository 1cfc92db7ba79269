"""Name the instruments, and the partition sets of the graph."""

INSTRUMENTS = ("cos", "stis", "acs", "wfc3")
SPECTROGRAPHS = ("cos", "stis")  # which have spectra, and events with lightcurves
CAMERAS = ("acs", "wfc3")

COMPOSITE_TARGETS = "target"
CUMULATIVE_IMAGES = "cumulative_image"  # whose keys are not exposures
EXPOSURE_SETS = "exposure_set"  # nor are these: several exposures that one thing is made of
# What monitors look at: some exposures of COS.
DARKS = "dark_rootname"
LAMPFLASHES = "cos_lampflash_rootname"
ACQUISITIONS = "cos_acq_rootname"
FUV_EVENTS = "cos_fuv_event_rootname"
COS_SUBSETS = (DARKS, LAMPFLASHES, ACQUISITIONS, FUV_EVENTS)


def has_same_keys(partition_set: str, upstream: str) -> bool:
    """Tell whether an asset has the keys of one that it is made from.

    Targets, cumulative images and sets do not have those of exposures, which belong to an
    instrument.
    """
    has_rootnames = partition_set not in (COMPOSITE_TARGETS, CUMULATIVE_IMAGES, EXPOSURE_SETS)
    return has_rootnames or "/" not in upstream
