"""Make Bokeh plots alike, and put them into a page without scripts that data could smuggle in."""

from typing import Any

from bokeh import __version__ as bokeh_version
from bokeh.document import Document
from bokeh.models import CustomJSHover, CustomJSTickFormatter, HoverTool, Model
from bokeh.plotting import figure

from hstql_assets.pages.bokeh_json import MARGIN_LEFT, make_inert


def make_plot(**options: Any) -> figure:
    """Return an empty plot that can be zoomed; options as `bokeh.plotting.figure` takes them."""
    plot = figure(
        tools="pan,box_zoom,wheel_zoom,reset,save",
        active_drag="box_zoom",
        toolbar_location="above",
        min_border_left=MARGIN_LEFT,
        **options,
    )
    plot.toolbar.logo = None
    return plot


def make_tips(
    renderers: list[Any], tips: list[tuple[str, str]], formatters: dict[str, str]
) -> HoverTool:
    """Return what is shown of something that is pointed at.

    Parameters
    ----------
    renderers : list of renderers
        What can be pointed at.
    tips : list of (str, str)
        Label and column, such as @net{custom}.
    formatters : dict of str to str
        How a column is written: by a function of panels.js such as writeNumber, or a script.
    """
    writers = {
        how: CustomJSHover(code=f"return hstql.{how}(value)" if how.isidentifier() else how)
        for how in dict.fromkeys(formatters.values())
    }
    written: Any = {column: writers[how] for column, how in formatters.items()}
    return HoverTool(renderers=renderers, tooltips=tips, formatters=written)


def write_ticks() -> CustomJSTickFormatter:
    """Return the formatter of an axis in MJD."""
    return CustomJSTickFormatter(code="return hstql.writeTick(tick, index, ticks)")


def number_models(item: Any) -> Any:
    """Give the models of a Bokeh document new ids by their order, so that these do not change.

    It is JSON from `bokeh.embed.json_item`; the ids become m1, m2, ...
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


def make_item(model: Model) -> Any:
    """Return a plot as a Bokeh document that is the same each time.

    It is that of `bokeh.embed.json_item`, which would look three more times at all that a plot
    consists of: a third of the time.
    """
    document = Document(title="")
    document.add_root(model)
    content = document.to_json(deferred=False)
    item = {"target_id": "panels", "root_id": content["roots"][0]["id"], "doc": content}
    return number_models({**item, "version": bokeh_version})


def embed(model: Model) -> str:
    """Return a plot as JSON that is the same each time, for `Bokeh.embed.embed_item`."""
    return make_inert(make_item(model))
