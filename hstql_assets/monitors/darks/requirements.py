"""What the dark rates are held against: numbers, and the checks that are made of them."""

from hstql_assets.monitors.monitor import Limit

# What COS was built to stay below, counts/s/pixel of FUV; as both monitors of COS draw it. NUV has
# no number of this kind there.
REQUIREMENTS = {"FUVA": 1.5e-6, "FUVB": 1.5e-6}
LATEST_DAYS = 30.0
SIGMAS = 3.0
ALARM_SIGMAS = 5.0
# Of the expected rate: darks change by so much with the Sun and the orbit within weeks.
WARNING_SHARE, ALARM_SHARE = 0.15, 0.30
FEWEST_BEFORE = 6

WITHIN_REQUIREMENT = Limit(
    "dark_rate_within_requirement",
    "The dark rate of FUV in the last 30 days of data is at most 1.5e-6 counts/s/pixel outside of "
    "the South Atlantic Anomaly; above it is a warning, and by more than 3 errors an alarm.",
)
STEADY = Limit(
    "dark_rate_steady",
    "The median dark rate of the last 30 days of data is where the line through the year before "
    "leads, within 15 % or 3 errors; beyond 30 % and 5 errors is an alarm.",
)
LIMITS = (WITHIN_REQUIREMENT, STEADY)
