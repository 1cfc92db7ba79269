// Where the points on the page of a monitor lead: a click on one opens its exposure.
"use strict";

(() => {
  const links = JSON.parse(document.getElementById("links").textContent);

  hstql.openExposure = (source) => {
    const [index] = source.selected.indices;
    if (index === undefined) return;
    // So that the same point can be clicked on again.
    source.selected.indices = [];
    const rootname = source.data.rootname[index];
    if (Object.hasOwn(links, rootname)) window.open(links[rootname], "_blank", "noopener");
  };
})();
