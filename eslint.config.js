/* The scripts of the pages: modules without a build, so what is written is what a browser reads. */
import js from "@eslint/js";

const browser = [
  "CustomEvent", "Event", "URL", "URLSearchParams", "clearTimeout", "console", "document",
  "fetch", "getComputedStyle", "innerWidth", "localStorage", "location", "matchMedia", "sessionStorage",
  "setTimeout",
];
const vendored = ["L", "topojson"];

export default [
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "module",
      globals: Object.fromEntries([...browser, ...vendored].map((name) => [name, "readonly"])),
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-len": ["error", { code: 110 }],
      "eqeqeq": "error",
      "no-implicit-globals": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "Literal[value=/#[0-9a-fA-F]{3,8}$|rgba?\\(/]",
          message: "Colours are named in static/css/palette.css; ask colours.js.",
        },
        {
          selector: "Literal[value=/^\\/[a-z]/], TemplateElement[value.raw=/^\\/[a-z]/]",
          message: "Addresses come from the page, in data- attributes.",
        },
      ],
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
