// The page as a whole.

import { API } from "../api/client";
import { dayText, momentText, plural } from "../chart/formatting";
import { view } from "../state/navigation";
import { theme, themeOf } from "../state/preferences";
import { chart, day, genre, genreName, lastUpdated, onlyService, rows, shownRows, shownServices } from "../state/store";
import { Announcement } from "./Announcement";
import { ChartTable } from "./ChartTable";
import { GenreNav } from "./GenreNav";
import { KeysHelp } from "./Keys";
import { Making } from "./Making";
import { PanelPlace } from "./PanelPlace";
import { PlayerBar } from "./PlayerBar";
import { servicesText } from "./sentences";
import { ServiceLists } from "./ServiceLists";
import { Skeleton } from "./Skeleton";
import { Empty, Status } from "./Status";
import { Toolbar } from "./Toolbar";

export function App() {
  return (
    <>
      {/* While a panel is open, only it and the player can be used. */}
      <div class="page" inert={view.value.track !== null}>
        <a class="skip" href="#chart">
          Skip to the chart
        </a>
        <header class="top">
          <a class="brand" href="./">
            <img src="./icon.svg" alt="" width="28" height="28" />
            TuneMeld
          </a>
          <GenreNav />
          <div class="settings">
            <label class="select">
              <span>Theme</span>
              <select
                id="theme"
                value={theme.value}
                onChange={(event) => (theme.value = themeOf(event.currentTarget.value))}
              >
                <option value="system">System</option>
                <option value="light">Light</option>
                <option value="dark">Dark</option>
              </select>
            </label>
            <KeysHelp />
          </div>
        </header>
        <main>
          <Title />
          <Status />
          {(rows.value === null ? chart.value.trouble === null : rows.value.length > 0) && <Toolbar />}
          <section id="chart" aria-label="Chart" tabIndex={-1} aria-busy={chart.value.loading}>
            {rows.value === null
              ? chart.value.loading && chart.value.trouble === null && <Skeleton />
              : (shownRows.value ?? []).length > 0 && <ChartTable key={`${genre.value ?? ""} ${day.value ?? ""}`} />}
            <Empty />
          </section>
          {rows.value !== null && <ServiceLists />}
        </main>
        <footer class="foot">
          <p>
            {shownServices.value.listing.length > 0 && `Made from the lists of ${servicesText()}. `}
            TuneMeld is not affiliated with any service. <a href={`${API}/docs`}>The API</a>
          </p>
        </footer>
        <Announcement />
      </div>
      <PanelPlace />
      <PlayerBar />
    </>
  );
}

function Title() {
  const updated = lastUpdated.value;
  const date = day.value;
  return (
    <div class="title">
      <h1>{genreName.value}</h1>
      <p class="subtitle">
        {date !== null && <>Chart for {dayText(date)}. </>}
        {rows.value !== null && (
          <>
            {plural(rows.value.length, "track")}{" "}
            {onlyService.value === null
              ? "picked by the editors of at least two services. "
              : `of ${onlyService.value.name}’s list: no other service is read, so this is no consensus. `}
          </>
        )}
        {updated !== null && date === null && (
          <>
            Updated{" "}
            <time id="last-updated" dateTime={updated}>
              {momentText(updated)}
            </time>
            .
          </>
        )}
      </p>
      {rows.value !== null && <Making />}
    </div>
  );
}
