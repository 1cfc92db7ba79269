"""Name this software and its version, as products and sessions are signed."""

from functools import cache
from importlib.metadata import version


@cache
def name_software() -> str:
    """Return such as `hstql 1.2.3`; read once, for that takes a millisecond."""
    return f"hstql {version('hstql')}"
