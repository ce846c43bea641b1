import { colour } from "./colours.js";
import { card, features, makeMap } from "./map-base.js";

const element = document.getElementById("map");
const page = element.dataset;

const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

/* The address of a record's page: the pattern stands for the record 0. */
const pageOf = (pattern, id) => pattern.replace("/0/", `/${id}/`);

const sign = (name, title, icon) => (feature, at) =>
  L.marker(at, {
    icon: L.divIcon({ className: `${name}-icon`, iconSize: [14, 14], ...icon }),
    title: feature.properties[title],
    alt: feature.properties[title],
  });

/* What opens on a click; `words` makes title, lines and, where there is one, the page's pattern. */
const opening = (words) => (feature, layer) => {
  const [title, lines, pattern] = words(feature.properties);
  layer.bindPopup(() => card(title, lines, pattern && pageOf(pattern, feature.id)));
};

const show = async () => {
  const map = await makeMap(element);
  const [communities, incidents, offices, bases, activities] = await Promise.all([
    features(page.communitiesFrom, { fields: "id,name,longitude,latitude,band,probability" }),
    features(page.incidentsFrom, {
      fields: "id,place_name,longitude,latitude,start_date", since: page.incidentsSince,
    }),
    features(page.officesFrom, { fields: "id,name,longitude,latitude" }),
    features(page.basesFrom, { fields: "id,name,kind,longitude,latitude", present_on: page.basesOn }),
    features(page.activitiesFrom, { fields: "id,title,due,longitude,latitude" }),
  ]);
  const layers = {};
  const incident = colour("map-incident");
  layers[page.incidents] = L.geoJSON(incidents, {
    filter: (feature) => feature.geometry,
    pointToLayer: (feature, at) =>
      L.circleMarker(at, { radius: 3, weight: 1, color: incident, fillColor: incident, fillOpacity: 0.35 }),
    onEachFeature: opening((it) => [it.place_name || "–", [it.start_date], page.incidentsPage]),
  }).addTo(map);
  communities.features.sort((a, b) => (a.properties.probability ?? 0) - (b.properties.probability ?? 0));
  const bands = [1, 2, 3, 4, 5].map((band) => colour(`band-${band}`));
  const edge = colour("map-edge");
  layers[page.communities] = L.geoJSON(communities, {
    pointToLayer: (feature, at) => {
      const band = feature.properties.band ?? 1;
      return L.circleMarker(at, {
        radius: 2.5 + 1.6 * band, weight: 1, color: edge, fillColor: bands[band - 1], fillOpacity: 0.9,
      });
    },
    onEachFeature: opening((it) => [it.name, [percent(it.probability)], page.communitiesPage]),
  }).addTo(map);
  layers[page.offices] = L.geoJSON(offices, {
    pointToLayer: sign("office", "name", { iconSize: [11, 11] }),
    onEachFeature: opening((it) => [it.name, [page.office]]),
  }).addTo(map);
  layers[page.bases] = L.geoJSON(bases, {
    pointToLayer: sign("base", "name", { html: "▲", iconAnchor: [7, 19] }),
    onEachFeature: opening((it) => [it.name, []]),
  }).addTo(map);
  layers[page.activities] = L.geoJSON(activities, {
    pointToLayer: sign("activity", "title", { html: "✚" }),
    onEachFeature: opening((it) => [it.title, [it.due], page.activitiesPage]),
  }).addTo(map);
  L.control.layers(null, layers, { collapsed: innerWidth < 700 }).addTo(map);
  page.ready = "true";
};

show().catch((error) => {
  console.error(error);
  const message = document.createElement("p");
  message.className = "map-failed";
  message.textContent = page.failed;
  element.prepend(message);
});
