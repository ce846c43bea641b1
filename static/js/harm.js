// Says, while a report is written, whether it will count as harm to civilians (threats/rules/harm.py).
const said = document.querySelector("[data-harm]");

const watch = () => {
  const form = said.form;
  const kinds = new Set(said.dataset.kinds.split(" "));
  const told = document.createElement("p");
  told.className = "help";
  told.setAttribute("role", "status");
  said.after(told);
  const many = (name) => Number(form.elements[name]?.value) >= 1;
  const counts = () => {
    if (many("civilian_deaths")) return true;
    if (said.value) return said.value === "yes";
    return many("injured") || kinds.has(form.elements.kind.value);
  };
  const tell = () => {
    const isHarm = counts();
    // Without a kind nothing is decided yet, unless the figures or the reporter decide it.
    const isOpen = !isHarm && !said.value && !form.elements.kind.value;
    told.textContent = isOpen ? "" : isHarm ? said.dataset.counts : said.dataset.countsNot;
  };
  for (const event of ["input", "change", "restored"]) form.addEventListener(event, tell);
  tell();
};

if (said) watch();
