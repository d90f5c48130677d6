import js from "@eslint/js";
import globals from "globals";

const DOM_WRITES_OF_MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"];

export default [
  { ignores: ["node_modules/", ".venv/", "static/dist/", "static/vendor/", "instance/", ".cache/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-console": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // What people write reaches the DOM as text only.
      "no-restricted-properties": ["error", ...DOM_WRITES_OF_MARKUP.map((property) => ({ property }))],
    },
  },
  { files: ["static/**/*.js"], languageOptions: { globals: globals.browser } },
  {
    // The protocol's client runs in a page, under Node and anywhere else: it knows no DOM.
    files: ["static/js/chat/**/*.js"],
    languageOptions: {
      globals: {
        ...Object.fromEntries(Object.keys(globals.browser).map((name) => [name, "off"])),
        ...globals["shared-node-browser"],
      },
    },
  },
  {
    files: ["tests/**/*.{js,mjs}", "bench/**/*.mjs", "bundle.js", "eslint.config.js"],
    languageOptions: { globals: globals.node },
    rules: { "no-console": "off" },
  },
];
