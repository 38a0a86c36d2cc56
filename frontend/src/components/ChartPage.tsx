// The page of a genre's chart: its title, its rows, and the services' lists below them.

import { dayText, momentText, plural } from "../chart/formatting";
import { address, elsewhere, follow } from "../state/navigation";
import { chart, day, genre, genreName, lastUpdated, onlyService, rows, shownRows } from "../state/store";
import { ChartTable } from "./ChartTable";
import { Making } from "./Making";
import { ServiceLists } from "./ServiceLists";
import { Skeleton } from "./Skeleton";
import { Empty, Status } from "./Status";
import { Toolbar } from "./Toolbar";

export function ChartPage() {
  return (
    <>
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
    </>
  );
}

function Title() {
  const updated = lastUpdated.value;
  const date = day.value;
  const why = elsewhere("agreement", { genre: genre.value });
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
      {rows.value !== null && (
        <div class="more-of-chart">
          <Making />
          {onlyService.value === null && (
            <a href={address(why)} onClick={(event) => follow(event, why)}>
              How much do editors agree?
            </a>
          )}
        </div>
      )}
    </div>
  );
}
