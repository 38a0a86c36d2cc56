// The page as a whole.

import { API } from "../api/client";
import { dayText, momentText, plural } from "../chart/formatting";
import { theme, themeOf } from "../state/preferences";
import { chart, day, genreName, lastUpdated, rows } from "../state/store";
import { Announcement } from "./Announcement";
import { ChartTable } from "./ChartTable";
import { GenreNav } from "./GenreNav";
import { KeysHelp } from "./Keys";
import { Empty, Notices } from "./Notices";
import { PanelPlace } from "./PanelPlace";
import { ServiceLists } from "./ServiceLists";
import { Skeleton } from "./Skeleton";
import { Toolbar } from "./Toolbar";

export function App() {
  return (
    <>
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
        <Notices />
        {(rows.value === null ? chart.value.trouble === null : rows.value.length > 0) && <Toolbar />}
        <section id="chart" aria-label="Chart" tabIndex={-1} aria-busy={chart.value.loading}>
          {rows.value === null
            ? chart.value.loading && chart.value.trouble === null && <Skeleton />
            : rows.value.length > 0 && <ChartTable />}
          <Empty />
        </section>
        {rows.value !== null && <ServiceLists />}
      </main>
      <footer class="foot">
        <p>
          The consensus of the editors of Spotify, Apple Music and SoundCloud, every day. Not connected with any of
          these services. <a href={`${API}/docs`}>The API</a>
        </p>
        <Making />
      </footer>
      <Announcement />
      <PanelPlace />
    </>
  );
}

/** What a first visitor asks; docs/consensus.md has all of it. */
function Making() {
  return (
    <details class="making" id="making">
      <summary>How this chart is made</summary>
      <p>
        Every day the three services’ own playlists of a genre are laid side by side. A track is on the chart when at
        least two of them list it. The higher a service’s editors place it, the more it counts, and each further list
        adds to that; a list that could not be fetched counts less, as it was last seen.
      </p>
      <dl>
        <div>
          <dt>Move</dt>
          <dd>Places gained or lost since the chart of seven days before. NEW was on no earlier chart, RE is back.</dd>
        </div>
        <div>
          <dt>Peak, Weeks</dt>
          <dd>The best rank so far, and in how many weeks, which begin on Saturday, the track was on the chart.</dd>
        </div>
        <div>
          <dt>Trend</dt>
          <dd>How much the counts grew in seven days. They tell how a track does; its rank does not depend on them.</dd>
        </div>
      </dl>
    </details>
  );
}

function Title() {
  const updated = lastUpdated.value;
  const date = day.value;
  return (
    <div class="title">
      <h1>{genreName.value}</h1>
      <p class="subtitle">
        {date !== null && <>Chart of {dayText(date)}. </>}
        {rows.value !== null && <>{plural(rows.value.length, "track")} that at least two services’ editors picked. </>}
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
    </div>
  );
}
