"""What the loopback MAST of these tests holds, and an archive that has little patience with it."""

from pydantic import SecretStr

from builders.loopback_mast import LoopbackMast, LoopDataset
from hstql_resources.archive.mast import MastArchive, QueryPolicy
from hstql_resources.downloads import Policy
from hstql_resources.filenames import letter_of

QUICK = QueryPolicy(
    attempts=4, connect_s=60, read_s=60, answer_s=120, first_wait_s=0.001, longest_wait_s=0.002
)
QUICK_FILES = Policy(
    connections=4,
    connect_s=60,
    read_s=60,
    attempts=5,
    first_wait_s=0.001,
    longest_wait_s=0.002,
    requests_per_second=2000,
)
FILETYPES = {"cos": ("rawtag", "corrtag"), "stis": ("tag", "x1d"), "acs": ("raw", "flt")}


def open_mast(mast: LoopbackMast, token: str | None = None, **changes: object) -> MastArchive:
    """Return an archive that asks the loopback MAST, and waits for milliseconds only."""
    secret = None if token is None else SecretStr(token)
    own = {"crds_url": mast.url, "queries": QUICK, "policy": QUICK_FILES} | changes
    return MastArchive(mast.url, secret, **own)


def name_of(instrument: str, number: int) -> str:
    """Return a rootname: instrument, three characters of proposal, two of visit, three more."""
    return f"{letter_of(instrument)}{number // 1000:03d}{number % 1000 // 10:02d}{number % 10}1q"


def make_many(count: int) -> list[LoopDataset]:
    """Return data sets of three instruments; every tenth is an association with two members."""
    instruments = ("cos", "cos", "stis", "acs")
    return [make_one(instruments[number % 4], number) for number in range(count)]


def make_one(instrument: str, number: int) -> LoopDataset:
    name = name_of(instrument, number)
    members = [name]
    if number % 10 == 0:
        members = [f"{name[:7]}{letter}q" for letter in "ab"]
        name = f"{name[:6]}0{number % 10}0"
    files = {
        f"{member}_{filetype}.fits": b"SIMPLE  ="
        for member in members
        for filetype in FILETYPES[instrument]
    }
    return LoopDataset(name, instrument, files, proposal_id=10_000 + number // 50)
