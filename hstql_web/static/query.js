// The query form: how many exposures it would find, its SQL and the names of columns, as one writes.
"use strict";

{
  const form = document.getElementById("ask");
  const hits = document.getElementById("hits");
  const sql = document.getElementById("sql");
  const copy = document.getElementById("copy");
  const kept = document.querySelector("#save [name=address]");
  const names = document.getElementById("keys");
  let waiting = 0;
  let asking = new AbortController();

  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: asking.signal });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail);
    return said;
  };
  const update = async (field) => {
    asking.abort();
    asking = new AbortController();
    const query = new URLSearchParams(new FormData(form)).toString();
    try {
      const said = await ask(`${form.dataset.hits}?${query}`);
      hits.textContent = said.hits;
      sql.textContent = said.sql;
      kept.value = query;
    } catch (error) {
      if (error.name !== "AbortError") hits.textContent = error.message;
    }
    if (field.getAttribute("list") !== "keys") return;
    const find = field.value.split(/[\s=<>!]/)[0].replaceAll(".", " ");
    const found = find ? await ask(`${form.dataset.keys}?${new URLSearchParams({ find })}`).catch(() => []) : [];
    names.replaceChildren(...found.map((key) => new Option(key.about, key.name)));
  };
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 250, event.target);
  });
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(sql.textContent);
    copy.textContent = "Copied";
  });
}
