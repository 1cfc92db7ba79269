// The interactive panels of a page: shows them, lists exposures, and writes numbers and dates.
"use strict";

const hstql = (() => {
  const DAY_MS = 86400000;
  const MJD_OF_1970 = 40587;
  const HIDEABLE = ["gross", "net", "flux", "error", "background"];
  const read = (id) => {
    const element = document.getElementById(id);
    return element === null ? null : JSON.parse(element.textContent);
  };
  const names = read("exposures") || [];

  const writeDate = (mjd) => {
    const date = new Date(Math.round((mjd - MJD_OF_1970) * DAY_MS));
    return isNaN(date) ? "" : date.toISOString().replace("T", " ").replace("Z", "");
  };
  const writeNumber = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(5))) : "");
  const nameDataset = (number) => `${number}, ${names[number - 1] || "?"}`;
  const writeTick = (tick, index, ticks) => {
    const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1;
    return tick.toFixed(Math.min(9, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))));
  };

  const isNear = (ticks) => ticks.length > 1 && Math.abs(ticks[1] - ticks[0]) < 1;
  // With the time where ticks are nearer than a day.
  const writeDateTick = (tick, index, ticks) => writeDate(tick).slice(0, isNear(ticks) ? 16 : 10);
  const writeMjdOrDate = (value, format) => (format === "custom" ? writeDate(value) : value.toFixed(4));

  // What belongs to something that a click on the legend hides.
  const follow = (other, leader) => { other.visible = leader.visible; };

  const findBins = () => Bokeh.documents[0].get_model_by_name("bins");
  const findRange = () => Bokeh.documents[0].get_model_by_name("net").x_range;

  // What a dataset loses while it is hidden: its values, not its place.
  const whole = {};
  const showOnly = (isShown) => {
    const bins = findBins();
    const dataset = bins.data.dataset;
    const data = { ...bins.data };
    for (const name of HIDEABLE) {
      whole[name] = whole[name] || bins.data[name];
      data[name] = whole[name].map((value, i) => (isShown.has(dataset[i]) ? value : NaN));
    }
    bins.data = data;
  };

  const zoomTo = (number) => {
    const { dataset, mjd } = findBins().data;
    let start = Infinity;
    let end = -Infinity;
    for (let i = 0; i < mjd.length; i++) {
      if (dataset[i] === number) {
        start = Math.min(start, mjd[i]);
        end = Math.max(end, mjd[i]);
      }
    }
    const margin = 0.02 * (end - start) || 1e-4;
    findRange().setv({ start: start - margin, end: end + margin });
  };

  const listen = () => {
    const boxes = [...document.querySelectorAll("input[data-dataset]")];
    const update = () =>
      showOnly(new Set(boxes.filter((box) => box.checked).map((box) => Number(box.dataset.dataset))));
    const setAll = (checked) => {
      for (const box of boxes) box.checked = checked;
      update();
    };
    for (const box of boxes) box.addEventListener("change", update);
    for (const button of document.querySelectorAll("button[data-zoom]")) {
      button.addEventListener("click", () => zoomTo(Number(button.dataset.zoom)));
    }
    const all = document.getElementById("show-all");
    const none = document.getElementById("show-none");
    if (all) all.addEventListener("click", () => setAll(true));
    if (none) none.addEventListener("click", () => setAll(false));
  };

  // The colours of the page: of what has none of its own, and instead of those for a white page.
  const style = getComputedStyle(document.documentElement);
  const [paper, ink, soft, line, limit, band] = ["paper", "ink", "soft", "line", "limit", "band"].map((one) =>
    style.getPropertyValue(`--${one}`).trim(),
  );
  const axis = {
    axis_label_text_color: ink, major_label_text_color: ink, axis_line_color: soft, major_tick_line_color: soft,
    minor_tick_line_color: soft,
  };
  const USUAL = {
    Figure: { background_fill_color: paper, border_fill_color: paper, outline_line_color: line },
    LinearAxis: axis,
    LogAxis: axis,
    CategoricalAxis: axis,
    Grid: { grid_line_color: line },
    Legend: { label_text_color: ink, background_fill_color: paper, inactive_fill_color: paper },
    ColorBar: { title_text_color: ink, major_label_text_color: ink, background_fill_color: paper },
    Title: { text_color: ink },
  };
  const SHADES = { white: paper, black: ink, "#555555": soft, "#cc2828": limit, "#dfe8f2": band, "#c8ced6": line };
  const paint = (one, isColour = false) => {
    if (typeof one === "string") return isColour ? (SHADES[one] ?? one) : one;
    if (one === null || typeof one !== "object") return one;
    if (Array.isArray(one)) return one.map((inner) => paint(inner));
    const painted = Object.fromEntries(
      Object.entries(one).map(([name, inner]) => [
        name, paint(inner, name.endsWith("color") || (isColour && name === "value")),
      ]),
    );
    if (one.type === "object") painted.attributes = { ...USUAL[one.name], ...painted.attributes };
    return painted;
  };

  const start = async () => {
    const figures = [...document.querySelectorAll("script[data-figure]")];
    for (const figure of figures) {
      const item = paint(JSON.parse(figure.textContent));
      await Bokeh.embed.embed_item(item, figure.dataset.figure).catch(console.error); // the others are shown
    }
    if (figures.length) document.addEventListener("theme", () => location.reload());
    listen();
    document.documentElement.dataset.ready = "yes";
  };
  document.addEventListener("DOMContentLoaded", start);

  return { follow, nameDataset, writeDate, writeDateTick, writeMjdOrDate, writeNumber, writeTick };
})();
