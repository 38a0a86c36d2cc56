// The page's entry point.

import { render } from "preact";

import { App } from "./components/App";
import { listenToKeys } from "./components/Keys";
import { applyColours } from "./state/colours";
import { applyPreferences } from "./state/preferences";
import { keepOffline } from "./state/offline";
import { keepTitle } from "./state/pages";
import { keepFresh } from "./state/store";
import { LANGUAGE } from "./texts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/head.css";
import "./styles/table.css";
import "./styles/services.css";
import "./styles/player.css";
import "./styles/pages.css";
import "./styles/print.css";

document.documentElement.lang = LANGUAGE;
applyPreferences();
applyColours();
keepFresh();
keepTitle();
listenToKeys();
keepOffline();
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
