// A table of any length: the rows are data, and only a page of them is ever drawn.
"use strict";

(() => {
  const PAGE = 100;
  const { columns, rows } = JSON.parse(document.getElementById("rows").textContent);
  const table = document.getElementById("table");
  const body = table.querySelector("tbody");
  const search = document.getElementById("search");
  const kind = document.getElementById("kind");
  const place = (name) => columns.findIndex((column) => column.name === name);
  const plain = (row, i) => (columns[i].form === "link" ? row[i][0] : row[i]);
  const texts = columns.flatMap((column, i) => (["text", "link"].includes(column.form) ? [i] : []));
  const haystacks = rows.map((row) => texts.map((i) => plain(row, i) ?? "").join(" ").toLowerCase());
  const kindColumn = place("kind");
  let order = { column: -1, ascending: true };
  let shown = rows.map((_, i) => i);
  let page = 0;

  const writeNumber = (value, digits) =>
    digits === null ? String(Number(value.toPrecision(4))) : value.toFixed(digits);

  const link = (address, content) => {
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.append(content);
    return anchor;
  };

  const fillPicture = (cell, [thumbnail, address], row) => {
    const image = document.createElement("img");
    image.src = thumbnail;
    image.alt = `net rate of ${plain(row, place("target"))}, ${plain(row, place("name"))}`;
    image.loading = "lazy";
    image.width = 160;
    image.height = 40;
    cell.append(link(address, image));
  };

  const fill = (cell, column, value, row) => {
    cell.className = column.form;
    if (value === null) return;
    if (column.form === "picture") fillPicture(cell, value, row);
    else if (column.form === "link") cell.append(value[1] === null ? value[0] : link(value[1], value[0]));
    else if (column.form === "number") cell.textContent = writeNumber(value, column.digits);
    else cell.textContent = value;
  };

  const draw = () => {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(
      ...shown.slice(page * PAGE, (page + 1) * PAGE).map((i) => {
        const line = document.createElement("tr");
        columns.forEach((column, c) => fill(line.insertCell(), column, rows[i][c], rows[i]));
        return line;
      }),
    );
    document.getElementById("count").textContent =
      `${shown.length} of ${rows.length}, page ${page + 1} of ${pages}`;
    document.getElementById("previous").disabled = page === 0;
    document.getElementById("next").disabled = page === pages - 1;
  };

  // Missing values come last, whichever way is up.
  const compare = (a, b) => {
    const { column, ascending } = order;
    const [left, right] = [plain(rows[a], column), plain(rows[b], column)];
    if (left === null || right === null) return (left === null) - (right === null) || a - b;
    const numeric = columns[column].form === "number";
    const difference = numeric ? left - right : left < right ? -1 : Number(left > right);
    return (ascending ? difference : -difference) || a - b;
  };

  const update = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = kind.value;
    shown = rows.flatMap((row, i) =>
      (wanted === "" || row[kindColumn] === wanted) && words.every((word) => haystacks[i].includes(word))
        ? [i]
        : [],
    );
    if (order.column >= 0) shown.sort(compare);
    page = 0;
    draw();
  };

  const sortBy = (column) => {
    const isAgain = order.column === column;
    order = { column, ascending: isAgain ? !order.ascending : columns[column].form !== "number" };
    table.querySelectorAll("th").forEach((head, i) => {
      const direction = order.ascending ? "ascending" : "descending";
      head.setAttribute("aria-sort", i === column ? direction : "none");
    });
    update();
  };

  table.querySelectorAll("th button").forEach((button) =>
    button.addEventListener("click", () => sortBy(Number(button.dataset.column))),
  );
  search.addEventListener("input", update);
  kind.addEventListener("change", update);
  document.getElementById("previous").addEventListener("click", () => { page -= 1; draw(); });
  document.getElementById("next").addEventListener("click", () => { page += 1; draw(); });
  update();
  document.documentElement.dataset.ready = "yes";
})();
