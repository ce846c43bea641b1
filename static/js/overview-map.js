import { BANDS, api, card, makeMap } from "./map-base.js";

const element = document.getElementById("map");
const mission = element.dataset.mission;

const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

const show = async () => {
  const map = await makeMap(element);
  const [communities, incidents, offices, bases, activities] = await Promise.all([
    api("communities", mission, { fields: "id,name,longitude,latitude,band,probability" }),
    api("incidents", mission, { fields: "id,place_name,longitude,latitude,start_date", against_civilians: "true", since: element.dataset.since }),
    api("field-offices", mission, { fields: "id,name,longitude,latitude" }),
    api("bases", mission, { fields: "id,name,kind,longitude,latitude", present_on: element.dataset.today }),
    api("activities", mission, { fields: "id,title,due,longitude,latitude", placed: "true", live: "true" }),
  ]);
  const layers = {};
  layers[element.dataset.incidents] = L.geoJSON(incidents, {
    filter: (feature) => feature.geometry,
    pointToLayer: (feature, at) => L.circleMarker(at, { radius: 3, weight: 1, color: "#4b1f7a", fillColor: "#4b1f7a", fillOpacity: 0.35 }),
    onEachFeature: (feature, layer) =>
      layer.bindPopup(() => card(feature.properties.place_name || "–", [feature.properties.start_date], `/${mission}/incidents/${feature.id}/`)),
  }).addTo(map);
  communities.features.sort((a, b) => (a.properties.probability ?? 0) - (b.properties.probability ?? 0));
  layers[element.dataset.communities] = L.geoJSON(communities, {
    pointToLayer: (feature, at) => {
      const band = feature.properties.band ?? 1;
      return L.circleMarker(at, { radius: 2.5 + 1.6 * band, weight: 1, color: "#33424d", fillColor: BANDS[band], fillOpacity: 0.9 });
    },
    onEachFeature: (feature, layer) =>
      layer.bindPopup(() => card(feature.properties.name, [percent(feature.properties.probability)], `/${mission}/communities/${feature.id}/`)),
  }).addTo(map);
  layers[element.dataset.offices] = L.geoJSON(offices, {
    pointToLayer: (feature, at) => L.marker(at, { icon: L.divIcon({ className: "office-icon", iconSize: [11, 11] }), title: feature.properties.name, alt: feature.properties.name }),
    onEachFeature: (feature, layer) => layer.bindPopup(() => card(feature.properties.name, [element.dataset.office])),
  }).addTo(map);
  layers[element.dataset.bases] = L.geoJSON(bases, {
    pointToLayer: (feature, at) => L.marker(at, { icon: L.divIcon({ className: "base-icon", html: "▲", iconSize: [14, 14], iconAnchor: [7, 19] }), title: feature.properties.name, alt: feature.properties.name }),
    onEachFeature: (feature, layer) => layer.bindPopup(() => card(feature.properties.name, [])),
  }).addTo(map);
  layers[element.dataset.activities] = L.geoJSON(activities, {
    pointToLayer: (feature, at) => L.marker(at, { icon: L.divIcon({ className: "activity-icon", html: "✚", iconSize: [14, 14] }), title: feature.properties.title, alt: feature.properties.title }),
    onEachFeature: (feature, layer) => layer.bindPopup(() => card(feature.properties.title, [feature.properties.due], `/${mission}/activities/${feature.id}/`)),
  }).addTo(map);
  L.control.layers(null, layers, { collapsed: innerWidth < 700 }).addTo(map);
  element.dataset.ready = "true";
};

show().catch((error) => {
  console.error(error);
  const message = document.createElement("p");
  message.className = "map-failed";
  message.textContent = element.dataset.failed;
  element.prepend(message);
});
