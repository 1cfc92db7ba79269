"""Serve MAST as an archive, and the CRDS server beside it for calibration reference files.

What is asked is in `searching`, `listing` and `proposals`; where the bytes of a file are is in
`sources`; how they are fetched is in `hstql_resources.downloads`.
"""

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from hstql_resources.archive.mast import listing, proposals, searching
from hstql_resources.archive.mast.client import Client, open_client
from hstql_resources.archive.mast.sources import BucketSource, MastSource, Source
from hstql_resources.archive.protocol import (
    ArchiveError,
    Dataset,
    Fetched,
    Product,
    Proposal,
    RetrievalError,
    Search,
)
from hstql_resources.downloads import Download, Policy, fetch_all
from hstql_resources.fits.limits import MEGABYTE
from hstql_resources.http_questions import QueryPolicy
from hstql_resources.settings import Settings

CRDS_VARIABLE = "CRDS_SERVER_URL"  # as the client of CRDS has it
CRDS_URL = "https://hst-crds.stsci.edu"
REFERENCES = "unchecked_get/references/hst"


@dataclass(frozen=True)
class MastArchive:
    """The Mikulski Archive for Space Telescopes. Small, and pickled to worker processes.

    What its methods take, return and raise is said in `protocol`.

    Attributes
    ----------
    url : str
        Where MAST is, or a server that speaks like it.
    token : SecretStr, optional
        Opens data that are not public; sent with requests for such files only.
    bucket_url : str, optional
        The bucket that public files are fetched from; None if from MAST.
    crds_url : str
        Where the CRDS server is.
    queries : QueryPolicy
        How often and how long it is asked for lists.
    policy : Policy
        How many files at the same time, and how long.
    """

    url: str
    token: SecretStr | None = field(default=None, repr=False)
    bucket_url: str | None = None
    crds_url: str = CRDS_URL
    queries: QueryPolicy = field(default_factory=QueryPolicy)
    policy: Policy = field(default_factory=Policy)
    name: str = "mast"
    is_remote: bool = True
    in_place: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> "MastArchive":
        """Make the archive of the settings; the CRDS server is named by its own variable."""
        crds_url = os.environ.get(CRDS_VARIABLE) or CRDS_URL
        return cls(
            settings.mast_url.rstrip("/"),
            settings.mast_api_token,
            settings.bucket_url.rstrip("/") if settings.mast_files == "bucket" else None,
            crds_url.rstrip("/"),
            policy=Policy(
                connections=settings.connections,
                most_bytes=settings.max_file_mb * MEGABYTE,
            ),
        )

    def find_datasets(self, search: Search) -> list[Dataset]:
        """Return the data sets of a search, sorted by name.

        Of a rootname that is no data set, all data sets of its visit: one of them may be the
        association that it is a member of.
        """
        return searching.find_datasets(self._client, search)

    def list_products(self, datasets: Sequence[str]) -> dict[str, list[Product]]:
        """Return the files of every data set asked for: an empty list where there are none."""
        return listing.list_products(self._client, datasets)

    def describe_proposals(self, proposal_ids: Sequence[int]) -> dict[int, Proposal]:
        """Return what is known of proposals, but for their cycle, which MAST does not tell."""
        return proposals.describe_proposals(self._client, proposal_ids)

    def fetch_many(
        self, products: Sequence[Product], folder: Path
    ) -> Generator[Fetched, None, None]:
        """Bring products of any rootnames into a folder, each under its own name.

        Nothing is asked for a product that is faulty, or that needs a token that is not there.
        """
        wanted: dict[Path, Product] = {}
        for product in products:
            fault = self._find_obstacle(product)
            if fault is not None:
                yield Fetched(product, None, fault)
            else:
                wanted[folder / product.filename] = product
        source = self._source
        downloads = [_request(source, product, path) for path, product in wanted.items()]
        for done in fetch_all(downloads, self.policy):
            path = done.download.path
            yield Fetched(
                wanted[path],
                path if done.fault is None else None,
                done.fault,
                done.size_bytes,
                done.is_passing,
            )

    def fetch(self, products: Sequence[Product], folder: Path) -> None:
        """Bring products into a folder; if one could not be had, the others are there."""
        faults = [done.fault for done in self.fetch_many(products, folder) if done.fault]
        if faults:
            raise RetrievalError(faults[0])

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        """Bring a calibration reference file from the CRDS server into a folder."""
        download = Download(f"{self.crds_url}/{REFERENCES}/{filename}", folder / filename)
        done = next(fetch_all([download], replace(self.policy, connections=1)))
        if done.fault is not None and not done.is_absent:
            raise ArchiveError(f"The reference file {done.fault}")
        return done.fault is None

    @property
    def _client(self) -> Client:
        return open_client(self.url, self.queries)

    @property
    def _source(self) -> Source:
        token = None if self.token is None else self.token.get_secret_value()
        mast = MastSource(self.url, token)
        return mast if self.bucket_url is None else BucketSource(self.bucket_url, mast)

    def _find_obstacle(self, product: Product) -> str | None:
        if product.fault is not None:
            return product.fault
        if product.is_public or self.token is not None:
            return None
        at = product.released_at
        if at is not None and at <= datetime.now(UTC):
            return (
                f"{product.filename} was released on {at:%Y-%m-%d}, and the archive still lists it "
                "as proprietary: set MAST_API_TOKEN if you have access to it; it is asked for "
                "again when it is public."
            )
        until = "" if at is None else f" until {at:%Y-%m-%d}"
        again = "when it is public" if at is None else "after that date"
        return (
            f"{product.filename} is proprietary{until}: set MAST_API_TOKEN if you have access to "
            f"it; it is asked for again {again}."
        )


def _request(source: Source, product: Product, path: Path) -> Download:
    place = source.locate(product)
    return Download(
        place.url,
        path,
        product.size_bytes,
        place.headers,
        product.archived_at,
        alternatives=place.alternatives,
    )
