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
  // The need to know usual of a kind is proposed to who holds it, until somebody ticks for themselves.
  const kept = JSON.parse(level.dataset.kept ?? "{}");
  const boxes = [...form.querySelectorAll("input[name=compartments]")];
  let isChosen = boxes.some((box) => box.checked);
  for (const box of boxes) box.addEventListener("change", () => { isChosen = true; });
  const propose = () => {
    if (isChosen) return;
    for (const box of boxes) box.checked = box.value === kept[form.elements.kind.value];
  };
  form.elements.kind.addEventListener("change", propose);
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
