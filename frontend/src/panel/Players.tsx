// The services' players for a track. Each loads from its service only when the visitor presses play.

import { useSignal } from "@preact/signals";

import { NAMES, SERVICES, type Service } from "../api/types";
import type { Row } from "../chart/rows";
import { playerOf } from "./players";

const PLAYED = ["Youtube", ...SERVICES] as const;

export function Players({ row }: { row: Row }) {
  const playing = useSignal<Service | "Youtube" | null>(null);
  const players = PLAYED.map((service) => [service, playerOf(service, row.links[service])] as const);
  const known = players.filter(([, player]) => player !== null);
  const player = players.find(([service]) => service === playing.value)?.[1] ?? null;
  if (known.length === 0) return <p class="quiet">No player is available for this track.</p>;
  return (
    <>
      <p class="quiet">Players load from the service only when you press play.</p>
      <p class="buttons">
        {known.map(([service]) => (
          <button
            key={service}
            type="button"
            class={`button play ${service}`}
            aria-pressed={playing.value === service}
            onClick={() => (playing.value = playing.value === service ? null : service)}
          >
            <span aria-hidden="true">{playing.value === service ? "■" : "▶"}</span> {NAMES[service]}
          </button>
        ))}
      </p>
      {player !== null && playing.value !== null && (
        <iframe
          key={playing.value}
          class={player.height === null ? "player video" : "player"}
          src={player.address}
          title={`${row.title} on ${NAMES[playing.value]}`}
          {...(player.height === null ? {} : { height: player.height })}
          allow="encrypted-media; fullscreen; picture-in-picture"
          sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms allow-presentation"
          referrerpolicy="strict-origin-when-cross-origin"
        />
      )}
    </>
  );
}
