"""Which cumulative images there are, which of them changed, and the files of each.

The members of an image are rows that the header step writes; a CCI file is the one member of its
own image. A file that another step has found bad is no member. The digest of an image is that of
the names and contents of its members, so an image has changed when a file is new, gone or other
than it was, and at no other time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from hstql_assets.batches import Outcome, Task
from hstql_assets.input_files import InputFile
from hstql_assets.monitors.monitor import Measurement
from hstql_assets.upstream import among
from hstql_resources import tables
from hstql_resources.database import Database
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

if TYPE_CHECKING:
    from hstql_resources.workbench import Workbench

ASSET = "gain_maps"


@dataclass(frozen=True)
class ImageTask:
    """The files of one cumulative image, one at least, for the worker that measures it.

    Attributes
    ----------
    key : str
        Such as `fuva_163_2015-01-05`, or the name of a CCI file without ending.
    files : tuple of InputFile
        Its members, by name.
    digest : str
        Of these.
    references : References
        Finds the tables of the active area and of hot spots.
    filesystem : Filesystem
        Where the gain map goes.
    """

    key: str
    files: tuple[InputFile, ...]
    digest: str
    references: References
    filesystem: Filesystem


def locate_images(
    bench: "Workbench",
    measurement: Measurement,  # noqa: ARG001, as of every measurement
    keys: Sequence[str],
) -> list[Task | Outcome]:
    """Return a task for each image of a batch, in two queries; `none` for one without members."""
    member, file = tables.CumulativeImageMember, tables.File
    digests = _read_digests(bench.database, member.image == among(keys))
    statement = (
        select(member.image, file.filename, file.filetype, file.path)
        .join(file, file.filename == member.filename)
        .where(member.image == among(keys), _is_good())
        .order_by(member.image, file.filename)
    )
    files: dict[str, list[InputFile]] = defaultdict(list)
    for row in bench.database.read(statement):
        files[row.image].append(InputFile(row.filename, row.filetype, Path(row.path)))
    references = bench.references
    return [
        ImageTask(key, tuple(files[key]), digests[key], references, bench.filesystem)
        if key in digests and files[key]
        else Outcome(key, "none", f"There are no event files of {key}.")
        for key in keys
    ]


def read_images(database: Database) -> list[str]:
    """Return all images that have members, sorted."""
    member, file = tables.CumulativeImageMember, tables.File
    statement = (
        select(member.image)
        .join(file, file.filename == member.filename)
        .where(_is_good())
        .distinct()
        .order_by(member.image)
    )
    return [str(row.image) for row in database.read(statement)]


def read_empty_images(database: Database, keys: Sequence[str]) -> list[str]:
    """Return the images that are registered or have left something behind, but have no members.

    Parameters
    ----------
    database : Database
        Where the rows are.
    keys : sequence of str
        The registered partition keys.
    """
    image, outcome = tables.CumulativeImage, tables.Outcome
    known = select(image.image).union(select(outcome.key).where(outcome.asset == ASSET))
    traces = {str(row[0]) for row in database.read(known)} | set(keys)
    return sorted(traces - set(read_images(database))) if traces else []


def read_changed_images(database: Database) -> dict[str, str]:
    """Return the images to be measured, each with the digest of its members, by key.

    These are images with other members than the last time, and those never measured. One that was
    found bad is to be measured again when a file of it came later than that decision.
    """
    member, file = tables.CumulativeImageMember, tables.File
    image, outcome = tables.CumulativeImage, tables.Outcome
    states = (
        select(
            member.image,
            _digest().label("digest"),
            func.max(file.ingest_date).label("newest"),
        )
        .join(file, file.filename == member.filename)
        .where(_is_good())
        .group_by(member.image)
        .subquery()
    )
    is_failed = exists().where(
        outcome.asset == ASSET,
        outcome.key == states.c.image,
        outcome.status == among(("bad", "none")),
        outcome.decided_at >= states.c.newest,
    )
    statement = (
        select(states.c.image, states.c.digest)
        .outerjoin(image, image.image == states.c.image)
        .where(
            or_(
                image.members != states.c.digest,
                and_(image.members.is_(None), ~is_failed),
            )
        )
        .order_by(states.c.image)
    )
    return {str(row.image): str(row.digest) for row in database.read(statement)}


def _read_digests(database: Database, *conditions: ColumnElement[bool]) -> dict[str, str]:
    member, file = tables.CumulativeImageMember, tables.File
    statement = (
        select(member.image, _digest().label("digest"))
        .join(file, file.filename == member.filename)
        .where(_is_good(), *conditions)
        .group_by(member.image)
    )
    return {str(row.image): str(row.digest) for row in database.read(statement)}


def _digest() -> ColumnElement[str]:
    """Return the digest of a group of members; a file without checksum counts by its size."""
    file = tables.File
    content = func.coalesce(file.sha256, cast(file.size_bytes, String))
    listed = func.string_agg(
        func.concat(file.filename, " ", content),
        aggregate_order_by(literal("\n"), file.filename),
    )
    return func.encode(func.sha256(func.convert_to(listed, "UTF8")), "hex")


def _is_good() -> ColumnElement[bool]:
    """Whether no other step has found the file bad."""
    bad, member = tables.BadData, tables.CumulativeImageMember
    return ~exists().where(bad.filename == member.filename, bad.step != ASSET)
