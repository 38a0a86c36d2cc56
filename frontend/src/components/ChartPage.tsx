// The page of a genre's chart: its title, its rows, and the services' lists below them.

import { dayText, momentText } from "../chart/formatting";
import { countryName, siblings } from "../chart/genres";
import { address, elsewhere, follow } from "../state/navigation";
import {
  chart,
  day,
  genre,
  genreName,
  genres,
  genreSummary,
  lastUpdated,
  onlyService,
  rows,
  shownRows,
} from "../state/store";
import { words } from "../texts";
import { ChartTable } from "./ChartTable";
import { Making } from "./Making";
import { Phrase } from "./Phrase";
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
      <section id="chart" aria-label={words("chart.chart")} tabIndex={-1} aria-busy={chart.value.loading}>
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
  const market = genreSummary.value?.market ?? null;
  return (
    <div class="title">
      <h1>{genreName.value}</h1>
      <p class="subtitle">
        {market !== null && `${words("chart.market", { country: countryName(market) })} `}
        {date !== null && `${words("chart.day", { day: dayText(date) })} `}
        {rows.value !== null && (
          <>
            {words("count.track", { count: rows.value.length })}{" "}
            {onlyService.value === null
              ? words("chart.picked")
              : words("chart.ofOnly", { service: onlyService.value.name })}{" "}
          </>
        )}
        {updated !== null && date === null && (
          <Phrase
            of="chart.updated"
            values={{
              time: (
                <time id="last-updated" dateTime={updated}>
                  {momentText(updated)}
                </time>
              ),
            }}
          />
        )}
      </p>
      {rows.value !== null && (
        <div class="more-of-chart">
          <Making />
          {onlyService.value === null && (
            <a href={address(why)} onClick={(event) => follow(event, why)}>
              {words("chart.agree")}
            </a>
          )}
        </div>
      )}
      <OtherMarkets />
    </div>
  );
}

/** The same genre as other markets hear it. */
function OtherMarkets() {
  const others = siblings(genres.value.data ?? [], genre.value);
  if (others.length === 0) return null;
  return (
    <nav class="markets" aria-labelledby="markets-title">
      <p id="markets-title">{words("chart.otherMarkets")}</p>
      <ul>
        {others.map((one) => {
          const change = { genre: one.genre, date: null, track: null };
          return (
            <li key={one.genre}>
              <a href={address(change)} onClick={(event) => follow(event, change)}>
                {one.market === null ? one.name : countryName(one.market)}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
