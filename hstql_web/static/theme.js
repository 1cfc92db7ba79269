// Before anything is drawn: the colours that somebody chose in this browser.
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
