"""Name the partition sets that hold a part of the COS exposures."""

CUMULATIVE_IMAGES = "cumulative_image"  # whose keys are not exposures


DARKS = "dark_rootname"


LAMPFLASHES = "cos_lampflash_rootname"


ACQUISITIONS = "cos_acq_rootname"


FUV_EVENTS = "cos_fuv_event_rootname"


COS_SUBSETS = (DARKS, LAMPFLASHES, ACQUISITIONS, FUV_EVENTS)
