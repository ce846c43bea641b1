import { colour } from "./colours.js";
import { makeMap } from "./map-base.js";

const element = document.getElementById("pick-map");
const form = document.querySelector("form[data-draft]");
const latitude = form.elements.latitude;
const longitude = form.elements.longitude;

const start = async () => {
  const map = await makeMap(element);
  const ring = { radius: 8, color: colour("map-chosen"), weight: 3, fillOpacity: 0.2 };
  let marker = null;
  const mark = (pan) => {
    const at = [parseFloat(latitude.value), parseFloat(longitude.value)];
    if (!at.every(Number.isFinite)) return;
    if (marker) marker.setLatLng(at);
    else marker = L.circleMarker(at, ring).addTo(map);
    if (pan) map.setView(at, Math.max(map.getZoom(), 8));
  };
  map.on("click", (event) => {
    latitude.value = event.latlng.lat.toFixed(5);
    longitude.value = event.latlng.lng.toFixed(5);
    mark(false);
    form.dispatchEvent(new CustomEvent("placed", { bubbles: true }));
  });
  for (const field of [latitude, longitude]) field.addEventListener("change", () => mark(true));
  form.addEventListener("restored", () => mark(true));
  form.addEventListener("named", () => mark(true));
  mark(true);
  element.dataset.ready = "true";
};

start().catch((error) => {
  console.error(error);
  element.hidden = true; // the form works without the map: by name or coordinates
});
