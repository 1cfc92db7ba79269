"""State where the sky outshines most targets, on ultraviolet detectors."""

# Geocoronal Lyman alpha and O I: brighter than most targets, and they follow the Sun, not the star.
AIRGLOW_WINDOWS_ANGSTROM = ((1208.0, 1225.0), (1298.0, 1312.0))


def describe_airglow() -> str:
    """Return these wavelengths in words, Angstrom."""
    return " and ".join(f"{first:g}-{last:g}" for first, last in AIRGLOW_WINDOWS_ANGSTROM)
