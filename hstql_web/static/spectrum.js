// Draws spectra with errors, flagged pixels and lines: zoom, move, value under the cursor.
"use strict";
(() => {
  const canvas = document.getElementById("spectrum");
  const readout = document.getElementById("readout");
  const trouble = document.getElementById("trouble");
  const box = document.getElementById("pieces");
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
  const shows = { errors: true, flagged: true, lines: false };
  const MARGIN = { left: 76, right: 10, top: 10, bottom: 34 };
  let pieces = [], view = [0, 1], whole = [0, 1], pointer = null, held = null, planned = false;
  for (const one of document.querySelectorAll(".scripted")) one.hidden = false;

  const number = (id, other) => { const found = Number(document.getElementById(id).value); return Number.isFinite(found) ? found : other; };
  const ratio = () => window.devicePixelRatio || 1;
  const width = () => canvas.width / ratio() - MARGIN.left - MARGIN.right;
  const height = () => canvas.height / ratio() - MARGIN.top - MARGIN.bottom;
  const plan = () => { if (!planned) { planned = true; requestAnimationFrame(draw); } };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = (value) => (value === 0 ? "0" : Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6 ? value.toExponential(3) : Number(value.toPrecision(7)).toString());

  function bin(piece) {
    const step = Math.max(1, Math.floor(number("bin", 1)));
    if (piece.step === step) return piece.binned;
    const out = { x: [], y: [], e: [], bad: [], flags: [] };
    for (let i = 0; i < piece.wavelengths.length; i += step) {
      let n = 0, x = 0, y = 0, e = 0, bad = 0, all = 0;
      for (let j = i; j < Math.min(i + step, piece.wavelengths.length); j++) {
        if (piece.values[j] === null) continue;
        if (step > 1 && piece.bad[j]) continue;
        n++; x += piece.wavelengths[j]; y += piece.values[j]; e += (piece.errors[j] ?? 0) ** 2; all |= piece.flags[j]; bad |= piece.bad[j];
      }
      if (n) { out.x.push(x / n); out.y.push(y / n); out.e.push(Math.sqrt(e) / n); out.bad.push(bad); out.flags.push(all); }
    }
    piece.step = step;
    return (piece.binned = out);
  }
  const find = (list, value) => { let a = 0, b = list.length; while (a < b) { const m = (a + b) >> 1; if (list[m] < value) a = m + 1; else b = m; } return a; };
  function ticks(from, to, most) {
    const raw = (to - from) / most, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((one) => one * power >= raw) * power;
    const found = [];
    for (let n = Math.ceil(from / step); n * step <= to && found.length < 50; n++) found.push(n * step);
    return found;
  }
  function findRange(seen) {
    const values = [];
    for (const { data, from, to } of seen) for (let i = from; i < to; i++) if (!data.bad[i] || !shows.flagged) values.push(data.y[i]);
    if (!values.length) for (const { data, from, to } of seen) for (let i = from; i < to; i++) values.push(data.y[i]);
    if (!values.length) return [0, 1];
    values.sort((a, b) => a - b);
    const cut = Math.floor(values.length / 500), low = values[cut], high = values[values.length - 1 - cut];
    const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
    return [Math.min(low, 0) - room, high + room];
  }
  function draw() {
    planned = false;
    const context = canvas.getContext("2d"), w = width(), h = height();
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    context.fillStyle = colour("--paper");
    context.fillRect(0, 0, canvas.width, canvas.height);
    const seen = pieces.filter((piece) => piece.box.checked).map((piece) => {
      const data = bin(piece);
      return { piece, data, from: Math.max(0, find(data.x, view[0]) - 1), to: Math.min(data.x.length, find(data.x, view[1]) + 1) };
    });
    const [low, high] = findRange(seen);
    const X = (value) => MARGIN.left + ((value - view[0]) / (view[1] - view[0])) * w;
    const Y = (value) => MARGIN.top + (1 - (value - low) / (high - low)) * h;
    context.font = "12px system-ui, sans-serif";
    context.strokeStyle = colour("--line"); context.fillStyle = colour("--soft"); context.lineWidth = 1;
    context.textAlign = "center"; context.textBaseline = "top";
    for (const at of ticks(...view, w / 90)) { line(context, X(at), MARGIN.top, X(at), MARGIN.top + h); context.fillText(short(at), X(at), MARGIN.top + h + 4); }
    context.textAlign = "right"; context.textBaseline = "middle";
    for (const at of ticks(low, high, h / 45)) { line(context, MARGIN.left, Y(at), MARGIN.left + w, Y(at)); context.fillText(short(at), MARGIN.left - 5, Y(at)); }
    context.textAlign = "center"; context.textBaseline = "bottom";
    if (pieces[0]) {
      context.fillText(`wavelength (${pieces[0].wavelengthUnit})`, MARGIN.left + w / 2, MARGIN.top + h + MARGIN.bottom);
      context.textAlign = "left"; context.textBaseline = "top";
      context.fillText(`${pieces[0].quantity.toLowerCase()} (${pieces[0].unit})`, MARGIN.left + 6, MARGIN.top + 4);
    }
    context.save();
    context.beginPath(); context.rect(MARGIN.left, MARGIN.top, w, h); context.clip();
    for (const one of seen) plot(context, one, X, Y);
    if (shows.lines) mark(context, X, h);
    context.restore();
    context.strokeStyle = colour("--soft"); context.strokeRect(MARGIN.left, MARGIN.top, w, h);
    canvas.dataset.drawn = pieces.length ? "yes" : "";
  }
  function line(context, x1, y1, x2, y2) { context.beginPath(); context.moveTo(x1, y1); context.lineTo(x2, y2); context.stroke(); }
  function plot(context, { piece, data, from, to }, X, Y) {
    // Of many pixels in a column of the screen the least and the greatest are drawn.
    const columns = new Map();
    context.fillStyle = piece.colour; context.strokeStyle = piece.colour;
    for (let i = from; i < to; i++) {
      if (data.bad[i] && shows.flagged) continue;
      const x = Math.round(X(data.x[i])), one = columns.get(x);
      if (one) { one.low = Math.min(one.low, data.y[i]); one.high = Math.max(one.high, data.y[i]); one.last = data.y[i]; one.bottom = Math.min(one.bottom, data.y[i] - data.e[i]); one.top = Math.max(one.top, data.y[i] + data.e[i]); }
      else columns.set(x, { low: data.y[i], high: data.y[i], first: data.y[i], last: data.y[i], bottom: data.y[i] - data.e[i], top: data.y[i] + data.e[i] });
    }
    const list = [...columns].sort((a, b) => a[0] - b[0]);
    if (shows.errors) {
      context.globalAlpha = 0.25;
      context.beginPath();
      for (const [x, one] of list) context.lineTo(x, Y(one.top));
      for (const [x, one] of list.reverse()) context.lineTo(x, Y(one.bottom));
      context.fill();
      list.reverse();
      context.globalAlpha = 1;
    }
    context.lineWidth = 1.2;
    context.beginPath();
    for (const [x, one] of list) for (const y of [one.first, one.low, one.high, one.last]) context.lineTo(x, Y(y));
    context.stroke();
    if (!shows.flagged) return;
    context.fillStyle = colour("--soft");
    for (let i = from; i < to; i++) if (data.bad[i]) context.fillRect(X(data.x[i]) - 1, Y(data.y[i]) - 1, 2, 2);
  }
  function mark(context, X, h) {
    context.fillStyle = colour("--ink"); context.strokeStyle = colour("--soft");
    context.setLineDash([3, 3]);
    let last = -100, level = 0;
    for (const [name, at] of JSON.parse(canvas.dataset.lines)) {
      const x = X(at * (1 + number("redshift", 0)));
      if (x < MARGIN.left || x > MARGIN.left + width()) continue;
      level = x - last < 42 ? (level + 1) % 6 : 0;
      last = x;
      line(context, x, MARGIN.top, x, MARGIN.top + h);
      context.textAlign = "left"; context.textBaseline = "top";
      context.fillText(name, x + 2, MARGIN.top + 20 + 14 * level);
    }
    context.setLineDash([]);
  }

  function zoom(factor, at = (view[0] + view[1]) / 2) {
    const least = (whole[1] - whole[0]) / 1e5;
    const size = Math.min(Math.max((view[1] - view[0]) * factor, least), whole[1] - whole[0]);
    const share = (at - view[0]) / (view[1] - view[0]);
    view = [at - share * size, at + (1 - share) * size];
    move(0);
  }
  function move(by) {
    const size = view[1] - view[0], from = Math.min(Math.max(view[0] + by, whole[0]), whole[1] - size);
    view = [from, from + size];
    plan();
    tell();
  }
  function tell() {
    const at = pointer ? view[0] + ((pointer - MARGIN.left) / width()) * (view[1] - view[0]) : (view[0] + view[1]) / 2;
    const parts = [];
    for (const piece of pieces.filter((one) => one.box.checked)) {
      const data = bin(piece);
      let i = find(data.x, at);
      if (i > 0 && (i === data.x.length || at - data.x[i - 1] < data.x[i] - at)) i--;
      if (data.x.length < 2 || at < data.x[0] - 1 || at > data.x[data.x.length - 1] + 1) continue;
      parts.push(`${piece.name}: ${short(data.x[i])} ${piece.wavelengthUnit}, ${short(data.y[i])}${piece.errors.length ? ` ± ${short(data.e[i])}` : ""} ${piece.unit}${data.flags[i] ? `, DQ ${data.flags[i]}` : ""}`);
    }
    readout.textContent = parts.slice(0, 3).join("  ·  ") || "\u00a0";
  }
  function resize() {
    const size = canvas.getBoundingClientRect();
    canvas.width = Math.max(1, Math.round(size.width * ratio()));
    canvas.height = Math.max(1, Math.round(size.height * ratio()));
    plan();
  }

  const toggle = (name) => (event) => {
    shows[name] = !shows[name];
    event.currentTarget.setAttribute("aria-pressed", String(shows[name]));
    plan();
  };
  const DO = {
    in: () => zoom(0.5), out: () => zoom(2), all: () => { view = [...whole]; move(0); },
    errors: toggle("errors"), flagged: toggle("flagged"), lines: toggle("lines"),
  };
  for (const one of document.querySelectorAll("[data-do]")) one.addEventListener("click", DO[one.dataset.do]);
  for (const id of ["redshift", "bin"]) document.getElementById(id).addEventListener("input", plan);
  box.addEventListener("change", plan);
  document.addEventListener("theme", plan);
  const at = (event) => event.clientX - canvas.getBoundingClientRect().left;
  const toWavelength = (x) => view[0] + ((x - MARGIN.left) / width()) * (view[1] - view[0]);
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(2 ** (Math.sign(event.deltaY) / 2), toWavelength(at(event))); }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => { held = at(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", () => { held = null; });
  canvas.addEventListener("pointerleave", () => { pointer = null; });
  canvas.addEventListener("pointermove", (event) => {
    pointer = at(event);
    if (held !== null) { move(((held - pointer) / width()) * (view[1] - view[0])); held = pointer; }
    tell();
  });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    pointer = null;
    move(way * (view[1] - view[0]));
  });

  async function load() {
    const answer = await fetch(canvas.dataset.from, { headers: { Accept: "application/json" } });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.detail);
    pieces = found;
    pieces.forEach((piece, place) => {
      piece.colour = COLOURS[place % COLOURS.length];
      const label = document.createElement("label"), sign = document.createElement("span");
      piece.box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
      sign.className = "sign";
      sign.style.background = piece.colour;
      label.append(piece.box, sign, ` ${piece.name}`);
      box.append(label);
    });
    const ends = pieces.map((piece) => [piece.wavelengths[0], piece.wavelengths[piece.wavelengths.length - 1]]);
    if (ends.length) whole = [Math.min(...ends.map((one) => one[0])), Math.max(...ends.map((one) => one[1]))];
    if (whole[0] === whole[1]) whole[1]++;
    view = [...whole];
    move(0);
  }
  new ResizeObserver(resize).observe(canvas);
  resize();
  load().catch((error) => { trouble.textContent = error.message; trouble.hidden = false; });
})();
