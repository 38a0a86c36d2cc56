// The player at the foot of the page. It is a page of the service in a frame, which loads when the visitor presses play and not before, and
// stays while they browse.

import { classOf } from "../chart/services";
import { playedOn } from "../state/preferences";
import { beside, goTo, offer, offersFor, playedRow, playing, stop } from "../state/playing";
import { words } from "../texts";

export function PlayerBar() {
  const row = playedRow.value;
  const now = offer.value;
  if (row === null || now === null) return null;
  const [before, after] = [beside(-1), beside(1)];
  return (
    <section class={`player-bar ${classOf(now.service.service)}`} id="player" aria-label={words("player.name")}>
      <div class="player-head">
        <p class="player-names">
          <span class="name" dir="auto" title={row.title}>
            {row.title}
          </span>
          <span class="quiet" dir="auto">
            {row.rank !== null && `#${row.rank} · `}
            {row.artist}
          </span>
        </p>
        <button
          type="button"
          class="button step"
          aria-label={words("player.previous")}
          disabled={before === null}
          onClick={() => goTo(before)}
        >
          ‹
        </button>
        <button
          type="button"
          class="button step"
          aria-label={words("player.next")}
          disabled={after === null}
          onClick={() => goTo(after)}
        >
          ›
        </button>
        <label class="select">
          <span class="hidden">{words("player.playOn")}</span>
          <select
            id="play-on"
            value={now.service.service}
            onChange={(event) => (playedOn.value = event.currentTarget.value)}
          >
            {offersFor(row).map(({ service }) => (
              <option key={service.service} value={service.service}>
                {service.name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button step" aria-label={words("player.close")} onClick={stop}>
          ✕
        </button>
      </div>
      <iframe
        key={`${playing.value?.at ?? 0} ${now.player.address}`}
        class={now.player.height === null ? "player video" : "player"}
        src={now.player.address}
        title={words("player.on", { title: row.title, service: now.service.name })}
        {...(now.player.height === null ? {} : { height: now.player.height })}
        allow="autoplay; encrypted-media; fullscreen; picture-in-picture"
        sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms allow-presentation"
        referrerpolicy="strict-origin-when-cross-origin"
      />
    </section>
  );
}
