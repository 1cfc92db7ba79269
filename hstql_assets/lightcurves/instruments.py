"""Choose the instrument's way of extraction that a file takes."""

from pathlib import Path

from hstql_assets.batching.bad_data import BadData, NothingToExtract, Reason
from hstql_assets.lightcurves.cos_weights import plan_cos
from hstql_assets.lightcurves.event_weights import Plan
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.spectrum import Spectrum, read_spectrum
from hstql_assets.lightcurves.stis_weights import plan_stis
from hstql_assets.stis_events.orders import StisSpectrum, read_orders

AnySpectrum = Spectrum | StisSpectrum


def read_any_spectrum(path: Path, events: EventFile) -> AnySpectrum:
    """Read the x1d of an exposure.

    Raises
    ------
    BadData
        Unreadable or Mismatched x1d.
    """
    exposure = events.exposure
    if exposure.instrument != "STIS":
        return read_spectrum(path, exposure)
    spectrum = read_orders(path, exposure.mode)
    spectrum.require_start(exposure.exp_start_mjd, events.event_tables)
    if events.orders is not None and events.orders != spectrum.order_range:
        raise BadData(
            path.name,
            Reason.MISMATCHED_X1D,
            f"has the orders {_span(spectrum.order_range)}, but the events were given wavelengths "
            f"of {_span(events.orders)}: materialize stis/calibrated_files again.",
        )
    return spectrum


def make_plan(
    events: EventFile, spectrum: AnySpectrum | None, settings: ExtractionSettings
) -> Plan:
    """Plan the extraction of an event file.

    Parameters are those of `plan_cos` and `plan_stis`.

    Raises
    ------
    BadData
        If the header or the x1d define no region.
    NothingToExtract
        If the settings ask for what such a file does not have.
    """
    _require_all(events, spectrum, settings)
    if isinstance(spectrum, StisSpectrum) or events.exposure.instrument == "STIS":
        return plan_stis(events, spectrum if isinstance(spectrum, StisSpectrum) else None, settings)
    return plan_cos(events, spectrum, settings)


def _require_all(
    events: EventFile, spectrum: AnySpectrum | None, settings: ExtractionSettings
) -> None:
    """Make sure that the file has wavelengths and pulse heights, where these are asked for."""
    exposure = events.exposure
    mode = f"{exposure.rootname} is of {exposure.instrument}/{exposure.detector}"
    if settings.windows and events.is_imaging:
        raise NothingToExtract(f"{exposure.rootname} is an image: it has no wavelengths.")
    if settings.windows and spectrum is None:
        raise NothingToExtract(
            f"{exposure.rootname} has no x1d, which tells where a band is and what its flux is."
        )
    if settings.pulse_heights is None:
        return
    if exposure.detector != "FUV":
        raise NothingToExtract(f"{mode}, whose events have no pulse heights.")
    if "PHA" not in (events.layout.record.names or ()):
        raise NothingToExtract(f"{events.path.name} has no column PHA of pulse heights.")


def _span(orders: tuple[int, int]) -> str:
    return f"{orders[0]} to {orders[1]}"
