"""List the files of calibrated COS exposures, and what makes each."""

from functools import partial

from hstql_resources.archive.simulated.archive_contents import Contents, Makers
from hstql_resources.archive.simulated.cos.catalogue import (
    MAXIMUM_OBSERVATIONS,
    Place,
    guess_index,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.cos.products import Simulation, make_corrtag, make_x1d
from hstql_resources.archive.simulated.cos.support import make_jit, make_spt
from hstql_resources.archive.simulated.cos.truth import state_truth
from hstql_resources.archive.simulated.sky.truth import write_truth


def list_corrtags(place: Place) -> Makers[Simulation]:
    """Return what makes each corrtag file of an exposure, by the end of its name."""
    return {
        f"corrtag{readout.suffix}.fits": partial(_make_corrtag, number)
        for number, readout in enumerate(place.configuration.readouts)
    }


def make_simulated_spt(simulation: Simulation, filename: str) -> bytes:
    """Return the spt file of a simulated exposure."""
    return make_spt(simulation.exposure, filename)


def _make_corrtag(number: int, simulation: Simulation, filename: str) -> bytes:
    return make_corrtag(simulation, simulation.exposure.configuration.readouts[number], filename)


def _list_makers(place: Place) -> Makers[Simulation]:
    return {
        **list_corrtags(place),
        "x1d.fits": make_x1d,
        "spt.fits": make_simulated_spt,
        "jit.fits": lambda simulation, name: make_jit(simulation.exposure, name),
        "truth.json": lambda simulation, _: write_truth(state_truth(simulation.exposure)),
    }


COS = Contents(
    locate,
    guess_index,
    MAXIMUM_OBSERVATIONS,
    lambda seed, place: Simulation(make_exposure(seed, place)),
    _list_makers,
)
