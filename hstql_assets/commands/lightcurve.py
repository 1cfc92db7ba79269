"""Make one lightcurve of files, or of an exposure in the archive, without any catalogue.

No database is asked, and nothing is written but the file that was asked for.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from hstql_assets.batching.bad_data import BadExposure, NothingToExtract
from hstql_assets.commands.output_files import require_free, write_whole
from hstql_assets.lightcurves.extractions.definitions import choose, load_definitions
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.archive import Archive, ArchiveError, RetrievalError, Search, open_archive
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import instrument_of, is_rootname, parse_filename
from hstql_resources.filesystem import Filesystem
from hstql_resources.settings import SettingsError, load_settings

HORIZON_DEG = 0.0
TYPES = ("corrtag", "corrtag_a", "corrtag_b", "x1d", "spt")


@dataclass(frozen=True)
class Exposure:
    """The files of one exposure.

    Attributes
    ----------
    rootname : str
        Which.
    files : dict of str to Path
        By type, such as `corrtag_a`.
    """

    rootname: str
    files: dict[str, Path]

    @property
    def events(self) -> list[Path]:
        """Its event files."""
        return [path for name, path in self.files.items() if name.startswith("corrtag")]


def lightcurve(
    names: tuple[str, ...],
    alone: bool,
    output: Path | None,
    force: bool,
    name: str | None,
    **choices: object,
) -> None:
    """Make one lightcurve of files, or of an exposure in the archive or the home."""
    try:
        settings = read_choices(name, choices)
        with _find(names, alone) as exposure:
            path = output or Path(_name_output(exposure.rootname, name))
            require_free(path, force)
            made = make_lightcurve(
                exposure.events, exposure.files.get("x1d"), settings, exposure.files.get("spt")
            )
            with write_whole(path) as temporary:
                write_lightcurve(made, temporary, name=name)
    except (SettingsError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    except (BadExposure, NothingToExtract, ArchiveError, RetrievalError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or path}: {error.strerror or error}."
        ) from None
    for remark in made.remarks:
        click.echo(f"Remark: {remark}", err=True)
    click.echo(f"{path}: {describe(made)}")


def read_choices(name: str | None, choices: dict[str, object]) -> ExtractionSettings:
    """Return the settings of a defined extraction or the default one, with what was chosen.

    Raises
    ------
    SettingsError
        If there is no extraction of that name.
    ValueError
        If what was chosen makes no sense.
    """
    settings = ExtractionSettings(has_band_flux=True)
    if name is not None:
        (definition,) = choose(load_definitions(load_settings().home), [name])
        settings = definition.settings
    given = {key: value for key, value in choices.items() if value not in (None, (), False)}
    if {"night", "day"} <= given.keys():
        raise ValueError("The Sun cannot be both up and down: give --night or --day.")
    changes: dict[str, object] = {}
    for key, value in given.items():
        changes |= _translate(key, value)
    return replace(settings, **changes)  # type: ignore[arg-type]


def _translate(key: str, value: object) -> dict[str, object]:
    """Return the settings that an option stands for."""
    if key == "waves" and isinstance(value, tuple):
        # One band can be found by the wavelengths of the events, too, where there is no x1d.
        if len(value) == 1:
            return {"wave_min": value[0][0], "wave_max": value[0][1], "windows": ()}
        return {"windows": value}
    flags: dict[str, dict[str, object]] = {
        "night": {"sun_altitude_max_deg": HORIZON_DEG},
        "day": {"sun_altitude_min_deg": HORIZON_DEG},
        "keep_airglow": {"exclude_airglow": False},
    }
    return flags.get(key, {key: value})


@contextlib.contextmanager
def _find(names: Sequence[str], alone: bool) -> Iterator[Exposure]:
    """Yield the files of the exposure that is meant; those that were fetched are gone afterwards.

    Raises
    ------
    ValueError
        If the names are not those of the files of one exposure, or of one exposure.
    """
    is_file = [os.path.lexists(one) or not is_rootname(one.lower()) for one in names]
    if all(is_file):
        yield _look_beside([Path(one) for one in names], alone)
        return
    if len(names) > 1:
        raise ValueError("Give one rootname, or the files of one exposure.")
    with tempfile.TemporaryDirectory(prefix="hstql_") as folder:
        yield _search(names[0].lower(), Path(folder))


def _look_beside(given: Sequence[Path], alone: bool) -> Exposure:
    """Return files that were given, and those of the same exposure that lie beside the first."""
    found: dict[str, Path] = {}
    rootnames = set()
    for path in given:
        parsed = parse_filename(path.name)
        if not path.is_file():
            raise ValueError(f"There is no file {path}.")
        if parsed is None or parsed.filetype not in TYPES:
            raise ValueError(
                f"{path.name} is no corrtag, x1d or spt of an exposure, by its name; it has to be "
                "such as ld9m10ujq_corrtag_a.fits."
            )
        rootnames.add(parsed.rootname)
        found[parsed.filetype] = path
    if len(rootnames) > 1:
        raise ValueError(
            f"These are files of {' and '.join(sorted(rootnames))}: give one exposure."
        )
    (rootname,) = rootnames
    beside = {} if alone else _list_folder(given[0].parent, rootname)
    return _require_events(Exposure(rootname, {**beside, **found}), f"beside {given[0]}")


def _list_folder(folder: Path, rootname: str) -> dict[str, Path]:
    """Return the files of an exposure in a folder, by type."""
    paths = (
        (name, folder / f"{rootname}_{name}.fits{end}") for end in (".gz", "") for name in TYPES
    )
    return {name: path for name, path in paths if path.is_file()}


def _search(rootname: str, scratch: Path) -> Exposure:
    """Return the files of an exposure in the home, else in the archive; what is fetched, here."""
    settings = load_settings()
    folder = Filesystem(settings.home).observation_folder(rootname)
    files = _list_folder(folder, rootname)
    if missing := set(TYPES) - files.keys():
        archive = open_archive(settings)
        if isinstance(archive, DirectoryArchive) and not settings.home.is_dir():
            archive = replace(archive, index=None)  # it would lie in the home
        files = {**_take(archive, rootname, missing, scratch), **files}
    return _require_events(Exposure(rootname, files), "in the home or the archive")


def _take(archive: Archive, rootname: str, types: set[str], scratch: Path) -> dict[str, Path]:
    search = Search(instrument_of(rootname), rootnames=(rootname,))
    datasets = [dataset.name for dataset in archive.find_datasets(search)]
    listed = archive.list_products(datasets or [rootname])
    wanted = {}
    for product in (one for products in listed.values() for one in products):
        parsed = parse_filename(product.filename)
        if parsed and parsed.rootname == rootname and parsed.filetype in types:
            wanted[parsed.filetype] = product
    if archive.in_place:
        return {name: Path(product.location) for name, product in wanted.items()}
    if wanted:
        archive.fetch(list(wanted.values()), scratch)
    return {name: scratch / product.filename for name, product in wanted.items()}


def _require_events(exposure: Exposure, where: str) -> Exposure:
    if not exposure.events:
        makes = " 'hstql materialize stis/calibrated_files' makes that of STIS." * (
            exposure.rootname[:1] == "o"
        )
        raise NothingToExtract(f"There is no corrtag of {exposure.rootname} {where}.{makes}")
    return exposure


def _name_output(rootname: str, name: str | None) -> str:
    return f"{rootname}_curve.fits" if name is None else f"{rootname}_{name}_curve.fits"


def describe(made: Lightcurve) -> str:
    """Return in one sentence what a lightcurve holds."""
    totals, settings = made.totals, made.settings
    bins = f"{len(made.bins.times_s)} bins"
    if made.edges_s is None:
        bins += f" of {settings.bin_s:g} s"
    said = (
        f"{', '.join(made.segments)}, {bins}, {totals.exposure_s:.1f} s live, "
        f"{totals.gross:.0f} events, {totals.background:.1f} of them background"
    )
    band = made.band_totals
    if band is None or not made.is_flux_calibrated:
        return f"{said}; no flux, for there is no x1d to calibrate it."
    return (
        f"{said}; {made.wave_min:.2f} to {made.wave_max:.2f} Angstrom, flux "
        f"{band.band_flux:.4g} +- {band.band_flux_error:.2g} erg/s/cm2."
    )
