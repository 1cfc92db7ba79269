// Charts within the rules of the site: no text becomes a script, a click opens an exposure.
"use strict";

{
  // What plots may name: `return hstql.writeNumber(value)`, a function with names of arguments.
  const CALL = /^\s*(?:return )?hstql\.(\w+)\(([\w.]+(?:, [\w.]+)*)\)\s*$/;
  const bind = (code, names) => {
    const [, called, given] = CALL.exec(code);
    const paths = given.split(", ").map((path) => path.split("."));
    return (...values) => {
      const known = Object.fromEntries(names.map((name, place) => [name, values[place]]));
      return hstql[called](...paths.map((path) => path.reduce((one, part) => one[part], known)));
    };
  };
  const model = (name) => Bokeh.Models.get(name).prototype;
  model("CustomJSTickFormatter")._make_func = function () {
    return bind(this.code, ["tick", "index", "ticks"]);
  };
  model("CustomJSHover")._make_code = (value, format, vars, code) => bind(code, [value, format, vars]);
  model("CustomJS")._compile_function = async function () {
    return bind(this.code, ["cb_obj", "cb_data", "cb_context"]);
  };

  // The colours of the page, before its plots are shown.
  const style = getComputedStyle(document.documentElement);
  const [paper, ink, soft, line] = ["--paper", "--ink", "--soft", "--line"].map((one) => style.getPropertyValue(one).trim());
  const axis = {
    axis_label_text_color: ink, major_label_text_color: ink, axis_line_color: soft, major_tick_line_color: soft, minor_tick_line_color: soft,
  };
  const COLOURS = {
    Figure: { background_fill_color: paper, border_fill_color: paper, outline_line_color: line },
    LinearAxis: axis,
    LogAxis: axis,
    Grid: { grid_line_color: line },
    Legend: { label_text_color: ink, background_fill_color: paper },
    ColorBar: { title_text_color: ink, major_label_text_color: ink, background_fill_color: paper },
  };
  const paint = (one) => {
    if (one === null || typeof one !== "object") return;
    if (one.type === "object" && one.attributes) Object.assign(one.attributes, COLOURS[one.name]);
    Object.values(one).forEach(paint);
  };
  document.addEventListener("DOMContentLoaded", () => {
    for (const figure of document.querySelectorAll("script[data-figure]")) {
      const content = JSON.parse(figure.textContent);
      paint(content);
      figure.textContent = JSON.stringify(content);
    }
    const chart = document.querySelector("[data-exposure]");
    hstql.openExposure = (source) => {
      const [index] = source.selected.indices;
      if (index === undefined) return;
      source.selected.indices = [];
      window.open(chart.dataset.exposure + source.data.rootname[index] + location.search, "_blank", "noopener");
    };
  });
}
