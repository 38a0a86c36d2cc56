// The services' colours as a style sheet: `.of-KEY` gives what is inside it the service's colour and its two letters.

import { effect } from "@preact/signals";

import { allOf, classOf, readableColours } from "../chart/services";
import { services, shownServices } from "./store";

/** Keeps the style sheet to what the API says of services. */
export function applyColours(): void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  effect(() => {
    const rules = [...new Set([...services.value, ...allOf(shownServices.value)])].map((service) => {
      const { light, dark } = readableColours(service.colours);
      const letters = JSON.stringify(service.short);
      return `.${CSS.escape(classOf(service.service))}{--accent:light-dark(${light},${dark});--short:${letters}}`;
    });
    sheet.replaceSync(rules.join(""));
  });
}
