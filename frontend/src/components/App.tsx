// The page as a whole.

import { chart, genreName, lastUpdated, rows } from "../state/store";
import { momentText, plural } from "../chart/formatting";
import { ChartTable } from "./ChartTable";
import { GenreNav } from "./GenreNav";
import { Notices } from "./Notices";
import { Skeleton } from "./Skeleton";
import { Toolbar } from "./Toolbar";

export function App() {
  return (
    <>
      <a class="skip" href="#chart">
        Skip to the chart
      </a>
      <header class="top">
        <p class="brand">
          <img src="./icon.svg" alt="" width="28" height="28" />
          TuneMeld
        </p>
        <GenreNav />
      </header>
      <main>
        <Title />
        <Notices />
        <Toolbar />
        <section id="chart" aria-label="Chart" tabIndex={-1} aria-busy={chart.value.loading}>
          {rows.value === null ? chart.value.loading && <Skeleton /> : <ChartTable />}
        </section>
      </main>
    </>
  );
}

function Title() {
  const updated = lastUpdated.value;
  return (
    <div class="title">
      <h1>{genreName.value}</h1>
      <p class="subtitle">
        {rows.value !== null && (
          <>{plural(rows.value.length, "track")} on which at least two services’ editors agree. </>
        )}
        {updated !== null && (
          <>
            Updated <time dateTime={updated}>{momentText(updated)}</time>.
          </>
        )}
      </p>
    </div>
  );
}
