"""List the monitors that there are: those of this package, and those that the settings name.

A monitor is a module with a constant `MONITOR`. One that does not belong to this package is named
by the setting `HSTQL_MONITORS`, and found on Python's path.
"""

from functools import cache
from importlib import import_module

from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Trend
from hstql_resources.settings import SettingsError, load_settings
from hstql_resources.tables import Base

PACKAGE = "hstql_assets.monitors"
# Upstream before downstream: lamps are also seen in acquisitions, and stims drawn by temperature.
OWN = (
    "darks",
    "gain",
    "acquisitions",
    "osm_shifts",
    "telemetry",
    "stims",
    "jitter",
    "cameras",
    "flat_gains",
    "superdarks",
    "unstable_pixels",
    "bowtie",
    "blobs",
    "bad_pixel_tables",
    "persistence",
    "ir_bias_levels",
    "eper_cte",
    "snowballs",
    "throughput",
)


@cache
def read_monitors() -> tuple[Monitor, ...]:
    """Return all monitors, once for each process.

    Raises
    ------
    SettingsError
        If the settings name a module that cannot be used.
    """
    own = [import_module(f"{PACKAGE}.{name}.monitor").MONITOR for name in OWN]
    return (*own, *(_import_monitor(name) for name in _read_names()))


def read_measurements() -> list[Measurement]:
    """Return the measurements of all monitors."""
    return [one for monitor in read_monitors() for one in monitor.measurements]


def read_set_measurements() -> list[Measurement]:
    """Return the measurements of sets of exposures."""
    return [one for one in read_measurements() if one.sets is not None]


def find_set_measurement(name: str) -> Measurement:
    """Return the measurement of sets of exposures with a name, as in `SET_ASSETS`."""
    return next(one for one in read_set_measurements() if one.name == name)


def read_selected_measurements() -> list[Measurement]:
    """Return the measurements whose exposures a table selects."""
    return [one for one in read_measurements() if one.selection is not None]


def read_trends() -> list[Trend]:
    """Return the trends of all monitors, upstream before downstream."""
    return [one for monitor in read_monitors() for one in monitor.trends]


def foreign_tables() -> list[type[Base]]:
    """Return the tables of monitors that are not of this package; no migration makes them."""
    foreign = read_monitors()[len(OWN) :]
    models = [rows.model for one in foreign for part in one.measurements for rows in part.owned]
    models += [model for one in foreign for part in one.trends for model in part.owned]
    return list(dict.fromkeys(models))


def _read_names() -> tuple[str, ...]:
    """Return the modules that the settings name; none where a setting is wrong.

    What is wrong is said by every command, run and tick that needs the settings.
    """
    try:
        return load_settings().monitors
    except SettingsError:
        return ()


def _import_monitor(name: str) -> Monitor:
    try:
        monitor = import_module(name).MONITOR
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"HSTQL_MONITORS names {name}, which is no module with a MONITOR: {error}. "
            "Is its folder in PYTHONPATH?"
        ) from None
    if not isinstance(monitor, Monitor):
        raise SettingsError(f"HSTQL_MONITORS names {name}, whose MONITOR is no Monitor.")
    return monitor
