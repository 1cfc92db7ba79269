// A click on the map of the sky asks for the targets there. Without script one writes the place.
"use strict";

document.querySelector("svg.sky[data-form]")?.addEventListener("click", (event) => {
  const map = event.currentTarget;
  const form = document.getElementById(map.dataset.form);
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  const { width, height } = map.dataset;
  // The projection of Mollweide, turned round.
  const sine = 1 - (2 * point.y) / height;
  if (Math.abs(sine) > 1) return;
  const angle = Math.asin(sine);
  const ra = (180 * (1 - (2 * point.x) / width)) / Math.cos(angle);
  if (Math.abs(ra) > 180) return;
  const dec = (Math.asin((2 * angle + Math.sin(2 * angle)) / Math.PI) * 180) / Math.PI;
  form.elements.cone.value = `${((ra + 360) % 360).toFixed(2)} ${dec.toFixed(2)} ${map.dataset.radius}`;
  form.requestSubmit();
});
