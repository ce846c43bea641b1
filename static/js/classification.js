// Says, while a report is written, how secret its kind usually is (threats/rules/classifying.py).
const level = document.querySelector("select[data-strict-kinds]");

const watch = () => {
  const form = level.form;
  const { strictKinds, strict, otherwise, usual, lower } = level.dataset;
  const kinds = new Set(strictKinds.split(" "));
  const told = document.createElement("p");
  told.className = "help";
  told.setAttribute("role", "status");
  level.after(told);
  const tell = () => {
    const kind = form.elements.kind.value;
    const found = kinds.has(kind) ? strict : otherwise;
    const label = level.getAttribute(`data-label-${found}`);
    told.textContent = kind ? usual.replace("%(level)s", label) : "";
    if (kind && level.value !== "" && Number(level.value) < Number(found)) told.textContent += ` ${lower}`;
  };
  for (const event of ["input", "change", "restored"]) form.addEventListener(event, tell);
  tell();
};

if (level) watch();
