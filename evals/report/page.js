"use strict";
const form = document.getElementById("filter");
const cases = [...document.querySelectorAll(".case")];
const words = new Map(cases.map((item) => [item, item.textContent.toLowerCase()]));
const fields = ["outcome", "kind", "file", "change"];

function filter() {
  const text = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of cases) {
    const fits = fields.every((name) => !form.elements[name].value || item.dataset[name] === form.elements[name].value)
      && text.every((word) => words.get(item).includes(word));
    item.hidden = !fits;
    shown += fits;
  }
  document.getElementById("shown").textContent = `${shown} of ${cases.length}`;
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const item = target?.closest(".case");
  if (!item) return;
  item.hidden = false;
  item.open = true;
  target.scrollIntoView();
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("open").addEventListener("click", (event) => {
  const open = event.target.textContent === "Open all";
  for (const item of cases) if (!item.hidden) item.open = open;
  event.target.textContent = open ? "Close all" : "Open all";
});
window.addEventListener("hashchange", openTarget);
openTarget();
