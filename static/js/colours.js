/* A colour of the palette by its name: static/css/palette.css is the only place that holds one. */

export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
