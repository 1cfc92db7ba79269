"""List the files of the exposures that COS looks at itself with, and what makes each."""

from collections.abc import Callable
from typing import TypeVar

from hstql_resources.archive.simulated.archive_contents import Contents, Makers
from hstql_resources.archive.simulated.cos.archive_contents import list_corrtags, make_simulated_spt
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.products import Simulation
from hstql_resources.archive.simulated.cos.support import make_spt
from hstql_resources.archive.simulated.cos_monitoring import (
    acquisition_files,
    acquisitions,
    darks,
    gain,
    lamp_exposures,
    lamp_files,
)
from hstql_resources.archive.simulated.cos_monitoring.epochs import MAXIMUM_EPOCHS, EpochPlace

P = TypeVar("P", bound=EpochPlace)
S = TypeVar("S")


def _of_epochs(
    kind: type[P], simulate: Callable[[int, P], S], list_makers: Callable[[P], Makers[S]]
) -> Contents[P, S]:
    """Return the exposures of a kind: one for each detector that is looked at, at each epoch."""
    share = (len(kind.letters), 1)
    return Contents(kind.locate, kind.guess_index, kind.maximum(), simulate, list_makers, share)


def _list_corrtags(
    make_spt: Callable[[Simulation, str], bytes], state: Callable[[Exposure], str]
) -> Callable[[EpochPlace], Makers[Simulation]]:
    """Return what lists the makers of corrtag, spt and truth files."""
    return lambda place: {
        **list_corrtags(place),
        "spt.fits": make_spt,
        "truth.json": lambda simulation, _: state(simulation.exposure).encode(),
    }


_LAMP_MAKERS = {
    "lampflash.fits": lamp_files.make_lampflash,
    "spt.fits": make_spt,
    "truth.json": lambda exposure, _: lamp_files.state_lamp_truth(exposure).encode(),
}
_ACQUISITION_MAKERS = {
    "jit.fits": acquisition_files.make_acquisition_jit,
    "rawacq.fits": acquisition_files.make_rawacq,
    "spt.fits": acquisition_files.make_acquisition_spt,
    "truth.json": lambda acquisition, _: acquisitions.state_acquisition_truth(acquisition).encode(),
}

DARKS = _of_epochs(
    darks.DarkPlace,
    lambda seed, place: darks.simulate_dark(darks.make_dark_exposure(seed, place)),
    _list_corrtags(darks.make_dark_spt, darks.state_dark_truth),
)
LAMPS = _of_epochs(
    lamp_exposures.LampPlace, lamp_exposures.make_lamp_exposure, lambda _: _LAMP_MAKERS
)
GAIN = _of_epochs(
    gain.GainPlace,
    lambda seed, place: gain.simulate_gain(gain.make_gain_exposure(seed, place)),
    _list_corrtags(make_simulated_spt, gain.state_gain_truth),
)
ACQUISITION = Contents(
    acquisitions.AcquisitionPlace,
    acquisitions.guess_index,
    MAXIMUM_EPOCHS * len(acquisitions.ACQUISITIONS),
    acquisitions.make_acquisition,
    lambda _: _ACQUISITION_MAKERS,
    share=(len(acquisitions.ACQUISITIONS), 1),
)
