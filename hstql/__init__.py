"""Hand on what is public: lightcurves of files, headers, and what a home has recorded.

Nothing is imported until it is asked for, and Dagster never.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hstql.curves import Lightcurve, lightcurve
    from hstql.homes import Home, connect
    from hstql.reading import headers
    from hstql_assets.batching.bad_data import BadExposure, NothingToExtract

__all__ = [
    "BadExposure", "Home", "Lightcurve", "NothingToExtract", "connect", "headers", "lightcurve",
]  # fmt: skip
_PLACES = {
    **dict.fromkeys(("Lightcurve", "lightcurve"), "hstql.curves"),
    **dict.fromkeys(("Home", "connect"), "hstql.homes"),
    "headers": "hstql.reading",
    **dict.fromkeys(("BadExposure", "NothingToExtract"), "hstql_assets.batching.bad_data"),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("hstql")
    if name not in _PLACES:
        raise AttributeError(f"module 'hstql' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
