"""The archive as a whole: what is fetched and what is not, reference files, settings, secrets."""

import hashlib
import logging
import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.loopback_files import Fault, FileServing
from builders.loopback_mast import LoopbackMast, LoopDataset
from builders.mast_holdings import open_mast
from hstql_assets.observations.discovery import discover
from hstql_resources.archive import ArchiveError, Product, RetrievalError, Search, open_archive
from hstql_resources.archive.mast import MastArchive
from hstql_resources.settings import load_settings

TOKEN = "0123456789-secret"
FUTURE = datetime(2999, 5, 6, tzinfo=UTC)


def make_fits(path: Path, seed: int, rows: int = 20) -> bytes:
    """Return a FITS file that no other seed makes."""
    image = np.random.default_rng(seed).integers(0, 1000, (rows, 100), dtype=np.int16)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(image)]).writeto(path, overwrite=True)
    return path.read_bytes()


@pytest.fixture
def body(tmp_path: Path) -> bytes:
    return make_fits(tmp_path / "made.fits", 0)


@pytest.fixture
def mast(body: bytes) -> Iterator[LoopbackMast]:
    public = LoopDataset("ldfd01aaq", files={"ldfd01aaq_rawtag.fits": body})
    secret = LoopDataset(
        "ldfd01abq", files={"ldfd01abq_x1d.fits": body}, is_public=False, released_at=FUTURE
    )
    with LoopbackMast([public, secret], token=TOKEN, references={"a_flt.fits": body}) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fetched").mkdir()
    return tmp_path / "fetched"


def products_of(archive: MastArchive) -> list[Product]:
    return list(discover(archive, Search("cos")).products)


def test_three_hundred_files_are_all_right_though_one_request_in_ten_fails(
    tmp_path: Path, folder: Path
) -> None:
    datasets = [
        LoopDataset(
            f"ldfd{number:04d}q",
            files={
                f"ldfd{number:04d}q_{filetype}.fits": make_fits(tmp_path / "x.fits", seed)
                for seed, filetype in enumerate(("rawtag", "corrtag", "x1d"), 3 * number)
            },
        )
        for number in range(100)
    ]
    truth = {
        filename: hashlib.sha256(bytes(data)).hexdigest()
        for dataset in datasets
        for filename, data in dataset.files.items()
        if isinstance(data, bytes)
    }
    assert len(set(truth.values())) == 300
    with LoopbackMast(datasets, fault_rate=0.1, files=FileServing(rate=0.1)) as shaky:
        archive = open_mast(shaky)
        done = list(archive.fetch_many(products_of(archive), folder))
        faults = sum(request.fault is not None for request in shaky.files.requests)
    assert faults > 10
    assert [one.fault for one in done if one.fault is not None] == []
    fetched = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
    }
    assert fetched == truth


def test_a_fetched_file_has_the_date_of_its_data_set(mast: LoopbackMast, folder: Path) -> None:
    archive = open_mast(mast)
    [public, _] = products_of(archive)
    [done] = archive.fetch_many([public], folder)
    assert done.path == folder / "ldfd01aaq_rawtag.fits"
    assert public.archived_at is not None
    assert done.path.stat().st_mtime == public.archived_at.timestamp()
    assert done.size_bytes == public.size_bytes == done.path.stat().st_size


def test_without_a_token_nothing_is_asked_for_a_proprietary_file(
    mast: LoopbackMast, folder: Path
) -> None:
    archive = open_mast(mast)
    products = products_of(archive)
    done = {one.product.filename: one for one in archive.fetch_many(products, folder)}
    assert done["ldfd01aaq_rawtag.fits"].fault is None
    assert done["ldfd01abq_x1d.fits"].fault == (
        "ldfd01abq_x1d.fits is proprietary until 2999-05-06: set MAST_API_TOKEN if you have access "
        "to it; it is asked for again after that date."
    )
    assert mast.files.count("ldfd01abq_x1d.fits") == 0
    mast.release("ldfd01abq")
    assert [one.fault for one in archive.fetch_many(products_of(archive), folder)] == [None, None]


def test_a_file_that_is_proprietary_still_after_its_release_is_told_as_that(
    mast: LoopbackMast, folder: Path
) -> None:
    archive = open_mast(mast)
    late = datetime(2020, 5, 6, tzinfo=UTC)
    products = [replace(one, released_at=late) for one in products_of(archive) if not one.is_public]
    assert [one.fault for one in archive.fetch_many(products, folder)] == [
        "ldfd01abq_x1d.fits was released on 2020-05-06, and the archive still lists it as "
        "proprietary: set MAST_API_TOKEN if you have access to it; it is asked for again when it "
        "is public."
    ]


