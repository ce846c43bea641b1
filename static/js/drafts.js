/* What is typed into a form is kept in this browser until it is saved or the person signs out.
   Fields marked data-sealed (a source's name or contact) and hidden fields are never kept. */

const PREFIX = "draft:";
const MARKS = ["submission", "version"];
const OLDEST = 7 * 24 * 3600 * 1000;

const keyOf = (form) => `${PREFIX}${document.body.dataset.user}:${form.dataset.draft}`;

const NEVER = ["hidden", "password", "file"];

const kept = (form) =>
  [...form.elements].filter(
    (field) => field.name && !NEVER.includes(field.type) && !("sealed" in field.dataset),
  );

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

const forgetAll = (test = () => true) => {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && test(key)) localStorage.removeItem(key);
  }
};

const old = (key) => {
  try { return Date.now() - JSON.parse(localStorage.getItem(key)).at > OLDEST; } catch { return true; }
};

export const keepDrafts = () => {
  const form = document.querySelector("form[data-draft]");
  document.querySelector("form[data-clears-drafts]")?.addEventListener("submit", () => forgetAll());
  try { forgetAll(old); } catch { return; }
  if (!form) {
    // A page without the form that was sent, and with a word of success: the draft is done with.
    const sent = sessionStorage.getItem("sent");
    if (sent && document.querySelector(".notice-success")) localStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
    return;
  }
  const key = keyOf(form);
  const state = form.querySelector("[data-draft-state]");
  const cameBack = form.querySelector(".has-error") || document.getElementById("form-errors");
  const stored = JSON.parse(localStorage.getItem(key) || "null");
  if (stored && !cameBack) {
    for (const field of kept(form)) if (field.name in stored.values) write(field, stored.values[field.name]);
    // With its marks: sent twice it still counts once, and what others changed since is shown.
    for (const mark of MARKS) {
      if (form.elements[mark] && stored[mark]) form.elements[mark].value = stored[mark];
    }
    form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
    if (state) state.textContent = state.dataset.draftState;
  }
  const keep = () => {
    const values = Object.fromEntries(kept(form).map((field) => [field.name, read(field)]));
    const marks = Object.fromEntries(MARKS.map((mark) => [mark, form.elements[mark]?.value]));
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), values, ...marks }));
  };
  form.addEventListener("input", keep);
  form.addEventListener("placed", keep);
  form.addEventListener("submit", () => { keep(); sessionStorage.setItem("sent", key); });
};
