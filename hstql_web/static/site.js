// Makes the site quicker; everything works without it. Keys, forms that need no new page.
"use strict";

const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const meant = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!meant) return;
  event.preventDefault();
  if (isTyping(meant)) meant.focus();
  else meant.click();
});

async function send(form, button) {
  const content = new FormData(form, button);
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(content),
    headers: { Accept: "application/json, text/html" },
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({ detail: "The site does not answer." }));
    throw new Error(said.detail);
  }
  return answer.text();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-quick]")) return;
  event.preventDefault();
  const panel = form.closest("[data-panel]");
  const held = document.activeElement?.dataset?.key;
  const isOpen = panel.querySelector("details")?.open;
  try {
    const made = new DOMParser().parseFromString(await send(form, event.submitter), "text/html");
    const fresh = made.querySelector("[data-panel]");
    panel.replaceWith(fresh);
    if (isOpen && fresh.querySelector("details")) fresh.querySelector("details").open = true;
    if (held) fresh.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  } catch (error) {
    const told = document.createElement("p");
    told.className = "fault";
    told.setAttribute("role", "alert");
    told.textContent = `Not saved: ${error.message}`;
    panel.prepend(told);
  }
});

// An empty field of a form that asks is left out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".choice")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

document.documentElement.dataset.ready = "yes";
