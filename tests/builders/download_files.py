"""Made FITS files of any size, and the site that serves them."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from builders.loopback_files import FileServer, FileServing
from hstql_resources.downloads import Policy

BLOCK = 2880
TOKEN = "tok-5a1e2b3c4d-secret"
# A whole test file takes seconds with it; yet a server that is slow to answer is no fault.
HASTY = Policy(
    connect_s=60.0,
    read_s=60.0,
    attempts=4,
    first_wait_s=0.001,
    longest_wait_s=0.3,
    requests_per_second=10_000,
)


@dataclass(frozen=True)
class Site:
    """What is served, by whom, and where it is to go."""

    files: FileServing
    server: FileServer
    folder: Path

    def url(self, name: str) -> str:
        return self.server.address(name)

    def add(self, name: str, blocks: int = 70) -> bytes:
        """Serve a FITS file of that many blocks, its data noise that depends on the name."""
        body = make_fits(name, blocks)
        self.files.add(name, gzip.compress(body) if name.endswith(".gz") else body)
        return self.files.files[name].read()

    def left(self) -> list[str]:
        """Return the names of all files in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


def make_fits(name: str, blocks: int = 70) -> bytes:
    size = (blocks - 1) * BLOCK
    header = make_header("SIMPLE  =                    T", 8, size)
    return header + np.random.default_rng(list(name.encode())).bytes(size)


def make_header(first: str, bits: int, *axes: int, more: tuple[str, ...] = ()) -> bytes:
    cards = [first, f"BITPIX  = {bits:20d}", f"NAXIS   = {len(axes):20d}"]
    cards += [f"NAXIS{number:<3d}= {axis:20d}" for number, axis in enumerate(axes, 1)]
    text = "".join(card.ljust(80) for card in (*cards, *more, "END"))
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode()
