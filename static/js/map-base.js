/* A Leaflet map on the bundled Natural Earth outlines and the mission's own areas. */
import { colour } from "./colours.js";

const TRIES = 4; // of what the server puts off

const fetchJson = async (url, left = TRIES - 1) => {
  const response = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
  if (response.status === 429 && left) {
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    await new Promise((done) => setTimeout(done, 1000 * seconds));
    return fetchJson(url, left - 1);
  }
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
};

/* Records of a list's address as GeoJSON, with no more fields than are drawn. */
export const features = (address, query) => {
  const url = new URL(address, location);
  for (const [name, value] of Object.entries({ format: "geojson", ...query })) {
    url.searchParams.set(name, value);
  }
  return fetchJson(url);
};

export const makeMap = async (element) => {
  const map = L.map(element, {
    preferCanvas: true, attributionControl: false, zoomSnap: 0.25, worldCopyJump: true,
    minZoom: 3, maxZoom: 13,
  });
  map.fitWorld();
  map.createPane("land").style.zIndex = 200;
  map.createPane("areas").style.zIndex = 250;
  const [world, areas] = await Promise.all([
    fetchJson(element.dataset.basemap),
    features(element.dataset.areas, { fields: "id,name,level,polygon" }),
  ]);
  const ground = (edge, fill) => ({
    color: colour(edge), weight: 1, fillColor: colour(fill), fillOpacity: 1,
  });
  L.geoJSON(topojson.feature(world, world.objects.countries), {
    pane: "land", interactive: false, style: ground("map-coast", "map-land"),
  }).addTo(map);
  const shapes = L.geoJSON(areas, {
    pane: "areas", interactive: false, style: ground("map-border", "map-area"),
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
