"""When the exposures for the monitors are taken: epochs spread over two years.

The place of an epoch depends on its number alone, so that more epochs change none of the first:
each falls into one of the widest gaps that those before it have left.
"""

FIRST_MJD = 58484.0  # 2019-01-01
DAYS = 730.5
_GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, are spread most evenly
MAXIMUM_EPOCHS = 1000


def epoch_mjd(number: int) -> float:
    """Return the time of an epoch by its number from 0, MJD UTC.

    The first two are the ends of the two years, so that a trend can be seen from two on.
    """
    if number < 2:
        return FIRST_MJD + number * DAYS
    return FIRST_MJD + DAYS * ((number - 1) * _GOLDEN % 1.0)
