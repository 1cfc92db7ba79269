"""Tell by TARGNAME what is on the sky: lamps, biases and darks have names of targets, too."""

# The internal targets of the Phase II proposal instructions, and the lamps of STIS by their names.
INTERNAL_TARGETS = frozenset(
    {
        "BIAS", "CCDFLAT", "DARK", "DARK-NM", "DEUTERIUM", "FLAT", "HITM1", "HITM2", "INTFLAT",
        "KRYPTON", "KSPOTS", "LINE", "NONE", "TUNGSTEN", "UVFLAT", "VISFLAT",
    }
)  # fmt: skip
WAVECAL = "WAVE"  # of wavecals, or how their names begin: WAVEHITM
NOWHERE = "ANY"  # where a parallel exposure happened to point


def is_science_target(name: str) -> bool:
    """Tell whether TARGNAME names something on the sky; case does not matter.

    An empty name may be anything.
    """
    upper = name.strip().upper()
    return upper not in INTERNAL_TARGETS | {NOWHERE} and not upper.startswith(WAVECAL)
