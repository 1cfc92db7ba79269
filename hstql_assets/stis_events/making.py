"""Make one corrtag, from the files of an exposure to a file."""

from pathlib import Path

from hstql_assets.stis_events.correction import correct_events
from hstql_assets.stis_events.corrtags import write_corrtag
from hstql_assets.stis_events.orders import is_spectroscopic, read_orders
from hstql_assets.stis_events.reference_data import Find, load_references
from hstql_assets.stis_events.tags import read_tag


def make_corrtag(tag_path: Path, x1d: Path | None, find_reference: Find, path: Path) -> None:
    """Correct the events of a tag file, and write them to exactly this path.

    Parameters
    ----------
    tag_path : Path
        Tag file of STIS, plain or gzipped; it stays as it is.
    x1d : Path or None
        The spectrum of the same exposure, if it has one.
    find_reference : callable
        From a header value such as ``oref$x_pfl.fits`` to a file, or None.
    path : Path
        A temporary file with the final name.

    Raises
    ------
    BadData
        If the tag or the x1d cannot be used; it names the file at fault.
    """
    tag = read_tag(tag_path)
    spectrum = None
    if x1d is not None and is_spectroscopic(tag.primary):
        spectrum = read_orders(x1d, tag.mode)
        spectrum.require_start(tag.start_mjd, len(tag.tables))
    events = correct_events(tag, load_references(tag.primary, find_reference), spectrum)
    write_corrtag(tag, events, spectrum, path)
