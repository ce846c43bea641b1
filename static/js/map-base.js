/* A Leaflet map on the bundled Natural Earth outlines and the mission's own areas. */

export const BANDS = { 1: "#b9c6ce", 2: "#f0cf6a", 3: "#f4a950", 4: "#d9532c", 5: "#8c1220" };

export const fetchJson = async (url) => {
  const response = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
};

export const api = (resource, mission, query = {}) =>
  fetchJson(`/api/v1/${resource}/?${new URLSearchParams({ mission, format: "geojson", ...query })}`);

export const makeMap = async (element) => {
  const map = L.map(element, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, worldCopyJump: true, minZoom: 3, maxZoom: 13 });
  map.setView([7, 20], 6);
  map.createPane("land").style.zIndex = 200;
  map.createPane("areas").style.zIndex = 250;
  const [world, areas] = await Promise.all([
    fetchJson(element.dataset.basemap),
    api("admin-areas", element.dataset.mission, { fields: "id,name,level,polygon" }),
  ]);
  L.geoJSON(topojson.feature(world, world.objects.countries), {
    pane: "land", interactive: false, style: { color: "#b3bfc7", weight: 1, fillColor: "#f6f7f5", fillOpacity: 1 },
  }).addTo(map);
  const shapes = L.geoJSON(areas, {
    pane: "areas", interactive: false, style: { color: "#7f919d", weight: 1, fillColor: "#fff", fillOpacity: 1 },
  }).addTo(map);
  if (areas.features.length) map.fitBounds(shapes.getBounds(), { padding: [8, 8] });
  return map;
};

/* Text goes in as text: names come from outside. */
export const card = (title, lines, href) => {
  const box = document.createElement("div");
  const head = document.createElement(href ? "a" : "strong");
  head.textContent = title;
  if (href) head.href = href;
  box.append(head);
  for (const line of lines) {
    const row = document.createElement("div");
    row.textContent = line;
    box.append(row);
  }
  return box;
};
