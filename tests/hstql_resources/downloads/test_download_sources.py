"""Where products are: MAST with the token where it is needed, or the bucket and then MAST."""

import dataclasses

import pytest

from builders.download_files import HASTY, TOKEN, Site
from hstql_resources.archive.mast.sources import BucketSource, MastSource, Source
from hstql_resources.archive.protocol import Product
from hstql_resources.downloads import Download, Downloaded, fetch_all

NAME = "ldow01abq_flt.fits"
PUBLIC = Product(
    "ldow01abq", NAME, "LDOW01010/ldow01abq_flt.fits", dataset="ldow01010", is_public=True
)
PROPRIETARY = dataclasses.replace(PUBLIC, is_public=False)


def fetch(source: Source, product: Product, site: Site) -> Downloaded:
    place = source.locate(product)
    path = site.folder / product.filename
    download = Download(place.url, path, headers=place.headers, alternatives=place.alternatives)
    (done,) = fetch_all([download], HASTY)
    return done


def paths(site: Site) -> list[str]:
    return [request.path.partition("?")[0] for request in site.files.requests]


def test_the_token_is_for_what_is_not_public_and_in_no_repr() -> None:
    source = MastSource("https://mast.stsci.edu/", TOKEN)
    assert source.locate(PUBLIC).headers == {}
    assert source.locate(PROPRIETARY).headers == {"Authorization": f"token {TOKEN}"}
    assert MastSource("https://mast.stsci.edu").locate(PROPRIETARY).headers == {}
    assert TOKEN not in repr(source) + repr(source.locate(PROPRIETARY))


def test_mast_is_asked_by_the_quoted_uri() -> None:
    assert MastSource("https://mast.stsci.edu/").locate(PUBLIC).url == (
        "https://mast.stsci.edu/search/hst/api/v0.1/retrieve_product"
        "?product_name=LDOW01010%2Fldow01abq_flt.fits"
    )
    odd = dataclasses.replace(PUBLIC, location="A/b&c=d#e")
    assert MastSource("https://x").locate(odd).url.endswith("?product_name=A%2Fb%26c%3Dd%23e")


def test_the_bucket_has_a_member_with_its_association_or_by_itself() -> None:
    source = BucketSource("https://bucket/", MastSource("https://mast", TOKEN))
    place = source.locate(PUBLIC)
    assert place.url == f"https://bucket/hst/public/ldow/ldow01010/{NAME}"
    assert place.alternatives == (
        f"https://bucket/hst/public/ldow/ldow01abq/{NAME}",
        "https://mast/search/hst/api/v0.1/retrieve_product"
        "?product_name=LDOW01010%2Fldow01abq_flt.fits",
    )
    assert place.headers == {}
    alone = source.locate(dataclasses.replace(PUBLIC, dataset=""))
    assert len(alone.alternatives) == 1


def test_the_bucket_is_not_asked_for_what_is_not_public() -> None:
    mast = MastSource("https://mast", TOKEN)
    assert BucketSource("https://bucket", mast).locate(PROPRIETARY) == mast.locate(PROPRIETARY)


@pytest.mark.parametrize(
    ("folder", "asked"), [("ldow01010", 1), ("ldow01abq", 2), ("elsewhere", 3)]
)
def test_a_public_file_is_found_wherever_it_lies(site: Site, folder: str, asked: int) -> None:
    body = site.add(NAME)
    site.files.add(NAME, body, dataset=folder)
    source = BucketSource(site.server.url, MastSource(site.server.url))
    done = fetch(source, PUBLIC, site)
    assert (done.fault, done.attempts) == (None, asked)
    assert (site.folder / NAME).read_bytes() == body
    assert paths(site)[:2] == [
        f"/hst/public/ldow/ldow01010/{NAME}", f"/hst/public/ldow/ldow01abq/{NAME}",
    ][:asked]  # fmt: skip


def test_what_is_nowhere_is_named_by_mast_and_absent(site: Site) -> None:
    done = fetch(BucketSource(site.server.url, MastSource(site.server.url)), PUBLIC, site)
    assert "answers 404, it does not have it" in str(done.fault)
    assert done.is_absent
    assert len(site.files.requests) == 3


def test_what_is_refused_is_not_absent(site: Site) -> None:
    body = site.add(NAME)
    site.files.add(NAME, body, is_public=False)
    source = MastSource(site.server.url, "wrong")
    assert not fetch(source, PROPRIETARY, site).is_absent
    assert fetch(MastSource(site.server.url, TOKEN), PROPRIETARY, site).fault is None
