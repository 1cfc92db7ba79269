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
    const own = this.args instanceof Map ? [...this.args] : Object.entries(this.args);
    const call = bind(this.code, [...own.map(([name]) => name), "cb_obj", "cb_data", "cb_context"]);
    return (...values) => call(...own.map(([, value]) => value), ...values);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const chart = document.querySelector("[data-exposure]");
    hstql.openExposure = (source) => {
      const [index] = source.selected.indices;
      if (index === undefined) return;
      source.selected.indices = [];
      const name = source.data.rootname[index];
      const isExposure = /^[a-z0-9]{9}$/.test(name);
      const address = isExposure ? chart.dataset.exposure + name + location.search : chart.dataset.image + encodeURIComponent(name);
      window.open(address, "_blank", "noopener");
    };
  });
}
