"""Files and MB per second over loopback, hstql's downloader against astroquery's own.

    python benchmarks/downloads.py [--files 200] [--repeats 5] [--latency-ms 0 20]

A server, in a process of its own, serves both in turn; every file must arrive with its SHA-256.
"""

import argparse
import hashlib
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from astropy.table import Table
from astroquery.mast import MastMissions
from astroquery.mast.services import ServiceAPI
from harness import scratch

from builders.loopback_files import FileServer, FileServing
from hstql_resources.downloads import Download, Policy, fetch_all

BLOCK = 2880
FILE_BYTES = 70 * BLOCK  # 200 kB
HEADER = (
    "SIMPLE  =                    T",
    "BITPIX  =                    8",
    "NAXIS   =                    1",
)
# The default is a limit for an archive that others need too; here it would be all that is measured.
POLICY = Policy(requests_per_second=10_000)


def main() -> None:
    arguments = _parse()
    print(f"{os.cpu_count()} cores; {arguments.files} files of {FILE_BYTES / 1e3:.0f} kB; "
          f"{POLICY.connections} connections; medians of {arguments.repeats} runs")  # fmt: skip
    for latency_ms in arguments.latency_ms:
        print(f"{latency_ms:g} ms before every answer")
        compare_at(latency_ms, arguments.files, arguments.repeats)


def compare_at(latency_ms: float, count: int, repeats: int) -> None:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    values = (sender, count, latency_ms / 1e3)
    server = multiprocessing.Process(target=serve, args=values, daemon=True)
    server.start()
    try:
        compare(receiver.recv(), count, repeats)
    finally:
        server.terminate()
        server.join()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--latency-ms", type=float, nargs="+", default=[0.0, 20.0])
    return parser.parse_args()


def serve(sender: Connection, count: int, latency_s: float) -> None:
    files = FileServing(latency_s=latency_s)
    for name in filenames(count):
        files.add(name, make_file(name))
    with FileServer(files) as server:
        sender.send(server.url)
        while True:
            time.sleep(3600)


def filenames(count: int) -> list[str]:
    return [f"ldow{number:04d}q_flt.fits" for number in range(count)]


def make_file(name: str) -> bytes:
    """Return valid FITS, of noise that depends on the name."""
    size = FILE_BYTES - BLOCK
    cards = (*HEADER, f"NAXIS1  = {size:20d}", "END")
    data = np.random.default_rng(list(name.encode())).bytes(size)
    return "".join(card.ljust(80) for card in cards).ljust(BLOCK).encode() + data


def compare(url: str, count: int, repeats: int) -> None:
    digests = {name: hashlib.sha256(make_file(name)).digest() for name in filenames(count)}
    ways = {"hstql": fetch_hstql, "astroquery": fetch_astroquery}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, fetch in ways.items():
            times[way].append(measure(fetch, url, digests))
    medians = {way: statistics.median(seconds) for way, seconds in times.items()}
    for way, median_s in medians.items():
        megabytes = count * FILE_BYTES / 1e6
        spread = f"{min(times[way]):.2f} to {max(times[way]):.2f}"
        print(f"  {way:10s} {median_s:6.2f} s ({spread}) {count / median_s:6.0f} files/s "
              f"{megabytes / median_s:7.1f} MB/s")  # fmt: skip
    print(f"  ratio {medians['astroquery'] / medians['hstql']:.1f}")


def measure(
    fetch: Callable[[str, Sequence[str], Path], None], url: str, digests: dict[str, bytes]
) -> float:
    expected = dict(digests)
    with scratch() as folder:
        start = time.perf_counter()
        fetch(url, list(digests), folder)
        seconds = time.perf_counter() - start
        for path in folder.iterdir():
            if hashlib.sha256(path.read_bytes()).digest() != expected.pop(path.name, None):
                raise SystemExit(f"{path.name} is not what was served.")
        if expected:
            raise SystemExit(f"{len(expected)} files did not arrive.")
    return seconds


def fetch_hstql(url: str, names: Sequence[str], folder: Path) -> None:
    address = f"{url}/search/hst/api/v0.1/retrieve_product?product_name="
    downloads = [Download(address + name, folder / name, FILE_BYTES) for name in names]
    for done in fetch_all(downloads, POLICY):
        if done.fault is not None:
            raise SystemExit(done.fault)


def fetch_astroquery(url: str, names: Sequence[str], folder: Path) -> None:
    """Fetch with the client as it is, its progress bars switched off: they cost time."""
    ServiceAPI.MISSIONS_DOWNLOAD_URL = f"{url}/search/"
    products = Table({"filename": names, "uri": names, "dataset": names})
    client = MastMissions(mission="hst")
    manifest = client.download_products(products, download_dir=folder, flat=True, verbose=False)
    if set(manifest["Status"]) != {"COMPLETE"}:
        raise SystemExit(manifest)


if __name__ == "__main__":
    main()
