"""Read which cumulative images have events, and which changed since their gain was measured."""

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from hstql_assets.batching.decisions import select_changed
from hstql_resources import tables
from hstql_resources.postgres.database import Database

ASSET = "gain_maps"


def select_images() -> Select[str]:
    """Return the query for all images that have members."""
    member, file = tables.CumulativeImageMember, tables.File
    return (
        select(member.image)
        .join(file, file.filename == member.filename)
        .where(is_good())
        .distinct()
    )


def read_changed_images(database: Database) -> dict[str, str]:
    """Return the images to be measured, each with the digest of its members, by key.

    These are images with other members than the last time, and those never measured.
    """
    image = tables.CumulativeImage
    newest = func.max(tables.File.ingest_date).label("newest")
    states = _select_digests().add_columns(newest).subquery()
    statement = select_changed(ASSET, states, image.image, image.members)
    return {str(row.key): str(row.digest) for row in database.read(statement)}


def read_digests(database: Database, *conditions: ColumnElement[bool]) -> dict[str, str]:
    """Return a digest of the good events of each image, in one statement."""
    statement = _select_digests().where(*conditions)
    return {str(row.key): str(row.digest) for row in database.read(statement)}


def _select_digests() -> Select[str, str]:
    member, file = tables.CumulativeImageMember, tables.File
    return (
        select(member.image.label("key"), digest().label("digest"))
        .join(file, file.filename == member.filename)
        .where(is_good())
        .group_by(member.image)
    )


def digest() -> ColumnElement[str]:
    """Return the digest of a group of members; a file without checksum counts by its size."""
    file = tables.File
    content = func.coalesce(file.sha256, cast(file.size_bytes, String))
    listed = func.string_agg(
        func.concat(file.filename, " ", content),
        aggregate_order_by(literal("\n"), file.filename),
    )
    return func.encode(func.sha256(func.convert_to(listed, "UTF8")), "hex")


def is_good() -> ColumnElement[bool]:
    """Return the condition that no other step has found the file bad."""
    bad, member = tables.BadData, tables.CumulativeImageMember
    return ~exists().where(bad.filename == member.filename, bad.step != ASSET)
