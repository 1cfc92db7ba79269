// Draws an image from tiles of packed values: zoom, stretch, colours, flags, another image in turn.
"use strict";
(() => {
  const canvas = document.getElementById("image");
  const form = document.getElementById("look");
  const readout = document.getElementById("readout");
  const trouble = document.getElementById("trouble");
  const bitsBox = document.getElementById("bits");
  const button = (name) => document.querySelector(`[data-do="${name}"]`);
  const field = (name) => form.elements.namedItem(name);
  const MOST_TILES = 160;
  // Okabe and Ito: told apart by the colour-blind, too.
  const FLAG_COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"];
  const NO_VALUE = 0xff785a46;
  const ASINH = 10, LOG = 1000;

  for (const one of document.querySelectorAll(".scripted")) one.hidden = false;
  const pictures = [];
  let now = 0, showsFlags = false, mask = 0, timer = 0, planned = false;
  let view = { x: 0, y: 0, scale: 1 }, pointer = null, isKeyed = false;

  const complain = (text) => { trouble.textContent = text; trouble.hidden = !text; };
  async function ask(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({ detail: "The site does not answer." }));
      throw new Error(said.detail);
    }
    return answer;
  }

  // A picture: what the server told of an image, and the tiles that are here.
  function makePicture(facts) {
    return { facts, tiles: new Map(), tables: new Map(), bits: null, limits: null };
  }
  const size = (facts, level) => {
    let rows = facts.rows, columns = facts.columns;
    for (let n = 0; n < level; n++) { rows = (rows + 1) >> 1; columns = (columns + 1) >> 1; }
    return [rows, columns];
  };
  function findTile(picture, kind, level, row, column) {
    const key = `${kind} ${level} ${row} ${column}`;
    let tile = picture.tiles.get(key);
    if (tile) { picture.tiles.delete(key); picture.tiles.set(key, tile); return tile; }
    const [rows, columns] = size(picture.facts, level);
    const edge = picture.facts.tile;
    tile = { kind, level, width: Math.min(edge, columns - column * edge), height: Math.min(edge, rows - row * edge), codes: null, drawn: null, look: null };
    picture.tiles.set(key, tile);
    while (picture.tiles.size > MOST_TILES) picture.tiles.delete(picture.tiles.keys().next().value);
    const query = new URLSearchParams({ level, row, column, version: picture.facts.version });
    ask(`${picture.facts.address}/${kind}?${query}`)
      .then((answer) => answer.arrayBuffer())
      .then((content) => {
        const bytes = new Uint8Array(content), half = bytes.length / 2;
        tile.codes = new Uint16Array(half);
        for (let i = 0; i < half; i++) tile.codes[i] = bytes[i] | (bytes[half + i] << 8);
        plan();
      })
      .catch((error) => { picture.tiles.delete(key); complain(error.message); });
    return tile;
  }

  // Values, their stretch, and colours.
  const valueOf = (facts, level, code) =>
    facts.zero + facts.steps[level] * facts.softening * Math.sinh((code - facts.centre) / facts.softening);
  function findLimits(picture) {
    const share = field("share").value;
    const typed = [field("low").value, field("high").value].map((text) => (text.trim() === "" ? NaN : Number(text)));
    const [low, high] = (share || "2 7").split(" ").map((place) => picture.facts.percentiles[place] ?? 0);
    return share ? [low, high] : [isNaN(typed[0]) ? low : typed[0], isNaN(typed[1]) ? high : typed[1]];
  }
  function stretch(share, name) {
    if (name === "asinh") return Math.asinh(ASINH * share) / Math.asinh(ASINH);
    if (name === "log") return Math.log1p(LOG * share) / Math.log1p(LOG);
    return name === "sqrt" ? Math.sqrt(share) : share;
  }
  function countOrder(picture, low, high) {
    // Which share of the values between the limits is below each, from the smallest whole picture.
    const level = picture.facts.levels - 1, numbers = new Float64Array(65536);
    const tile = findTile(picture, "tile", level, 0, 0);
    if (!tile.codes) return null;
    for (const code of tile.codes) if (code) numbers[code]++;
    const values = [], sums = [];
    let sum = 0;
    for (let code = 1; code < 65536; code++) {
      const value = valueOf(picture.facts, level, code);
      if (!numbers[code] || value < low || value > high) continue;
      values.push(value);
      sums.push((sum += numbers[code]));
    }
    return { values, shares: sums.map((one) => one / sum) };
  }
  function makeTable(picture, level, colours) {
    const { facts } = picture, [low, high] = findLimits(picture), name = field("stretch").value;
    const table = new Uint32Array(65536), width = high > low ? high - low : 1;
    const order = name === "histogram" ? countOrder(picture, low, high) : null;
    let at = 0;
    table[0] = NO_VALUE;
    for (let code = 1; code < 65536; code++) {
      const value = valueOf(facts, level, code);
      let share = Math.min(Math.max((value - low) / width, 0), 1);
      if (order) {
        while (at < order.values.length && order.values[at] <= value) at++;
        share = at ? order.shares[at - 1] : 0;
      } else share = stretch(share, name);
      table[code] = colours[Math.floor(share * 255)];
    }
    return table;
  }
  function readColours() {
    const text = field("colours").selectedOptions[0].dataset.table, found = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      const [red, green, blue] = [0, 2, 4].map((from) => parseInt(text.substr(6 * i + from, 2), 16));
      found[i] = 0xff000000 | (blue << 16) | (green << 8) | red;
    }
    return found;
  }
  function makeFlagTable() {
    const table = new Uint32Array(65536);
    for (let flags = 1; flags < 65536; flags++) {
      const seen = flags & mask;
      if (!seen) continue;
      const text = FLAG_COLOURS[(31 - Math.clz32(seen & -seen)) % FLAG_COLOURS.length];
      const [red, green, blue] = [1, 3, 5].map((from) => parseInt(text.substr(from, 2), 16));
      table[flags] = 0xd0000000 | (blue << 16) | (green << 8) | red;
    }
    return table;
  }
  let look = 0, colours = readColours(), flagTable = makeFlagTable();
  function relook() {
    look++;
    colours = readColours();
    flagTable = makeFlagTable();
    for (const picture of pictures) picture.tables.clear();
    const isByHand = field("share").value === "";
    if (!isByHand && pictures.length) {
      const [low, high] = findLimits(pictures[now]);
      field("low").value = Number(low.toPrecision(6));
      field("high").value = Number(high.toPrecision(6));
    }
    plan();
  }
  function paint(picture, tile) {
    if (tile.look === look) return tile.drawn;
    let table = flagTable;
    if (tile.kind === "tile") {
      if (!picture.tables.has(tile.level)) picture.tables.set(tile.level, makeTable(picture, tile.level, colours));
      table = picture.tables.get(tile.level);
    }
    tile.drawn ??= Object.assign(document.createElement("canvas"), { width: tile.width, height: tile.height });
    const pixels = new ImageData(tile.width, tile.height), out = new Uint32Array(pixels.data.buffer);
    for (let row = 0; row < tile.height; row++) {
      const from = row * tile.width, to = (tile.height - 1 - row) * tile.width;
      for (let i = 0; i < tile.width; i++) out[to + i] = table[tile.codes[from + i]];
    }
    tile.drawn.getContext("2d").putImageData(pixels, 0, 0);
    tile.look = look;
    return tile.drawn;
  }

  // The view: which place of the image (from 0, its corner) is in the middle, and how large.
  const plan = () => { if (!planned) { planned = true; requestAnimationFrame(draw); } };
  const toScreen = (x, y) => [canvas.width / 2 + (x - view.x) * view.scale, canvas.height / 2 - (y - view.y) * view.scale];
  const toImage = (x, y) => [view.x + (x - canvas.width / 2) / view.scale, view.y - (y - canvas.height / 2) / view.scale];
  function chooseLevel(facts) {
    const level = Math.floor(Math.log2(1 / view.scale) + 0.3);
    return Math.min(Math.max(level, 0), facts.levels - 1);
  }
  function layer(context, picture, kind, level) {
    const edge = picture.facts.tile << level, [rows, columns] = size(picture.facts, level);
    const [left, top] = toImage(0, 0), [right, bottom] = toImage(canvas.width, canvas.height);
    const most = (count) => Math.ceil(count / picture.facts.tile) - 1;
    let isWhole = true;
    for (let row = Math.max(0, Math.floor(bottom / edge)); row <= Math.min(most(rows), Math.floor(top / edge)); row++)
      for (let column = Math.max(0, Math.floor(left / edge)); column <= Math.min(most(columns), Math.floor(right / edge)); column++) {
        const tile = findTile(picture, kind, level, row, column);
        if (!tile.codes) { isWhole = false; continue; }
        const scale = view.scale * 2 ** level;
        const [x, y] = toScreen(column * edge, row * edge + tile.height * 2 ** level);
        context.drawImage(paint(picture, tile), x, y, tile.width * scale, tile.height * scale);
      }
    return isWhole;
  }
  function draw() {
    planned = false;
    const picture = pictures[now], context = canvas.getContext("2d");
    if (!picture) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = view.scale < 1;
    const last = picture.facts.levels - 1, level = chooseLevel(picture.facts);
    if (level < last) layer(context, picture, "tile", last); // until the finer ones are here
    let isWhole = layer(context, picture, "tile", level);
    if (showsFlags && picture.facts.hasFlags) {
      context.imageSmoothingEnabled = false;
      isWhole = layer(context, picture, "flags", level) && isWhole;
    }
    if (isKeyed) {
      const x = canvas.width / 2, y = canvas.height / 2;
      context.strokeStyle = "#fff"; context.lineWidth = 3; cross(context, x, y);
      context.strokeStyle = "#000"; context.lineWidth = 1; cross(context, x, y);
    }
    canvas.dataset.shown = isWhole ? `${now} ${level}` : "";
  }
  function cross(context, x, y) {
    context.beginPath();
    for (const [dx, dy] of [[0, 1], [1, 0]])
      for (const sign of [-1, 1]) {
        context.moveTo(x + 4 * sign * dx, y + 4 * sign * dy);
        context.lineTo(x + 12 * sign * dx, y + 12 * sign * dy);
      }
    context.stroke();
  }
  function fit() {
    const { rows, columns } = pictures[now].facts;
    view = { x: columns / 2, y: rows / 2, scale: Math.min(canvas.width / columns, canvas.height / rows) };
  }
  function zoom(factor, x = canvas.width / 2, y = canvas.height / 2) {
    const [imageX, imageY] = toImage(x, y), { rows, columns } = pictures[now].facts;
    const least = Math.min(canvas.width / columns, canvas.height / rows, 1) / 2;
    view.scale = Math.min(Math.max(view.scale * factor, least), 64);
    view.x = imageX - (x - canvas.width / 2) / view.scale;
    view.y = imageY + (y - canvas.height / 2) / view.scale;
    move(0, 0);
  }
  function move(x, y) {
    const { rows, columns } = pictures[now].facts;
    view.x = Math.min(Math.max(view.x + x / view.scale, 0), columns);
    view.y = Math.min(Math.max(view.y + y / view.scale, 0), rows);
    remember();
    plan();
    tell();
  }
  function resize() {
    const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(box.width * ratio));
    canvas.height = Math.max(1, Math.round(box.height * ratio));
    plan();
  }

  // What stands under the cursor: at once what the tile says, then exactly.
  let asked = "", waits = false;
  function place() {
    const [x, y] = isKeyed || !pointer ? toImage(canvas.width / 2, canvas.height / 2) : toImage(...pointer);
    const { rows, columns } = pictures[now].facts;
    const column = Math.floor(x) + 1, row = Math.floor(y) + 1;
    return column < 1 || row < 1 || column > columns || row > rows ? null : { column, row };
  }
  function approximate({ column, row }) {
    const picture = pictures[now], { facts } = picture, edge = facts.tile;
    const tile = picture.tiles.get(`tile 0 ${Math.floor((row - 1) / edge)} ${Math.floor((column - 1) / edge)}`);
    const code = tile?.codes?.[((row - 1) % edge) * tile.width + ((column - 1) % edge)];
    return code ? ` ≈ ${valueOf(facts, 0, code).toPrecision(4)} ${facts.unit}` : "";
  }
  async function tell() {
    const at = place();
    if (!at) { readout.textContent = "\u00a0"; asked = ""; return; }
    const key = `${now} ${at.column} ${at.row}`;
    if (key === asked) return;
    readout.textContent = `(${at.column}, ${at.row})${approximate(at)}`;
    if (waits) return;
    waits = true;
    asked = key;
    try {
      const { facts } = pictures[now], query = new URLSearchParams(at);
      const found = await (await ask(`${facts.address}/pixel?${query}`)).json();
      if (asked === key && JSON.stringify(place()) === JSON.stringify(at)) show(found, facts);
    } catch (error) {
      complain(error.message);
    }
    await new Promise((done) => setTimeout(done, 60));
    waits = false;
    const later = place();
    if (later && `${now} ${later.column} ${later.row}` !== key) tell();
  }
  function show(found, facts) {
    const parts = [`(${found.column}, ${found.row}) ${found.value}${found.error !== undefined ? ` ± ${found.error}` : ""} ${facts.unit}`];
    if (found.sky) parts.push(found.sky);
    if (found.flags !== undefined) parts.push(found.meaning.length ? `DQ ${found.flags}: ${found.meaning.join("; ")}` : "DQ 0");
    readout.textContent = parts.join("  ·  ");
  }

  // The address holds what is seen.
  let saving = 0;
  function remember() {
    clearTimeout(saving);
    saving = setTimeout(() => {
      const query = new URLSearchParams(new FormData(form));
      for (const [name, value] of [...query]) if (value === "" || (field("share").value && ["low", "high"].includes(name))) query.delete(name);
      query.set("x", view.x.toFixed(1));
      query.set("y", view.y.toFixed(1));
      query.set("zoom", view.scale.toPrecision(4));
      history.replaceState(null, "", `?${query}`);
    }, 300);
  }

  async function loadOther() {
    const name = field("other").value.trim(), { facts } = pictures[0];
    if (pictures[1]?.facts.name === name) return;
    pictures.length = 1;
    stopBlinking();
    now = 0;
    const offer = (isThere) => ["swap", "blink"].forEach((one) => { button(one).hidden = !isThere; });
    offer(false);
    if (!name) return refresh();
    try {
      const address = `${canvas.dataset.site}${encodeURIComponent(name)}/${facts.number}/facts`;
      pictures[1] = makePicture(await (await ask(address)).json());
      offer(true);
      complain("");
    } catch (error) {
      complain(error.message);
    }
    refresh();
  }
  function refresh() {
    document.getElementById("which").textContent = pictures.length > 1 ? `${pictures[now].facts.name}, ${pictures[now].facts.label}` : "";
    asked = "";
    relook();
    remember();
    tell();
  }
  function swap() { now = (now + 1) % pictures.length; refresh(); }
  function stopBlinking() { clearInterval(timer); timer = 0; button("blink").setAttribute("aria-pressed", "false"); }
  function blink() {
    if (timer) return stopBlinking();
    timer = setInterval(swap, 700);
    button("blink").setAttribute("aria-pressed", "true");
  }
  async function toggleFlags() {
    showsFlags = !showsFlags;
    button("flags").setAttribute("aria-pressed", String(showsFlags));
    bitsBox.hidden = !showsFlags;
    if (showsFlags && bitsBox.children.length === 1) {
      try {
        listBits(await (await ask(`${pictures[0].facts.address}/bits`)).json());
      } catch (error) {
        complain(error.message);
      }
    }
    relook();
  }
  function listBits(found) {
    for (const { bit, name, pixels } of found) {
      const label = document.createElement("label"), box = document.createElement("input"), sign = document.createElement("span");
      Object.assign(box, { type: "checkbox", checked: true, value: bit });
      sign.className = "sign";
      sign.style.background = FLAG_COLOURS[(31 - Math.clz32(bit)) % FLAG_COLOURS.length];
      label.append(box, sign, ` ${bit} ${name} (${pixels.toLocaleString("en")})`);
      bitsBox.append(label);
      mask |= bit;
    }
    if (!found.length) bitsBox.append("No pixel is flagged.");
    bitsBox.addEventListener("change", () => {
      mask = [...bitsBox.querySelectorAll(":checked")].reduce((sum, one) => sum | one.value, 0);
      relook();
    });
  }

  const DO = {
    in: () => zoom(2), out: () => zoom(0.5), fit: () => { fit(); move(0, 0); },
    one: () => zoom(1 / view.scale, ...(pointer ?? [])), flags: toggleFlags, swap, blink,
  };
  for (const one of document.querySelectorAll("[data-do]")) one.addEventListener("click", DO[one.dataset.do]);
  form.addEventListener("submit", (event) => { event.preventDefault(); loadOther(); refresh(); });
  form.addEventListener("change", (event) => {
    if (["low", "high"].includes(event.target.name)) field("share").value = "";
    if (event.target.name === "other") loadOther();
    else refresh();
  });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * (canvas.width / box.width), (event.clientY - box.top) * (canvas.height / box.height)];
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(2 ** (-Math.sign(event.deltaY) / 2), ...at(event));
  }, { passive: false });
  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = at(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", () => { held = null; });
  canvas.addEventListener("pointermove", (event) => {
    pointer = at(event);
    if (isKeyed) { isKeyed = false; plan(); }
    if (held) { move(held[0] - pointer[0], pointer[1] - held[1]); held = pointer; }
    tell();
  });
  canvas.addEventListener("pointerleave", () => { pointer = null; });
  canvas.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? view.scale : Math.max(view.scale, 40);
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    isKeyed = true;
    move(...way);
  });

  pictures[0] = makePicture(JSON.parse(canvas.dataset.facts));
  const query = new URLSearchParams(location.search);
  if (query.has("low") || query.has("high")) field("share").value = "";
  else if (query.has("share")) field("share").value = query.get("share");
  resize();
  fit();
  const saved = ["x", "y", "zoom"].map((name) => Number(query.get(name) || NaN));
  if (saved.every(Number.isFinite) && saved[2] > 0) view = { x: saved[0], y: saved[1], scale: Math.min(saved[2], 64) };
  new ResizeObserver(resize).observe(canvas);
  relook();
  if (field("other").value) loadOther();
})();
