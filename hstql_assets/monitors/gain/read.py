"""Find the files of cumulative images, and the gain maps that were made of them.

The members of an image are rows that the header step writes; a CCI file is the one member of its
own image. A file that another step has found bad is no member. The digest of an image is that of
the names and contents of its members, so an image has changed when a file is new, gone or other
than it was, and at no other time.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.cumulative_images.reading import is_good, read_digests
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_assets.monitors.gain.gain_images import GainImage
from hstql_assets.monitors.gain.measure import ImageTask
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_resources.clients import Clients


def locate_images(
    clients: "Clients",
    measurement: Measurement,  # noqa: ARG001, as of every measurement
    keys: Sequence[str],
) -> list[Task | Outcome]:
    """Return a task for each image of a batch, in two queries; `none` for one without members."""
    member, file = tables.CumulativeImageMember, tables.File
    digests = read_digests(clients.database, member.image == any_of(keys))
    statement = (
        select(member.image, file.filename, file.filetype, file.path)
        .join(file, file.filename == member.filename)
        .where(member.image == any_of(keys), is_good())
        .order_by(member.image, file.filename)
    )
    files: dict[str, list[InputFile]] = defaultdict(list)
    for row in clients.database.read(statement):
        files[row.image].append(InputFile(row.filename, row.filetype, Path(row.path)))
    references = clients.references
    return [
        ImageTask(key, tuple(files[key]), digests[key], references, clients.filesystem)
        if key in digests and files[key]
        else Outcome(key, "none", f"There are no event files of {key}.")
        for key in keys
    ]


def read_images(database: Database) -> list[GainImage]:
    """Return all gain maps, in one statement."""
    image = tables.CumulativeImage
    what = (image.image, image.source, image.segment, image.high_voltage)
    columns: tuple[Any, ...] = (*what, image.exp_start_mjd, image.exp_end_mjd, image.path)
    statement = select(*columns).order_by(image.exp_start_mjd, image.image)
    return [
        GainImage(name, source, segment, voltage, start_mjd, end_mjd, Path(path))
        for name, source, segment, voltage, start_mjd, end_mjd, path in database.read(statement)
    ]
