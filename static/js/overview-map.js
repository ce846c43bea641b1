import { colour } from "./colours.js";
import { card, features, makeMap } from "./map-base.js";

const element = document.getElementById("map");
const page = element.dataset;

const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

/* The address of a record's page: the pattern stands for the record 0. */
const pageOf = (pattern, id) => pattern.replace("/0/", `/${id}/`);

/* What opens on a click; `words` makes title, lines and, where there is one, the page's pattern. */
const opening = (words) => (feature, layer) => {
  const [title, lines, pattern] = words(feature.properties);
  layer.bindPopup(() => card(title, lines, pattern && pageOf(pattern, feature.id)));
};

/* A layer as an app declares it: a sign a record, and the card it opens. */
const signs = (layer, found) => {
  const [first, ...others] = layer.fields;
  return L.geoJSON(found, {
    pointToLayer: (feature, at) => {
      const title = feature.properties[first];
      const half = layer.size / 2;
      const icon = L.divIcon({
        className: `${layer.name}-icon`, html: layer.sign, iconSize: [layer.size, layer.size],
        iconAnchor: [half, half + layer.rise],
      });
      return L.marker(at, { icon, title, alt: title });
    },
    onEachFeature: opening((it) => [
      it[first], others.length ? others.map((name) => it[name]) : [layer.one], layer.page,
    ]),
  });
};

const show = async () => {
  const map = await makeMap(element);
  const declared = JSON.parse(document.getElementById("map-layers").textContent);
  const [communities, incidents, ...found] = await Promise.all([
    features(page.communitiesFrom, {
      fields: "id,name,longitude,latitude,band,probability,scored_for,no_record_since",
    }),
    features(page.incidentsFrom, {
      fields: "id,place_name,longitude,latitude,when", since: page.incidentsSince,
    }),
    ...declared.map((layer) =>
      features(layer.from, { fields: ["id", ...layer.fields, "longitude", "latitude"].join() })),
  ]);
  const layers = {};
  const incident = colour("map-incident");
  layers[page.incidents] = L.geoJSON(incidents, {
    filter: (feature) => feature.geometry,
    pointToLayer: (feature, at) =>
      L.circleMarker(at, { radius: 3, weight: 1, color: incident, fillColor: incident, fillOpacity: 0.35 }),
    onEachFeature: opening((it) => [it.place_name || "–", [it.when], page.incidentsPage]),
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
    onEachFeature: opening((it) => [
      it.name,
      [percent(it.probability), ...(it.no_record_since ? [`${page.asOf} ${it.scored_for}`] : [])],
      page.communitiesPage,
    ]),
  }).addTo(map);
  declared.forEach((layer, place) => {
    layers[layer.label] = signs(layer, found[place]).addTo(map);
  });
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
