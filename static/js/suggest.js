/* Names like what is typed, from the server, as options of a datalist. */

for (const field of document.querySelectorAll("[data-suggest]")) {
  const list = document.getElementById(`suggest-${field.dataset.suggest}`);
  field.setAttribute("list", list.id);
  let timer;
  field.addEventListener("input", () => {
    const chosen = [...list.options].find((option) => option.value === field.value);
    if (chosen && chosen.dataset.latitude) {
      field.form.elements.latitude.value = chosen.dataset.latitude;
      field.form.elements.longitude.value = chosen.dataset.longitude;
      field.form.dispatchEvent(new CustomEvent("named", { bubbles: true }));
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const response = await fetch(`${list.dataset.url}?${new URLSearchParams({ typed: field.value })}`);
      if (response.ok) list.innerHTML = await response.text();
    }, 200);
  });
}
