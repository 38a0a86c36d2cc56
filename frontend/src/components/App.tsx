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
          What the editors of Spotify, Apple Music and SoundCloud agree on, every day. TuneMeld is not affiliated with
          any of these services. <a href={`${API}/docs`}>The API</a>
        </p>
        <Making />
      </footer>
      <Announcement />
      <PanelPlace />
    </>
  );
}

/** Answers for a first visit; docs/consensus.md has the full account. */
function Making() {
  return (
    <details class="making" id="making">
      <summary>How this chart is made</summary>
      <p>
        Every day we compare the three services’ own playlists for a genre. A track makes the chart when at least two of
        them list it. The higher a service’s editors place it, the more it counts, and each further list adds to that.
        If we can’t fetch a list, its last known version counts, with less weight.
      </p>
      <dl>
        <div>
          <dt>Move</dt>
          <dd>Places gained or lost in seven days. NEW: never on the chart before. RE: back on the chart.</dd>
        </div>
        <div>
          <dt>Peak, Weeks</dt>
          <dd>The best rank so far, and the number of weeks on the chart. A week starts on Saturday.</dd>
        </div>
        <div>
          <dt>Trend</dt>
          <dd>How much plays and views grew in seven days. They don’t affect the rank.</dd>
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
        {date !== null && <>Chart for {dayText(date)}. </>}
        {rows.value !== null && (
          <>{plural(rows.value.length, "track")} picked by the editors of at least two services. </>
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
    </div>
  );
}
