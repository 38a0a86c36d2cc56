// How much a genre's editors agree: the overlap of each pair of lists over time, who is first and by how much, and how long songs stay.

import { useMemo } from "preact/hooks";

import type { Agreement } from "../api/types";
import { dayText, decimalText, shareText } from "../chart/formatting";
import { pairLines, pairText, sharePath } from "../chart/agreeing";
import { address, elsewhere, follow } from "../state/navigation";
import { agreementOf } from "../state/pages";
import { genre, genreName, genres, services } from "../state/store";
import { words } from "../texts";
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
        <h1>{words("agreement.title", { genre: genreName.value })}</h1>
        <p class="subtitle">
          {answer !== null && `${words("agreement.until", { day: dayText(answer.date) })} `}
          {!isUnknown && (
            <a href={address(chart)} onClick={(event) => follow(event, chart)}>
              {words("agreement.chart", { genre: genreName.value })}
            </a>
          )}
        </p>
      </div>
      <StatusLine notes={[connection([known, genres.value], answer !== null, "page"), world()]} />
      {answer === null && known.loading && known.trouble === null && <Skeleton />}
      {answer === null && isMissing && (
        <p class="empty" id="trouble" role="status">
          {isUnknown
            ? words("status.noGenre", { genre: key ?? "" })
            : words("status.noChart", { genre: genreName.value })}
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
      <h2 id="overlap-title">{words("agreement.overlap")}</h2>
      <p class="explained">{words("agreement.overlapHow")}</p>
      {lines.length === 0 ? (
        <p class="quiet">{words("agreement.notTwo")}</p>
      ) : (
        <ul class="pairs" id="pairs">
          {lines.map(({ services: pair, mean, days, values }) => (
            <li key={pair.join(" ")}>
              <strong>{pairText(pair, services.value)}</strong>
              <span class="big">{shareText(mean)}</span>
              <span class="quiet">{words("agreement.meanOf", { count: days })}</span>
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
  return last === null ? words("agreement.noneAtEnd") : words("agreement.shareAtEnd", { share: shareText(last) });
}

function Firsts({ answer }: { answer: Agreement }) {
  const known = services.value;
  return (
    <section aria-labelledby="firsts-title" class="today-part">
      <h2 id="firsts-title">{words("agreement.firsts")}</h2>
      <p class="explained">{words("agreement.firstsHow")}</p>
      <div class="scroll" role="region" aria-label={words("agreement.firstsTable")} tabIndex={0}>
        <table id="firsts">
          <thead>
            <tr>
              <th scope="col">{words("agreement.service")}</th>
              <th scope="col">{words("agreement.firstAlone")}</th>
              <th scope="col">{words("agreement.firstTogether")}</th>
              <th scope="col">{words("agreement.leads")}</th>
            </tr>
          </thead>
          <tbody>
            {answer.firsts.map(({ service, alone, together, mean_lead_days: lead }) => (
              <tr key={service}>
                <th scope="row">{known.find((one) => one.service === service)?.name ?? service}</th>
                <td>{words("count.song", { count: alone })}</td>
                <td>{words("count.song", { count: together })}</td>
                <td>{lead === null ? "–" : words("agreement.lead", { days: decimalText(lead) })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {answer.undecided > 0 && <p class="quiet">{words("agreement.undecided", { count: answer.undecided })}</p>}
    </section>
  );
}

function Stays({ answer }: { answer: Agreement }) {
  const { median_days: median, longest_days: longest, ended, ongoing, shares } = answer.stays;
  const known = shares.flatMap(({ days, share }) => (share === null ? [] : [{ days, share }]));
  return (
    <section aria-labelledby="stays-title" class="today-part">
      <h2 id="stays-title">{words("agreement.staysTitle")}</h2>
      <p class="explained">{words("agreement.staysHow")}</p>
      <dl class="facts" id="stays">
        <div>
          <dt>{words("agreement.median")}</dt>
          <dd>{median === null ? words("agreement.unknown") : words("count.day", { count: median })}</dd>
        </div>
        {longest !== null && (
          <div>
            <dt>{words("agreement.longest")}</dt>
            <dd>{words("count.day", { count: longest })}</dd>
          </div>
        )}
        <div>
          <dt>{words("agreement.stays")}</dt>
          <dd>
            {ended}
            <small>{words("agreement.staysGoOn", { count: ongoing })}</small>
          </dd>
        </div>
        {known.map(({ days, share }) => (
          <div key={days}>
            <dt>{words("agreement.longer", { days })}</dt>
            <dd>{shareText(share)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
