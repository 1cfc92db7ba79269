// The search of the index: hides the targets that do not have all the words.
"use strict";

(() => {
  const search = document.getElementById("search");
  const targets = [...document.querySelectorAll("[data-words]")];
  const count = document.getElementById("count");
  const update = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const target of targets) {
      const isWanted = words.every((word) => target.dataset.words.includes(word));
      target.hidden = !isWanted;
      found += isWanted;
    }
    count.textContent = `${found} of ${targets.length} targets`;
  };
  search.closest("p").hidden = false;
  search.addEventListener("input", update);
  update();
  document.documentElement.dataset.ready = "yes";
})();
