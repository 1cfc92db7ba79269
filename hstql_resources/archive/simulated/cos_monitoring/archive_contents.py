"""List the files of the exposures that COS looks at itself with, and what makes each."""

from collections.abc import Callable
from typing import TypeVar

from hstql_resources.archive.simulated.archive_contents import Contents, Makers
from hstql_resources.archive.simulated.cos.archive_contents import list_corrtags, make_simulated_spt
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.products import Simulation
from hstql_resources.archive.simulated.cos.support import make_spt
from hstql_resources.archive.simulated.cos_monitoring.acquisition_files import (
    make_acquisition_jit,
    make_acquisition_spt,
    make_rawacq,
)
from hstql_resources.archive.simulated.cos_monitoring.acquisitions import (
    ACQUISITIONS,
    AcquisitionPlace,
    guess_index,
    make_acquisition,
    state_acquisition_truth,
)
from hstql_resources.archive.simulated.cos_monitoring.darks import (
    DarkPlace,
    make_dark_exposure,
    make_dark_spt,
    simulate_dark,
    state_dark_truth,
)
from hstql_resources.archive.simulated.cos_monitoring.epochs import MAXIMUM_EPOCHS, EpochPlace
from hstql_resources.archive.simulated.cos_monitoring.gain import (
    GainPlace,
    make_gain_exposure,
    simulate_gain,
    state_gain_truth,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import (
    LampPlace,
    make_lamp_exposure,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_files import (
    make_lampflash,
    state_lamp_truth,
)

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
    "lampflash.fits": make_lampflash,
    "spt.fits": make_spt,
    "truth.json": lambda exposure, _: state_lamp_truth(exposure).encode(),
}
_ACQUISITION_MAKERS = {
    "jit.fits": make_acquisition_jit,
    "rawacq.fits": make_rawacq,
    "spt.fits": make_acquisition_spt,
    "truth.json": lambda acquisition, _: state_acquisition_truth(acquisition).encode(),
}

DARKS = _of_epochs(
    DarkPlace,
    lambda seed, place: simulate_dark(make_dark_exposure(seed, place)),
    _list_corrtags(make_dark_spt, state_dark_truth),
)
LAMPS = _of_epochs(LampPlace, make_lamp_exposure, lambda _: _LAMP_MAKERS)
GAIN = _of_epochs(
    GainPlace,
    lambda seed, place: simulate_gain(make_gain_exposure(seed, place)),
    _list_corrtags(make_simulated_spt, state_gain_truth),
)
ACQUISITION = Contents(
    AcquisitionPlace,
    guess_index,
    MAXIMUM_EPOCHS * len(ACQUISITIONS),
    make_acquisition,
    lambda _: _ACQUISITION_MAKERS,
    share=(len(ACQUISITIONS), 1),
)
