"""Which names of targets stand for nothing on the sky: lamps, darks, and no target at all.

Exposures of them may be called science, in headers and by MAST alike.
"""

_NOT_ON_THE_SKY = frozenset({"DARK", "BIAS", "DEUTERIUM", "ANY", "NONE"})


def is_science_target(name: str) -> bool:
    """Tell whether TARGNAME names something on the sky; case does not matter.

    A wavecal's target is WAVE, or begins so: WAVEHITM. An empty name may be anything.
    """
    upper = name.upper()
    return upper not in _NOT_ON_THE_SKY and not upper.startswith("WAVE")
