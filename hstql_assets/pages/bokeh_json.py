"""Write plots for BokehJS as JSON, without Bokeh's models in Python.

To make those takes a tenth of a second for each chart, and half a second to import them; a page of
a monitor has twenty charts that change with every exposure. What is not said here has the defaults
of BokehJS, which are those of Bokeh.
"""

import base64
import gzip
import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

MARGIN_LEFT = 90  # pixels, so that the plots of a page stand below one another

# What writes numbers and dates: names of functions of panels.js and their arguments, no more, for
# the site lets no text become a script.
DATES = "return hstql.writeDateTick(tick, index, ticks)"
TICKS = "return hstql.writeTick(tick, index, ticks)"
NUMBER = "return hstql.writeNumber(value)"


class Model:
    """A model of BokehJS, such as a Range1d; the same one can stand in several places.

    Parameters
    ----------
    kind : str
        The name of its class.
    **attributes
        What differs from the defaults: values, arrays, lists and mappings of them, other models,
        or what `field` and `value` return. They can be changed until it is written.
    """

    def __init__(self, kind: str, **attributes: Any) -> None:
        self.kind, self.attributes = kind, attributes


class Spec(dict[str, Any]):
    """Where a glyph has a property from: from a column, or one value for all."""


def field(name: str, transform: Model | None = None) -> Spec:
    """Return a property that is read from a column of the data, and may be transformed."""
    return Spec(type="field", field=name, **({"transform": transform} if transform else {}))


def value(one: Any) -> Spec:
    """Return a property that is the same for all of a glyph."""
    return Spec(type="value", value=one)


def make_tips(
    renderers: list[Model], tips: list[tuple[str, str]], formatters: Mapping[str, str]
) -> Model:
    """Return what is shown of something that is pointed at.

    Parameters
    ----------
    renderers : list of Model
        What can be pointed at.
    tips : list of (str, str)
        Label and column, such as @net{custom}.
    formatters : mapping of str to str
        How a column is written: `NUMBER` and its like.
    """
    writers = {code: Model("CustomJSHover", code=code) for code in formatters.values()}
    written = {column: writers[code] for column, code in formatters.items()}
    pairs = [list(pair) for pair in tips]
    return Model("HoverTool", renderers=renderers, tooltips=pairs, formatters=written)


def embed_model(root: Model) -> str:
    """Return a plot as JSON for `Bokeh.embed.embed_item`, inert in a page, each time the same."""
    number = _read_version()
    names: dict[Model, str] = {}
    content = _encode([root, Model("DocumentConfig")], names)
    document = {"version": number, "title": "", "config": content[1], "roots": content[:1]}
    return make_inert(
        {"target_id": "panels", "root_id": names[root], "doc": document, "version": number}
    )


@cache
def _read_version() -> str:
    return version("bokeh")  # looks through the folder of packages each time


def make_inert(value: Any) -> str:
    """Return JSON that no HTML parser can take for an end of the script that it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _encode(one: Any, names: dict[Model, str]) -> Any:
    """Return what JSON can hold; names are those of the models so far, by their order."""
    match one:
        case Model() if one in names:
            return {"id": names[one]}
        case Model():
            name = names[one] = f"m{len(names) + 1}"
            attributes = {key: _encode(inner, names) for key, inner in one.attributes.items()}
            return {"type": "object", "name": one.kind, "id": name, "attributes": attributes}
        case Spec():
            return {key: _encode(inner, names) for key, inner in one.items()}
        case dict():
            entries = [[key, _encode(inner, names)] for key, inner in one.items()]
            return {"type": "map", "entries": entries}
        case list() if one and isinstance(one[0], str):
            return one
        case list() | tuple():
            return [_encode(inner, names) for inner in one]
        case np.ndarray():
            return _encode_array(one)
        case float() if not math.isfinite(one):
            return {
                "type": "number",
                "value": {math.inf: "+inf", -math.inf: "-inf"}.get(one, "nan"),
            }
        case _:
            return one


def _encode_array(array: np.ndarray) -> dict[str, Any]:
    if array.dtype in (np.int64, np.uint64):  # which BokehJS does not have
        array = array.astype(np.float64)
    packed = gzip.compress(np.ascontiguousarray(array).tobytes(), compresslevel=6, mtime=0)
    data = {"type": "bytes", "data": base64.b64encode(packed).decode()}
    return {
        "type": "ndarray", "array": data, "shape": list(array.shape), "dtype": array.dtype.name,
        "order": "little",
    }  # fmt: skip
