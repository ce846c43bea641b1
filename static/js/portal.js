/* On every page: the menu's state by width, and drafts of forms. */
import { keepDrafts } from "./drafts.js";

const wide = matchMedia("(min-width: 900px)");
const menu = document.querySelector(".menu");
const fit = () => { if (menu) menu.open = wide.matches; };
wide.addEventListener("change", fit);
fit();

keepDrafts();

/* Search: "/" goes to it from anywhere, arrow keys move through what it found. */
const search = () => document.querySelector("#search-input") ?? document.querySelector(".bar-search input");
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target)) {
    event.preventDefault();
    search()?.focus();
    search()?.select();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const hits = [...document.querySelectorAll(".results a")];
  if (!step || !hits.length || (typing(event.target) && event.target !== search())) return;
  const next = hits.indexOf(document.activeElement) + step;
  event.preventDefault();
  (next < 0 ? search() : hits[Math.min(next, hits.length - 1)]).focus();
});
