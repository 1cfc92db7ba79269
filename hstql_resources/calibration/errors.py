"""Name what can go wrong in calibration: with one unit, or with the program as such."""


class CalibrationError(Exception):
    """One unit could not be calibrated; the others are not concerned.

    Parameters
    ----------
    sentence : str
        Why, for the user.
    trailer : str
        What the pipeline wrote, empty if it was not started.
    blames_files : bool
        Whether the pipeline came to an end by itself on these files.
    is_passing : bool
        Whether it may go well another time: it was killed, or the disk was full.
    """

    def __init__(
        self,
        sentence: str,
        trailer: str = "",
        blames_files: bool = False,
        is_passing: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.trailer = trailer
        self.blames_files, self.is_passing = blames_files, is_passing

    def __reduce__(self) -> tuple[type["CalibrationError"], tuple[str, str, bool, bool]]:
        """Pickle with the trailer, for worker processes."""
        return type(self), (str(self), self.trailer, self.blames_files, self.is_passing)


class MissingReferencesError(CalibrationError):
    """Reference files that the raw files name are nowhere; the sentence lists them all."""


class PipelineMissingError(Exception):
    """A pipeline is not installed; one sentence with what to install."""


class CrdsError(Exception):
    """The best reference files could not be chosen; one sentence."""
