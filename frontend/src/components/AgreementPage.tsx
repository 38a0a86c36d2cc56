// How much a genre's editors agree: the overlap of each pair of lists over time, who is first and by how much, and how long songs stay.

import { useMemo } from "preact/hooks";

import type { Agreement } from "../api/types";
import { dayText, plural, shareText } from "../chart/formatting";
import { pairLines, pairText, sharePath } from "../chart/agreeing";
import { address, elsewhere, follow } from "../state/navigation";
import { agreementOf } from "../state/pages";
import { genre, genreName, genres, services } from "../state/store";
import { Skeleton } from "./Skeleton";
import { connection, StatusLine, world } from "./StatusLine";

const DAYS = 90;
const [WIDTH, HEIGHT] = [320, 64];

export function AgreementPage() {
  const key = genre.value;
  const known = key === null ? genres.value : agreementOf(key, DAYS);
  const answer = key === null ? null : agreementOf(key, DAYS).data;
  const chart = elsewhere("chart", { genre: key });
  const isMissing = known.trouble?.kind === "missing";
  const isUnknown = genres.value.data !== null && !genres.value.data.some((one) => one.genre === key);
  return (
    <>
      <div class="title">
        <h1>How much do editors agree on {genreName.value}?</h1>
        <p class="subtitle">
          {answer !== null && `Until ${dayText(answer.date)}. `}
          {!isUnknown && (
            <a href={address(chart)} onClick={(event) => follow(event, chart)}>
              The {genreName.value} chart
            </a>
          )}
        </p>
      </div>
      <StatusLine notes={[connection([known, genres.value], answer !== null, "page"), world()]} />
      {answer === null && known.loading && known.trouble === null && <Skeleton />}
      {answer === null && isMissing && (
        <p class="empty" id="trouble" role="status">
          {isUnknown
            ? `There is no genre called “${key ?? ""}”.`
            : `No ${genreName.value} chart yet. The next daily update brings the first one.`}
        </p>
      )}
      {answer !== null && (
        <>
          <Overlap answer={answer} />
          <Firsts answer={answer} />
          <Stays answer={answer} />
        </>
      )}
    </>
  );
}

function Overlap({ answer }: { answer: Agreement }) {
  const lines = useMemo(() => pairLines(answer), [answer]);
  return (
    <section aria-labelledby="overlap-title" class="today-part">
      <h2 id="overlap-title">Overlap</h2>
      <p class="explained">
        Two lists agree by their rank-biased overlap: 0% with nothing in common, 100% for the same list in the same
        order. The first twenty places decide most of it.
      </p>
      {lines.length === 0 ? (
        <p class="quiet">Two services with a list are needed, and there were not two.</p>
      ) : (
        <ul class="pairs" id="pairs">
          {lines.map(({ services: pair, mean, days, values }) => (
            <li key={pair.join(" ")}>
              <strong>{pairText(pair, services.value)}</strong>
              <span class="big">{shareText(mean)}</span>
              <span class="quiet">mean of {plural(days, "day")}</span>
              <svg viewBox={`0 -3 ${WIDTH} ${HEIGHT + 6}`} preserveAspectRatio="none" aria-hidden="true">
                <path class="grid" d={`M0 0H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
                <path class="line" d={sharePath(values, WIDTH, HEIGHT)} />
              </svg>
              <span class="quiet ends">
                <span>{answer.days[0] !== undefined && dayText(answer.days[0].date, "tiny")}</span>
                <span>{lastText(values)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function lastText(values: readonly (number | null)[]): string {
  const last = values.at(-1) ?? null;
  return last === null ? "no list at the end" : `${shareText(last)} at the end`;
}

function Firsts({ answer }: { answer: Agreement }) {
  const known = services.value;
  return (
    <section aria-labelledby="firsts-title" class="today-part">
      <h2 id="firsts-title">Who is first</h2>
      <p class="explained">
        The first service is the one whose list had a song before all others’. What a list had on the first day that is
        known of it does not count, since it may have been there for long.
      </p>
      <div class="scroll" role="region" aria-label="Table of who is first" tabIndex={0}>
        <table id="firsts">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">First alone</th>
              <th scope="col">First together</th>
              <th scope="col">Leads by, on average</th>
            </tr>
          </thead>
          <tbody>
            {answer.firsts.map(({ service, alone, together, mean_lead_days: lead }) => (
              <tr key={service}>
                <th scope="row">{known.find((one) => one.service === service)?.name ?? service}</th>
                <td>{plural(alone, "song")}</td>
                <td>{plural(together, "song")}</td>
                <td>{lead === null ? "–" : `${lead.toFixed(1)} days`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {answer.undecided > 0 && <p class="quiet">Of {plural(answer.undecided, "song")} no first service is known.</p>}
    </section>
  );
}

function Stays({ answer }: { answer: Agreement }) {
  const { median_days: median, longest_days: longest, ended, ongoing, shares } = answer.stays;
  const known = shares.flatMap(({ days, share }) => (share === null ? [] : [{ days, share }]));
  return (
    <section aria-labelledby="stays-title" class="today-part">
      <h2 id="stays-title">How long songs stay</h2>
      <p class="explained">
        A stay is a song’s unbroken time on the chart. Songs that are still there count as long as they have lasted, so
        the median and the shares are estimates.
      </p>
      <dl class="facts" id="stays">
        <div>
          <dt>Median stay</dt>
          <dd>{median === null ? "not known yet" : plural(median, "day")}</dd>
        </div>
        {longest !== null && (
          <div>
            <dt>Longest so far</dt>
            <dd>{plural(longest, "day")}</dd>
          </div>
        )}
        <div>
          <dt>Stays</dt>
          <dd>
            {ended}
            <small>ended, {ongoing} go on</small>
          </dd>
        </div>
        {known.map(({ days, share }) => (
          <div key={days}>
            <dt>Longer than {days} days</dt>
            <dd>{shareText(share)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
