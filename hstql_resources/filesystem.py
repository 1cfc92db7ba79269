"""Place hstql's own files, write them whole, and give them their permissions.

A path is a function of (product, key, the observation's row). Nothing here knows what is
in a file, and nothing here ever touches a directory archive.
"""

import contextlib
import os
import re
import shutil
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from multiprocessing.util import Finalize
from pathlib import Path

from hstql_resources.processes import is_alive, process_name
from hstql_resources.settings import Settings, SettingsError


@dataclass(frozen=True)
class PlotFiles:
    """The plots of one lightcurve or composite: side by side, told apart by how they end.

    Attributes
    ----------
    folder : Path
        Where they lie.
    stem : str
        Name of the FITS file without `.fits`.
    """

    folder: Path
    stem: str

    @property
    def picture(self) -> Path:
        """The static picture."""
        return self.folder / f"{self.stem}.png"

    @property
    def page(self) -> Path:
        """The interactive page."""
        return self.folder / f"{self.stem}.html"

    @property
    def thumbnail(self) -> Path:
        """The small picture for tables."""
        return self.folder / f"{self.stem}_thumb.png"

    @property
    def periodogram(self) -> Path:
        """The picture of the periodogram, which not every lightcurve has."""
        return self.folder / f"{self.stem}_periodogram.png"

    @property
    def fold(self) -> Path:
        """The picture of the fold at the best period, which only what is periodic has."""
        return self.folder / f"{self.stem}_fold.png"

    def __iter__(self) -> Iterator[Path]:
        """Yield every file that there can be."""
        yield from (self.picture, self.page, self.thumbnail, self.periodogram, self.fold)


@dataclass(frozen=True)
class PreviewFiles:
    """A picture of an image or spectrum, and the thumbnail beside it.

    Attributes
    ----------
    folder : Path
        Where they lie.
    stem : str
        Name of the FITS file without `.fits`; of a further picture of it with a number.
    """

    folder: Path
    stem: str

    @property
    def picture(self) -> Path:
        """The picture at full resolution."""
        return self.folder / f"{self.stem}.jpg"

    @property
    def thumbnail(self) -> Path:
        """The small picture, also JPEG."""
        return self.folder / f"{self.stem}.thumb"


