/* What is typed into a form is kept in this tab until it is saved, or the session ends: nothing of
   it outlives either. Fields marked data-sealed (a source's name or contact) and hidden fields are
   never kept, and nothing at all of a form that says, or of a record that has, a level above
   unclassified (data-level) or a need to know: whoever finds the computer finds no report in it. */

const PREFIX = "draft:";
const MARKS = ["submission", "version"];
const OLDEST = 12 * 3600 * 1000; // of the session
const UNCLASSIFIED = "0";

const keyOf = (form) => `${PREFIX}${document.body.dataset.user}:${form.dataset.draft}`;

const NEVER = ["hidden", "password", "file"];

const kept = (form) =>
  [...form.elements].filter(
    (field) => field.name && !NEVER.includes(field.type) && !("sealed" in field.dataset),
  );

// A level left open is that of the kind of what is reported, once one was chosen.
const levelOf = (level, kind) => level.value || (kind?.value && level.dataset.otherwise) || UNCLASSIFIED;

const mayBeKept = (form) => {
  const { classification: level, kind } = form.elements;
  if (form.querySelector("input[name=compartments]:checked")) return false;
  return form.dataset.level === UNCLASSIFIED && (!level || levelOf(level, kind) === UNCLASSIFIED);
};

const read = (field) => {
  if (field.type === "checkbox") return field.checked;
  if (field.multiple) return [...field.selectedOptions].map((option) => option.value);
  return field.value;
};

const write = (field, value) => {
  if (field.type === "checkbox") field.checked = value;
  else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
};

const forgetAll = (store, test = () => true) => {
  for (const key of Object.keys(store)) {
    if (key.startsWith(PREFIX) && test(key)) store.removeItem(key);
  }
  if (!Object.keys(store).some((key) => key.startsWith(PREFIX))) store.removeItem("sent");
};

const old = (key) => {
  try { return Date.now() - JSON.parse(sessionStorage.getItem(key)).at > OLDEST; } catch { return true; }
};

const ofOthers = (key) => {
  const { user } = document.body.dataset;
  return user && !key.startsWith(`${PREFIX}${user}:`);
};

const hasEnded = () => Boolean(document.querySelector("form[data-ends-drafts]"));

export const keepDrafts = () => {
  const form = document.querySelector("form[data-draft]");
  const forget = () => forgetAll(sessionStorage);
  document.querySelector("form[data-clears-drafts]")?.addEventListener("submit", forget);
  try {
    forgetAll(localStorage); // of earlier versions
    forgetAll(sessionStorage, (key) => old(key) || hasEnded() || ofOthers(key));
  } catch { return; }
  if (!form) {
    // A page without the form that was sent, and with a word of success: the draft is done with.
    const sent = sessionStorage.getItem("sent");
    if (sent && document.querySelector(".notice-success")) sessionStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
    return;
  }
  const key = keyOf(form);
  const state = form.querySelector("[data-draft-state]");
  const cameBack = form.querySelector(".has-error") || document.getElementById("form-errors");
  const stored = JSON.parse(sessionStorage.getItem(key) || "null");
  if (stored && form.dataset.level === UNCLASSIFIED && !cameBack) {
    for (const field of kept(form)) if (field.name in stored.values) write(field, stored.values[field.name]);
    // With its marks: sent twice it still counts once, and what others changed since is shown.
    for (const mark of MARKS) {
      if (form.elements[mark] && stored[mark]) form.elements[mark].value = stored[mark];
    }
    form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
    if (state) state.textContent = state.dataset.draftState;
  }
  const keep = () => {
    if (!mayBeKept(form)) {
      sessionStorage.removeItem(key);
      return;
    }
    const values = Object.fromEntries(kept(form).map((field) => [field.name, read(field)]));
    const marks = Object.fromEntries(MARKS.map((mark) => [mark, form.elements[mark]?.value]));
    sessionStorage.setItem(key, JSON.stringify({ at: Date.now(), values, ...marks }));
  };
  for (const event of ["input", "change", "placed"]) form.addEventListener(event, keep);
  form.addEventListener("submit", () => { keep(); sessionStorage.setItem("sent", key); });
};
