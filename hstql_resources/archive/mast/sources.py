"""Find where the bytes of a product are: MAST itself, or for public ones the bucket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from hstql_resources.archive.protocol import Product

_RETRIEVE = "/search/hst/api/v0.1/retrieve_product"


@dataclass(frozen=True)
class Location:
    """The addresses of one product.

    Attributes
    ----------
    url : str
        Where it is asked for first.
    headers : mapping
        For the host of `url` only: the token. Not in the repr.
    alternatives : tuple of str
        Asked in this order if `url` does not have it.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    alternatives: tuple[str, ...] = ()


class Source(Protocol):
    """Something that knows where products are."""

    def locate(self, product: Product) -> Location:
        """Return where a product is; `Product.location` is its URI at MAST."""


@dataclass(frozen=True)
class MastSource:
    """MAST's own service.

    Attributes
    ----------
    base_url : str
        Such as `https://mast.stsci.edu`.
    token : str, optional
        Sent with products that are not public, and with no others. Not in the repr.
    """

    base_url: str
    token: str | None = field(default=None, repr=False)

    def locate(self, product: Product) -> Location:
        """Return the address of `retrieve_product`."""
        name = quote(product.location, safe="")
        url = f"{self.base_url.rstrip('/')}{_RETRIEVE}?product_name={name}"
        if product.is_public or self.token is None:
            return Location(url)
        return Location(url, {"Authorization": f"token {self.token}"})


@dataclass(frozen=True)
class BucketSource:
    """The bucket with public files, and MAST for what is not in it.

    A file lies in the folder of its data set, or in that of its own rootname: members of
    associations are in either. What became public lately may be in neither. Without the right to
    list the bucket, S3 answers 403 for what is not there.

    Attributes
    ----------
    bucket_url : str
        Such as `https://stpubdata.s3.us-east-1.amazonaws.com`.
    mast : MastSource
        For all that is not in the bucket.
    """

    bucket_url: str
    mast: MastSource

    def locate(self, product: Product) -> Location:
        """Return the addresses in the bucket, then that of MAST."""
        at_mast = self.mast.locate(product)
        if not product.is_public:
            return at_mast
        # A dict, for the data set is often the rootname itself.
        folders = dict.fromkeys((_dataset(product), product.rootname))
        places = [self._address(folder, product.filename) for folder in folders]
        return Location(places[0], {}, (*places[1:], at_mast.url))

    def _address(self, folder: str, filename: str) -> str:
        path = "/".join(quote(part, safe="") for part in (folder[:4], folder, filename))
        return f"{self.bucket_url.rstrip('/')}/hst/public/{path}"


def _dataset(product: Product) -> str:
    return (product.dataset or product.rootname).lower()
