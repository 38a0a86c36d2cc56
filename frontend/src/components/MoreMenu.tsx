// What is seldom needed: the theme, the keys, the chart as a file, and the API.

import { API } from "../api/client";
import { csvName, csvText } from "../chart/csv";
import { saveFile } from "../state/files";
import { view } from "../state/navigation";
import { theme, themeOf } from "../state/preferences";
import { day, genre, latestDay, shownRows, shownServices } from "../state/store";
import { words } from "../texts";
import { showKeys } from "./Keys";
import { Menu } from "./Menu";

export function MoreMenu() {
  return (
    <Menu id="more" name={words("more.name")} sign="⋯">
      {(close) => (
        <>
          <label class="select">
            <span>{words("theme.name")}</span>
            <select
              id="theme"
              value={theme.value}
              onChange={(event) => (theme.value = themeOf(event.currentTarget.value))}
            >
              <option value="system">{words("theme.system")}</option>
              <option value="light">{words("theme.light")}</option>
              <option value="dark">{words("theme.dark")}</option>
            </select>
          </label>
          {view.value.place === "chart" && (
            <button type="button" class="menu-item" id="csv" disabled={!shownRows.value?.length} onClick={download}>
              CSV <span class="quiet">{words("toolbar.csvOfView")}</span>
            </button>
          )}
          <button
            type="button"
            class="menu-item"
            id="keys"
            aria-haspopup="dialog"
            onClick={() => {
              close();
              showKeys();
            }}
          >
            {words("keys.title")} <kbd>?</kbd>
          </button>
          <a class="menu-item" href={`${API}/docs`}>
            {words("foot.api")}
          </a>
        </>
      )}
    </Menu>
  );
}

/** The view as a file. */
function download(): void {
  const of = genre.peek() ?? "chart";
  const on = day.peek() ?? latestDay.peek() ?? "latest";
  saveFile(csvName(of, on), csvText(shownRows.peek() ?? [], shownServices.peek(), of, on), "text/csv");
}
