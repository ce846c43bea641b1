/* On every page: the menu's state by width, and drafts of forms. */
import { keepDrafts } from "./drafts.js";

const wide = matchMedia("(min-width: 900px)");
const menu = document.querySelector(".menu");
const fit = () => { if (menu) menu.open = wide.matches; };
wide.addEventListener("change", fit);
fit();

keepDrafts();
