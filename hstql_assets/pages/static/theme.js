// Before anything is drawn: the colours that somebody chose in this browser; then the button for them.
"use strict";

{
  const root = document.documentElement;
  const stored = (() => {
    try {
      return localStorage;
    } catch {
      return {}; // closed to pages: the choice lasts as long as the page
    }
  })();
  if (stored.theme) root.dataset.theme = stored.theme;

  const isDark = () =>
    (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => (button.textContent = isDark() ? "Light" : "Dark");
    button.hidden = false;
    name();
    button.addEventListener("click", () => {
      stored.theme = root.dataset.theme = isDark() ? "light" : "dark";
      name();
      document.dispatchEvent(new Event("theme"));
    });
  });
}
