"""Read the numbers that describe simulated instruments from the TOML texts beside the code."""

import tomllib
from importlib.resources import files
from typing import TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def load_data(name: str, kind: type[T]) -> T:
    """Return the content of a text as what it describes, such as dataclasses by their names.

    Parameters
    ----------
    name : str
        Room and text, such as `cameras/detectors`.
    kind : type
        What the whole text is, such as `dict[str, Detector]`.

    Raises
    ------
    pydantic.ValidationError
        If the text is something else.
    """
    path = files(__package__).joinpath(f"{name}.toml")
    return TypeAdapter(kind).validate_python(tomllib.loads(path.read_text("utf-8")))