def test_the_token_opens_proprietary_files_and_is_shown_nowhere(
    mast: LoopbackMast, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = open_mast(mast, token=TOKEN)
    mast.files.fail("ldfd01abq_x1d.fits", Fault("status", 503), Fault("echo", 500))
    with caplog.at_level(logging.DEBUG):
        done = list(archive.fetch_many(products_of(archive), folder))
    assert [one.fault for one in done] == [None, None]
    tokens = {one.filename: one.authorization for one in mast.files.requests}
    assert tokens == {"ldfd01aaq_rawtag.fits": None, "ldfd01abq_x1d.fits": f"token {TOKEN}"}
    assert TOKEN not in caplog.text + repr(archive) + str(archive) + repr(done)


def test_a_wrong_token_is_a_fault_of_its_file_only(mast: LoopbackMast, folder: Path) -> None:
    archive = open_mast(mast, token="wrong-one")
    faults = {
        one.product.filename: one.fault
        for one in archive.fetch_many(products_of(archive), folder)
        if one.fault is not None
    }
    assert list(faults) == ["ldfd01abq_x1d.fits"]
    assert "token that was sent is wrong, expired, or has no access" in faults["ldfd01abq_x1d.fits"]
    assert "wrong-one" not in faults["ldfd01abq_x1d.fits"]
    assert [path.name for path in folder.iterdir()] == ["ldfd01aaq_rawtag.fits"]


def test_a_path_in_a_name_is_a_fault_and_writes_nothing(mast: LoopbackMast, folder: Path) -> None:
    row = {"dataset": "LDFD01AAQ", "filename": "../../x", "uri": "LDFD01AAQ/../../x", "size": 1}
    mast.datasets["ldfd01aaq"].products.append(row)
    archive = open_mast(mast)
    faults = [one.fault for one in archive.fetch_many(products_of(archive)[:2], folder)]
    assert [fault for fault in faults if fault is not None and "'../../x'" in fault]
    assert [path.name for path in folder.iterdir()] == ["ldfd01aaq_rawtag.fits"]
    assert not (folder.parent.parent / "x").exists()


def test_fetch_raises_the_first_fault(mast: LoopbackMast, folder: Path) -> None:
    archive = open_mast(mast)
    public, secret = products_of(archive)
    archive.fetch([public], folder)
    with pytest.raises(RetrievalError, match=r"ldfd01abq_x1d\.fits is proprietary until"):
        archive.fetch([public, secret], folder)


def test_the_bucket_gives_public_files_and_mast_what_is_not_in_it(
    mast: LoopbackMast, folder: Path
) -> None:
    archive = open_mast(mast, token=TOKEN, bucket_url=mast.url)
    done = list(archive.fetch_many(products_of(archive), folder))
    assert [one.fault for one in done] == [None, None]
    paths = {one.filename: one.path.partition("?")[0] for one in mast.files.requests}
    assert paths["ldfd01aaq_rawtag.fits"] == "/hst/public/ldfd/ldfd01aaq/ldfd01aaq_rawtag.fits"
    assert paths["ldfd01abq_x1d.fits"].endswith("/retrieve_product")


def test_a_reference_file_comes_from_the_server_of_crds(
    mast: LoopbackMast, folder: Path, body: bytes
) -> None:
    archive = open_mast(mast)
    assert archive.fetch_reference("a_flt.fits", folder)
    assert (folder / "a_flt.fits").read_bytes() == body
    assert not archive.fetch_reference("b_flt.fits", folder)
    assert [path.name for path in folder.iterdir()] == ["a_flt.fits"]
    nowhere = open_mast(mast, crds_url="http://127.0.0.1:9")
    with pytest.raises(ArchiveError, match=r"The reference file a_flt\.fits could not be fetched"):
        nowhere.fetch_reference("a_flt.fits", folder)


def test_the_archive_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAST_API_TOKEN", "CRDS_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    usual = open_archive(load_settings(archive="mast"))
    assert isinstance(usual, MastArchive)
    assert (usual.url, usual.bucket_url) == ("https://mast.stsci.edu", None)
    assert usual.crds_url == "https://hst-crds.stsci.edu"
    monkeypatch.setenv("MAST_API_TOKEN", TOKEN)
    monkeypatch.setenv("CRDS_SERVER_URL", "https://crds.example/")
    own = open_archive(load_settings(archive="mast", mast_files="bucket", connections=3))
    assert isinstance(own, MastArchive)
    assert own.token is not None
    assert own.token.get_secret_value() == TOKEN
    assert own.crds_url == "https://crds.example"
    assert own.bucket_url == "https://stpubdata.s3.us-east-1.amazonaws.com"
    assert own.policy.connections == 3
    assert TOKEN not in repr(own)
    assert pickle.loads(pickle.dumps(own)) == own
