"""Put Bokeh panels into a page of their own, without scripts that data could smuggle in."""

import json
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import Model


def number_models(item: Any) -> Any:
    """Give the models of a Bokeh document new ids by their order, so that these do not change.

    Parameters
    ----------
    item : any JSON value
        From `bokeh.embed.json_item`.

    Returns
    -------
    any JSON value
        The same with the ids m1, m2, ...
    """
    names: dict[str, str] = {}

    def visit(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: visit(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [visit(inner) for inner in value]
        if key in ("id", "root_id") and isinstance(value, str):
            return names.setdefault(value, f"m{len(names) + 1}")
        return value

    return visit(item)


def make_inert(value: Any) -> str:
    """Return JSON that no HTML parser can take for an end of the script that it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def embed(model: Model) -> str:
    """Return a plot as JSON that is the same each time, for `Bokeh.embed.embed_item`."""
    item = json_item(model, ID("panels"))
    item["doc"]["title"] = ""
    return make_inert(number_models(item))
