"""Describe the calibration pipelines: names, how they are started, what they cost.

What a raw file asks of a pipeline is in `expected.py` and `reference_files.py`.
"""

import importlib.metadata
import importlib.util
import shutil
import sys
from dataclasses import dataclass

from hstql_resources.calibration.errors import PipelineMissingError

_RUN_CALCOS = "import sys; from calcos import main; sys.argv[0] = 'calcos'; sys.exit(main())"


@dataclass(frozen=True)
class Pipeline:
    """The program that calibrates one instrument.

    Attributes
    ----------
    name : str
        As its users call it.
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    program : str or None
        What has to be on PATH; None for a package of this Python.
    variable : str
        The variable that headers put before the names of reference files, such as `lref`.
    raw_types : frozenset of str
        The file types that it starts from.
    input_types : frozenset of str
        File types that it reads besides, if they are there.
    install : str
        What to install, from where.
    memory_bytes : dict
        By detector what an exposure takes, whatever is in it; `""` for every other detector.
    memory_per_raw_byte : int
        What is to be added for each byte of its largest raw file, not compressed.
    """

    name: str
    instrument: str
    program: str | None
    variable: str
    raw_types: frozenset[str]
    input_types: frozenset[str]
    install: str
    memory_bytes: dict[str, int]
    memory_per_raw_byte: int

    @property
    def command(self) -> tuple[str, ...]:
        """The words that start it, before its input file."""
        if self.program is None:
            # Not the folder of the raw files on the path of modules: -P.
            return (sys.executable, "-P", "-c", _RUN_CALCOS)
        return (self.program,)

    def is_installed(self) -> bool:
        """Tell whether it can be started here."""
        if self.program is None:
            return importlib.util.find_spec("calcos") is not None
        return shutil.which(self.program) is not None

    def version(self) -> str | None:
        """Return the version that is installed; None if only its products tell."""
        is_known = self.program is None and self.is_installed()
        return importlib.metadata.version("calcos") if is_known else None

    def memory_need(self, detector: str, largest_raw_bytes: int) -> int:
        """Return the memory that a run needs, bytes: one exposure after the other is in it."""
        base = self.memory_bytes.get(detector, self.memory_bytes[""])
        return base + self.memory_per_raw_byte * largest_raw_bytes


_HSTCAL = (
    "install hstcal, from conda-forge (conda install -c conda-forge hstcal), and put {} on PATH"
)
_COS_RAW = ("rawtag", "rawtag_a", "rawtag_b", "rawaccum", "rawaccum_a", "rawaccum_b", "rawacq")

# Memory of CalCOS is measured, see docs/calibration.md. That of the others is an allowance: their
# images as floats with errors and flags, several times over.
PIPELINES = {
    pipeline.instrument: pipeline
    for pipeline in (
        Pipeline(
            "CalCOS", "cos", None, "lref",
            frozenset(_COS_RAW), frozenset({"pha", "spt"}),
            "install it into the Python of hstql, from PyPI: pip install 'hstql[calibration]'",
            {"FUV": 1_300_000_000, "": 300_000_000}, 12,
        ),
        Pipeline(
            "calstis", "stis", "cs0.e", "oref",
            frozenset({"raw"}), frozenset({"spt", "wav", "wsp"}),
            _HSTCAL.format("cs0.e"), {"": 500_000_000}, 10,
        ),
        Pipeline(
            "calacs", "acs", "calacs.e", "jref",
            frozenset({"raw"}), frozenset({"spt"}),
            _HSTCAL.format("calacs.e"), {"": 500_000_000}, 20,
        ),
        Pipeline(
            "calwf3", "wfc3", "calwf3.e", "iref",
            frozenset({"raw"}), frozenset({"spt"}),
            _HSTCAL.format("calwf3.e"), {"": 500_000_000}, 20,
        ),
    )
}  # fmt: skip


def require_pipeline(instrument: str) -> Pipeline:
    """Return the pipeline of an instrument.

    Raises
    ------
    PipelineMissingError
        If it is not installed.
    """
    pipeline = PIPELINES[instrument]
    if not pipeline.is_installed():
        raise PipelineMissingError(
            f"{pipeline.name}, which calibrates {instrument.upper()}, is not there: "
            f"{pipeline.install}."
        )
    return pipeline
