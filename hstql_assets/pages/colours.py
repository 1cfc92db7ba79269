"""The colours of the exposures of a composite, the same in pictures and on pages."""

# Ten that can be told apart also by most of the colour-blind; then they begin again.
COLOURS = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#aa7711",
    "#aa3377",
    "#2299bb",
    "#775533",
    "#9966cc",
    "#dd7722",
    "#555555",
)


def colour_of(dataset: int) -> str:
    """Return the colour of an exposure by its number from 1."""
    return COLOURS[(dataset - 1) % len(COLOURS)]
