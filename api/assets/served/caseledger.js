// Enhances pages that work without it: j and k go from entry to entry of a timeline.
(() => {
  "use strict";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const step = (by) => {
    const links = [...document.querySelectorAll(".cl-timeline .moj-timeline__title a")];
    if (links.length === 0) return;
    const next = links.indexOf(document.activeElement) + by;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });
})();
