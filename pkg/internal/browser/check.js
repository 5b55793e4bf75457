"use strict";
const problems = [], facts = {};
const fact = (name, value) => { facts[name] = String(value) };
addEventListener("error", e => problems.push("script: " + e.message));
addEventListener("securitypolicyviolation", e => problems.push("policy: " + e.violatedDirective));

// scrolls says whether an element lies in one that scrolls sideways by itself.
function scrolls(e) {
  for (; e && e !== document.body; e = e.parentElement) {
    const o = getComputedStyle(e).overflowX;
    if (o === "auto" || o === "scroll") return true;
  }
  return false;
}

// ellipsis says whether a text may be cut, since a style says how that looks.
function ellipsis(e) {
  for (; e && e !== document.body; e = e.parentElement) {
    const s = getComputedStyle(e);
    if (s.textOverflow === "ellipsis" && s.overflowX === "hidden") return true;
  }
  return false;
}

// above says whether an element stays where it is while the page scrolls below.
function above(e) {
  for (; e && e !== document.body; e = e.parentElement) {
    if (["sticky", "fixed"].includes(getComputedStyle(e).position)) return true;
  }
  return false;
}

function report() {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n && texts.length < 3000; n = walk.nextNode()) {
    const e = n.parentElement, text = n.data.trim();
    if (!text || ["STYLE", "SCRIPT", "title", "TITLE"].includes(e.tagName)) continue;
    // What a closed element hides has a place all the same.
    if (!e.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(n);
    for (const r of range.getClientRects()) {
      if (r.width < 0.5 || r.height < 0.5) continue;
      texts.push({ e, text: text.slice(0, 40), r });
    }
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) problems.push(`the page is ${wide} wide in a window of ${innerWidth}`);
  for (const t of texts) {
    if ((t.r.right > innerWidth + 1 || t.r.left < -1) && !scrolls(t.e) && !ellipsis(t.e)) problems.push(`cut off: ${t.text}`);
    const svg = t.e.closest("svg");
    if (!svg) continue;
    const frame = svg.getBoundingClientRect();
    if (t.r.left < frame.left - 1 || t.r.right > frame.right + 1 || t.r.top < frame.top - 1 || t.r.bottom > frame.bottom + 1) {
      problems.push(`outside of its chart: ${t.text}`);
    }
    if (t.r.height < 10) problems.push(`too small to read: ${t.text}, ${t.r.height} high`);
  }
  // Sorted by top, only neighbours can overlap.
  texts.sort((a, b) => a.r.top - b.r.top);
  for (let i = 0; i < texts.length && problems.length < 20; i++) {
    const a = texts[i];
    for (let k = i + 1; k < texts.length && texts[k].r.top < a.r.bottom; k++) {
      const b = texts[k];
      if (a.e === b.e || scrolls(a.e) || scrolls(b.e) || ellipsis(a.e) || ellipsis(b.e)) continue;
      const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const y = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      if (x > 1 && y > 4 && above(a.e) === above(b.e)) problems.push(`overlap: ${a.text} and ${b.text}`);
    }
  }
  parent.postMessage(JSON.stringify({ Problems: problems, Texts: texts.length, Facts: facts }), "*");
}
