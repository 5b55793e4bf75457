
"use strict";
const search = document.getElementById("search"), errors = document.getElementById("errors");
const traces = [...document.querySelectorAll(".trace")].map(section => ({
  section,
  rows: [...section.querySelectorAll(".row")].map(e => ({
    e, depth: Number(e.dataset.depth), error: e.classList.contains("error"),
    text: (section.id.slice(2) + " " + e.textContent).toLowerCase(),
  })),
}));
const total = traces.reduce((n, t) => n + t.rows.length, 0);

// filter shows what holds all words, and dimly what it lies in.
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(w => w);
  const all = words.length === 0 && !errors.checked;
  let found = 0;
  for (const t of traces) {
    let shown = 0, below = 0; // the depth of the row below that is shown
    for (let i = t.rows.length - 1; i >= 0; i--) {
      const r = t.rows[i];
      const match = all || (!errors.checked || r.error) && words.every(w => r.text.includes(w));
      const holds = !match && shown > 0 && r.depth < below;
      if (match) found++;
      if (match || holds) {
        below = r.depth;
        shown++;
      }
      r.e.hidden = !match && !holds;
      r.e.classList.toggle("dim", holds);
    }
    t.section.hidden = shown === 0;
  }
  for (const turn of document.querySelectorAll(".turn")) {
    turn.hidden = !turn.querySelector(".trace:not([hidden])");
  }
  document.getElementById("count").textContent = all ? "" : `${found} of ${total}`;
  document.getElementById("none").hidden = all || found > 0;
}

function toggle(open) {
  for (const t of traces) for (const r of t.rows) if (!r.e.hidden) r.e.open = open;
}

// follow opens the span that a link names, which may have been filtered out.
function follow() {
  const e = location.hash && document.getElementById(location.hash.slice(1));
  if (!e) return;
  if (e.hidden || e.closest("[hidden]")) {
    search.value = "";
    errors.checked = false;
    filter();
  }
  if (e.tagName === "DETAILS") e.open = true;
  e.scrollIntoView({ block: "center" });
}

search.addEventListener("input", filter);
errors.addEventListener("change", filter);
document.getElementById("open").addEventListener("click", () => toggle(true));
document.getElementById("close").addEventListener("click", () => toggle(false));
addEventListener("hashchange", follow);
filter();
follow();
