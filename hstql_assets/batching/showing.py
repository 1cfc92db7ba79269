"""Say of assets and their keys what Dagster's user interface shows besides what is made of them."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import dagster as dg

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.partition_names import (
    COMPOSITE_TARGETS,
    CUMULATIVE_IMAGES,
    EXPOSURE_SETS,
    INSTRUMENTS,
)
from hstql_assets.batching.pictures import Picture

if TYPE_CHECKING:
    from hstql_resources.tables import Base

DIGITS = 6  # that are shown of a measured number; tables have them all
MJD_DECIMALS = 5  # a second
# Where the site has the pictures of exposures that an asset draws.
PICTURES = {"previews": "/exposure/", "lightcurve_plots": "/curve/"}


def find_instruments(
    name: str, upstream: Sequence[str], known: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Return the instruments whose data an asset is made from.

    Parameters
    ----------
    name : str
        Of the asset, such as `cos/lightcurves`.
    upstream : sequence of str
        What it is made from.
    known : mapping
        The instruments of these.
    """
    own = name.partition("/")[0]
    if own in INSTRUMENTS:
        return (own,)
    return tuple(one for one in INSTRUMENTS if any(one in known[before] for before in upstream))


def find_site_page(site: str | None, asset: str, partition_set: str | None, key: str) -> str | None:
    """Return the address of a key's page on the site; None if it has none, or there is no site.

    Parameters
    ----------
    site : str or None
        Where people find it: HSTQL_SITE_ADDRESS.
    asset : str
        Name of the asset.
    partition_set : str or None
        That the key is of.
    key : str
        The key; of an asset that is one thing, `WHOLE`.
    """
    if site is None or partition_set in (CUMULATIVE_IMAGES, *EXPOSURE_SETS.values()):
        return None
    if key == WHOLE:
        page = f"/monitors/{asset}"
    elif partition_set == COMPOSITE_TARGETS:
        page = f"/target?target={quote(key, safe='')}"
    else:
        page = f"/exposure/{quote(key, safe='')}"
    return site.rstrip("/") + page


def find_site_picture(page: str | None, asset: str) -> str | None:
    """Return the address of the picture that the site has of a key; None if it has none.

    Parameters
    ----------
    page : str or None
        The key's page on the site.
    asset : str
        Name of the asset.
    """
    place = PICTURES.get(asset.rpartition("/")[2])
    if page is None or place is None:
        return None
    site, _, key = page.rpartition("/exposure/")
    return f"{site}{place}{key}/picture"


def round_number(name: str, value: float) -> float | str:
    """Return a number as it is shown under a name; a text if JSON has no such number."""
    if not isfinite(value):
        return "no value"
    if "mjd" in name:
        return round(value, MJD_DECIMALS)
    return float(f"{value:.{DIGITS}g}")


def describe_asset(instrument: str, about: str) -> str:
    """Return the description of an asset, which names the instrument that its name begins with."""
    if not instrument:
        return about
    begins = about[0] if about[1].isupper() else about[0].lower()
    return f"{instrument.upper()}: {begins}{about[1:]}"


def describe_tables(models: "Sequence[type[Base]]") -> dict[str, Any]:
    """Return the tables of an asset with their columns and units; the first is Dagster's own."""
    schemas = {str(one.__tablename__): _describe_columns(one) for one in models}
    metadata: dict[str, Any] = {f"table {name}": schema for name, schema in schemas.items()}
    for name, schema in [*schemas.items()][:1]:
        del metadata[f"table {name}"]
        metadata |= {"dagster/table_name": name, "dagster/column_schema": schema}
    return metadata


def _describe_columns(model: "type[Base]") -> dg.TableSchema:
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                str(column.type).lower(),
                column.comment,
                dg.TableColumnConstraints(nullable=bool(column.nullable)),
            )
            for column in model.__table__.columns
        ]
    )


def describe_outcome(
    outcome: Outcome, page: str | None = None, picture: str | None = None
) -> dict[str, Any]:
    """Return the metadata of one key.

    Parameters
    ----------
    outcome : Outcome
    page, picture : str, optional
        Addresses of its page and its picture on the site.
    """
    metadata: dict[str, Any] = {"status": outcome.status}
    if picture and outcome.status == "made":
        # Of fewer than 1000 characters, Dagster shows it as it is.
        metadata["picture"] = dg.MetadataValue.md(f"[![{outcome.key}]({picture})]({page})")
    if page:
        metadata["site"] = dg.MetadataValue.url(page)
    if outcome.reason:
        metadata["reason"] = outcome.reason
    if outcome.remarks:
        metadata["remarks"] = outcome.remark
    for bad in outcome.bad_files:
        metadata[f"bad_{bad.filename}"] = f"{bad.reason}: {bad.detail}"
    metadata.update({name: _to_metadata(name, value) for name, value in outcome.metadata.items()})
    return metadata


def _to_metadata(name: str, value: object) -> object:
    if isinstance(value, Picture):
        return f"{value.line} {value.caption}"
    if isinstance(value, Path):
        return dg.MetadataValue.path(value)
    if isinstance(value, str) and "\n" in value:
        return dg.MetadataValue.md(value)
    return round_number(name, value) if isinstance(value, float) else value
