// What is worth knowing today, over all genres: what TuneMeld is, the most agreed songs, what moved, and where editors disagree.

import { useMemo } from "preact/hooks";

import type { TodayGenre } from "../api/types";
import { dayText, shareText, writtenList } from "../chart/formatting";
import { classOf } from "../chart/services";
import { todayShown, type TodayItem, type TodayShown } from "../chart/today";
import { address, elsewhere, follow } from "../state/navigation";
import { today } from "../state/pages";
import { genres, services } from "../state/store";
import { words } from "../texts";
import { PlayCover } from "./PlayCover";
import { Skeleton } from "./Skeleton";
import { connection, StatusLine, world } from "./StatusLine";

/** A big cover and two rows of small ones beside it. */
const AGREED = 9;
const LISTED = 6;

export function TodayPage() {
  const answer = today.value.data;
  const described = services.value;
  const shown = useMemo(() => (answer === null ? null : todayShown(answer, described)), [answer, described]);
  const day = shown?.date ?? null;
  const isEmpty = answer !== null && answer.genres.length === 0;
  return (
    <>
      <div class="title">
        <h1>{words("today.title")}</h1>
        <p class="what">{whatItIs()}</p>
        <p class="subtitle">{day !== null && <time dateTime={day}>{dayText(day)}</time>}</p>
      </div>
      <StatusLine notes={[connection([today.value, genres.value], answer !== null, "page"), world()]} />
      {shown === null && today.value.loading && today.value.trouble === null && <Skeleton />}
      {isEmpty && (
        <p class="empty" id="empty-note" role="status">
          {words("today.noChart")}
        </p>
      )}
      {shown !== null && !isEmpty && (
        <>
          <Agreed items={shown.agreed.slice(0, AGREED)} isConsensus={shown.isConsensus} />
          {shown.hasBefore ? (
            <Moved shown={shown} />
          ) : (
            <p class="first-day" id="first-note">
              {words("today.first")}
            </p>
          )}
          {shown.disputed.length > 0 && <Disputed items={shown.disputed.slice(0, LISTED)} />}
          <Genres genres={answer?.genres ?? []} />
        </>
      )}
    </>
  );
}

/** One sentence of what TuneMeld is. */
function whatItIs(): string {
  const listing = services.value.filter((one) => one.gives.includes("lists")).map((one) => one.name);
  const [only] = listing;
  if (listing.length === 1 && only !== undefined) {
    return words("today.whatAlone", { service: only });
  }
  const whose = listing.length === 0 ? words("today.musicServices") : writtenList(listing);
  return words("today.what", { services: whose });
}

function Agreed({ items, isConsensus }: { items: readonly TodayItem[]; isConsensus: boolean }) {
  if (items.length === 0) {
    return <p class="first-day">{words("today.noAgreed")}</p>;
  }
  return (
    <section aria-labelledby="agreed-title" class="today-part">
      <h2 id="agreed-title">{words(isConsensus ? "today.agreed" : "today.top")}</h2>
      <ol class="agreed" id="agreed">
        {items.map((one, index) => (
          <li key={one.id}>
            <PlayCover row={one} size={index === 0 ? 480 : 240} around={() => items} eager={index < 3} />
            <Named item={one} />
            <p class="spots">
              {services.value.flatMap(({ service, name, short }) => {
                const position = one.positions[service];
                return position === undefined
                  ? []
                  : [
                      <span
                        key={service}
                        class={`spot ${classOf(service)}`}
                        title={words("place.number", { service: name, position })}
                      >
                        <span aria-hidden="true">{short}</span>
                        <span class="hidden">{words("place.numberOn", { service: name })}</span> {position}
                      </span>,
                    ];
              })}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What is new, climbs and is gone since the day before; a list of nothing is a sentence. */
function Moved({ shown }: { shown: TodayShown }) {
  const lists = [
    { id: "new", title: words("today.new"), items: shown.fresh, none: words("today.noneNew") },
    { id: "climbers", title: words("today.climbing"), items: shown.climbers, none: words("today.noneClimbed") },
    { id: "leavers", title: words("today.gone"), items: shown.leavers, none: words("today.noneGone") },
  ];
  const none = lists.filter(({ items }) => items.length === 0).map((one) => one.none);
  return (
    <>
      <div class="moves">
        {lists.map(
          ({ id, title, items }) =>
            items.length > 0 && (
              <section key={id} aria-labelledby={`${id}-title`} class="today-part">
                <h2 id={`${id}-title`}>{title}</h2>
                <Items id={id} items={items.slice(0, LISTED)} />
              </section>
            ),
        )}
      </div>
      {none.length > 0 && <p class="first-day">{words("today.noneSince", { none: writtenList(none) })}</p>}
    </>
  );
}

function Disputed({ items }: { items: readonly TodayItem[] }) {
  return (
    <section aria-labelledby="disputed-title" class="today-part">
      <h2 id="disputed-title">{words("today.disputed")}</h2>
      <p class="quiet">{words("today.disputedHow")}</p>
      <Items id="disputed" items={items} />
    </section>
  );
}

function Items({ id, items }: { id: string; items: readonly TodayItem[] }) {
  return (
    <ol class="items" id={id}>
      {items.map((one) => (
        <li key={one.id}>
          <PlayCover row={one} size={64} around={() => items} />
          <Named item={one} />
        </li>
      ))}
    </ol>
  );
}

function Named({ item }: { item: TodayItem }) {
  const change = elsewhere("track", { id: item.id });
  return (
    <div class="named">
      <a class="song" dir="auto" title={item.title} href={address(change)} onClick={(event) => follow(event, change)}>
        {item.title}
      </a>
      <span class="artist" dir="auto" title={item.artist}>
        {item.artist}
      </span>
      <span class="said">{item.said}</span>
    </div>
  );
}

/** The genres with how much their editors agree, which lead to their charts. */
function Genres({ genres: shown }: { genres: readonly TodayGenre[] }) {
  return (
    <section aria-labelledby="genres-title" class="today-part">
      <h2 id="genres-title">{words("today.charts")}</h2>
      <ul class="genre-cards">
        {shown.map(({ genre, name, date, agreement }) => {
          const chart = elsewhere("chart", { genre });
          const why = elsewhere("agreement", { genre });
          return (
            <li key={genre}>
              <a class="genre-name" href={address(chart)} onClick={(event) => follow(event, chart)}>
                {name}
              </a>
              <span class="quiet">{dayText(date, "tiny")}</span>
              {agreement !== null && (
                <a class="quiet" href={address(why)} onClick={(event) => follow(event, why)}>
                  {words("today.listsAgree", { share: shareText(agreement) })}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