@dataclass(frozen=True)
class Filesystem:
    """The folder tree under `HSTQL_HOME`. Small, and pickled to worker processes.

    Attributes
    ----------
    home : Path
        The top of the tree.
    folder_mode : int
        Mode of every folder made here; files get the same without the x bits.
    group_id : int or None
        Group of everything written; None leaves it as the system sets it.
    """

    home: Path
    folder_mode: int = 0o770
    group_id: int | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "Filesystem":
        """Make the file system of the settings, and its top folder.

        Raises
        ------
        SettingsError
            If the group is unknown, or the folder cannot be made or written to.
        """
        files = cls(settings.home, settings.file_mode, _find_group(settings.group))
        try:
            with files.scratch():  # the proof that writing, mode and group all work
                pass
        except OSError as error:
            reason = error.strerror or error
            raise SettingsError(
                f"HSTQL_HOME {files.home} cannot be written to with the mode and group of the "
                f"settings (HSTQL_FILE_MODE, HSTQL_GROUP): {error.filename}: {reason}."
            ) from None
        return files

    def observation_folder(self, rootname: str) -> Path:
        """Return the folder of the files of one exposure or association."""
        return self.home / "files" / rootname[:4] / rootname

    def corrtag(self, rootname: str) -> Path:
        """Return the path of the corrected events that hstql makes of a tag file."""
        return self.observation_folder(rootname) / f"{rootname}_corrtag.fits"

    def lightcurve(self, target: str, rootname: str) -> Path:
        """Return the path of the lightcurve of one exposure."""
        return self.home / "products" / "lightcurves" / target / f"{rootname}_curve.fits"

    def extraction(self, target: str, rootname: str, name: str) -> Path:
        """Return the path of a named extraction of one exposure, beside its lightcurve."""
        return self.lightcurve(target, rootname).with_name(f"{rootname}_{name}_curve.fits")

    def time_resolved(self, rootname: str) -> Path:
        """Return the path of the time-resolved spectra of one exposure."""
        folder = self.home / "products" / "time_resolved_spectra" / rootname[:4]
        return folder / f"{rootname}_tss.fits"

    def time_resolved_picture(self, rootname: str) -> Path:
        """Return the path of their picture."""
        return self.plots / "time_resolved_spectra" / rootname[:4] / f"{rootname}_tss.png"

    def lightcurve_plots(self, target: str, rootname: str) -> PlotFiles:
        """Return the plots of the lightcurve of one exposure."""
        return PlotFiles(self.plots / "lightcurves" / target, f"{rootname}_curve")

    def composite_plots(self, filename: str) -> PlotFiles:
        """Return the plots of a composite, by the name of its file."""
        return PlotFiles(self.plots / "composites", filename.removesuffix(".fits"))

    def preview(self, proposal_id: int | None, filename: str, number: int = 1) -> PreviewFiles:
        """Return where a picture of a FITS file lies; a file can have several, from 1."""
        folder = self.home / "previews" / ("unknown" if proposal_id is None else str(proposal_id))
        stem = filename.removesuffix(".gz").removesuffix(".fits")
        return PreviewFiles(folder, stem if number == 1 else f"{stem}_{number}")

    @property
    def plots(self) -> Path:
        """The folder of all plots and pages; its `index.html` leads to the rest."""
        return self.home / "plots"

    def composite(self, filename: str) -> Path:
        """Return the path of a composite by the name that it is delivered with."""
        return self.home / "products" / "composites" / filename

    @property
    def references(self) -> Path:
        """The folder of the reference files that were fetched."""
        return self.home / "references"

    def trailer(self, name: str) -> Path:
        """Return where the trailer of a calibration pipeline lies, by exposure or association."""
        return self.logs / "calibration" / f"{name}.tra"

    @property
    def trash(self) -> Path:
        """The folder of what was removed, by day; nothing is looked for in it."""
        return self.home / "trash"

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.home / "logs"

    def make_folder(self, folder: Path) -> None:
        """Make a folder with all that is missing above it, each with mode and group."""
        if folder.is_dir():
            return
        self.make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            self.set_permissions(folder)

    @contextlib.contextmanager
    def write(self, path: Path) -> Iterator[Path]:
        """Yield a temporary path; what is written there takes its final name on success.

        The temporary file lies under `scratch`, on the same disk, so the final name only
        ever belongs to a whole file.
        """
        temporary = self._unfinished() / path.name
        try:
            yield temporary
            self.move(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def move(self, source: Path, path: Path) -> None:
        """Give a finished file its permissions and its final name, replacing what was there."""
        self.set_permissions(source)
        try:
            self.make_folder(path.parent)
            source.replace(path)
        except FileNotFoundError:
            # Another process removed the folder, empty, in between.
            self.make_folder(path.parent)
            source.replace(path)

    def relocate(self, source: Path, path: Path) -> bool:
        """Move a file that hstql made to another place, and remove the folders left empty.

        Returns
        -------
        bool
            False if there is no such file, or it is not under `HSTQL_HOME`; it may have been moved
            before.
        """
        is_there = source.is_relative_to(self.home) and source.is_file()
        if is_there:
            self.move(source, path)
        self.remove(source)
        return is_there

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty folder of this process; it is gone afterwards."""
        folder = self.home / "scratch" / process_name() / uuid.uuid4().hex
        self.make_folder(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):  # another thread may have its own in there
                folder.parent.rmdir()

    def _unfinished(self) -> Path:
        """Return the folder of what this thread writes; it stays until the process ends.

        To make and remove one for each file took longer than to write a small file.
        """
        of_process = self.home / "scratch" / process_name()
        folder = of_process / str(threading.get_ident())
        if not folder.is_dir():
            Finalize(None, shutil.rmtree, (of_process, True), exitpriority=0)  # in workers too
            self.make_folder(folder)
        return folder

    def sweep_scratch(self) -> None:
        """Remove the scratch folders of processes that are no more, such as killed ones."""
        for folder in (self.home / "scratch").glob("*@*"):
            if is_alive(folder.name) is False:
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self, path: Path) -> None:
        """Remove a file that hstql made, and the folders that this leaves empty.

        What is not under `HSTQL_HOME` stays: it is an archive's, or of an earlier home.
        """
        if not path.is_relative_to(self.home):
            return
        path.unlink(missing_ok=True)
        self._remove_empty_folders(path)

    def discard(self, path: Path) -> None:
        """Move a file under `HSTQL_HOME` to the trash of today, with the folders that it is in."""
        place = self.trash / f"{datetime.now(UTC):%Y-%m-%d}" / path.relative_to(self.home)
        self.make_folder(place.parent)
        names = (place.with_name(f"{place.name}.{number}") for number in count(1))
        while os.path.lexists(place):
            place = next(names)
        path.rename(place)
        self._remove_empty_folders(path)

    def _remove_empty_folders(self, path: Path) -> None:
        for folder in path.parents:
            if folder == self.home or not folder.is_relative_to(self.home):
                break
            try:
                folder.rmdir()
            except OSError:
                break

    def set_permissions(self, path: Path) -> None:
        """Give a file or folder that hstql made the mode and group of the settings."""
        path.chmod(self.folder_mode if path.is_dir() else self.folder_mode & 0o666)
        if self.group_id is not None:
            os.chown(path, -1, self.group_id)


def apply_umask(settings: Settings) -> None:
    """Let what other libraries write in this process, such as Dagster's logs, have the mode too."""
    os.umask(0o777 & ~settings.file_mode)


def _find_group(name: str | None) -> int | None:
    if name is None:
        return None
    import grp  # not on every system; only those with groups get here

    try:
        return int(name) if re.fullmatch("[0-9]+", name) else grp.getgrnam(name).gr_gid
    except KeyError:
        raise SettingsError(f"HSTQL_GROUP names {name!r}, a group that does not exist.") from None
