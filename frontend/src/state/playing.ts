// The one player of the page: which track it plays, from which chart, and on which service. It stays while the visitor looks elsewhere.

import { computed, signal } from "@preact/signals";

import type { Service } from "../api/types";
import { playerOf, type Playable, type Player } from "../chart/players";
import { playedOn } from "./preferences";
import { services } from "./store";

/** The rows through which next and previous lead are those that were shown when the first one was played. */
interface Playing {
  rows: readonly Playable[];
  at: number;
}

export const playing = signal<Playing | null>(null);

export const playedRow = computed(() => playing.value?.rows[playing.value.at] ?? null);

export interface Offer {
  service: Service;
  player: Player;
}

/** The players for a track, in the services' order. */
export function offersFor(row: Playable): readonly Offer[] {
  return services.value.flatMap((service) => {
    const player = playerOf(service, row.links[service.service]);
    return player === null ? [] : [{ service, player }];
  });
}

/** Whether there is a player for a track of the shown rows, which are made anew when the services become known. */
export function hasPlayer({ links }: Pick<Playable, "links">): boolean {
  return services.peek().some((service) => playerOf(service, links[service.service]) !== null);
}

/** The player for the played track: on the service that the visitor chose last, or else on the first one that has it. */
export const offer = computed(() => {
  const offers = playedRow.value === null ? [] : offersFor(playedRow.value);
  return offers.find((one) => one.service.service === playedOn.value) ?? offers[0] ?? null;
});

/** Plays a track, on this service if one is given; `rows` are those around it. */
export function play(row: Playable, rows: readonly Playable[], service: string | null = null): void {
  if (service !== null) playedOn.value = service;
  const at = rows.findIndex((one) => one.id === row.id);
  playing.value = at === -1 ? { rows: [row], at: 0 } : { rows, at };
}

/** The place of the next track in this direction that has a player; null if there is none. */
export function beside(step: 1 | -1): number | null {
  const now = playing.value;
  if (now === null) return null;
  for (let at = now.at + step; at >= 0 && at < now.rows.length; at += step) {
    const row = now.rows[at];
    if (row !== undefined && offersFor(row).length > 0) return at;
  }
  return null;
}

/** Goes on to the track at this place. */
export function goTo(at: number | null): void {
  if (playing.value !== null && at !== null) playing.value = { ...playing.value, at };
}

/** Closes the player. */
export function stop(): void {
  playing.value = null;
}
