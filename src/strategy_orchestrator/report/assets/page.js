"use strict";
// Draws the charts from the data beside them, and gives each frame of a plug-in the height of what it holds.
for (const chart of document.querySelectorAll(".chart")) {
  const figure = JSON.parse(chart.querySelector("script").textContent);
  Plotly.newPlot(chart.querySelector(".plot"), figure.data, figure.layout, { responsive: true, displayModeBar: false });
}
for (const frame of document.querySelectorAll("iframe")) {
  const fit = () => {
    const inside = frame.contentDocument;
    if (inside && inside.body) {
      frame.style.height = `${inside.documentElement.scrollHeight + 4}px`;
    }
  };
  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  fit();
}
// What is folded is printed too, and folded again afterwards.
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("#assumptions details:not([open])")];
  for (const each of opened) each.open = true;
});
window.addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});
