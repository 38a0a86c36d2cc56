// The page in another language: links to the same view that name it, so that the server writes that language too.

import { address } from "../state/navigation";
import { chooseLanguage, LANGUAGE, LANGUAGE_NAMES, LANGUAGE_PARAMETER, words } from "../texts";

export function Languages() {
  return (
    <nav class="languages" aria-label={words("foot.language")}>
      <ul>
        {LANGUAGE_NAMES.map(([code, name]) => (
          <li key={code}>
            <a
              href={inLanguage(address({}), code)}
              lang={code}
              hreflang={code}
              aria-current={code === LANGUAGE ? "true" : undefined}
              onClick={() => chooseLanguage(code)}
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function inLanguage(shown: string, code: string): string {
  return `${shown}${shown.includes("?") ? "&" : "?"}${new URLSearchParams({ [LANGUAGE_PARAMETER]: code }).toString()}`;
}
