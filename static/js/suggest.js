/* Names like what is typed, from the server, as options of a datalist. */

const suggest = (field, list, chosen) => {
  field.setAttribute("list", list.id);
  let timer;
  field.addEventListener("input", () => {
    const option = [...list.options].find((candidate) => candidate.value === field.value);
    if (option) {
      chosen(option);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const response = await fetch(`${list.dataset.url}?${new URLSearchParams({ typed: field.value })}`);
      if (response.ok) list.innerHTML = await response.text();
    }, 200);
  });
};

for (const field of document.querySelectorAll("[data-suggest]")) {
  suggest(field, document.getElementById(`suggest-${field.dataset.suggest}`), (option) => {
    const { latitude, longitude } = field.form.elements;
    if (!option.dataset.latitude || !latitude) return;
    latitude.value = option.dataset.latitude;
    longitude.value = option.dataset.longitude;
    field.form.dispatchEvent(new CustomEvent("named", { bubbles: true }));
  });
}

/* Several names, one a line: a line chosen from the list is added to the text. */
for (const text of document.querySelectorAll("[data-lines]")) {
  const adder = document.createElement("input");
  adder.type = "text";
  adder.placeholder = text.closest("form").dataset.addHint;
  adder.setAttribute("aria-label", adder.placeholder);
  text.after(adder);
  suggest(adder, document.getElementById(`suggest-${text.dataset.lines}`), (option) => {
    text.value = [...text.value.split("\n").filter(Boolean), option.value].join("\n");
    adder.value = "";
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
