// A service's player for a track, built from the track's address there as the API says. Pure. A player is a page of the service inside
// this page, so none loads before a visitor presses play; the server's Content-Security-Policy allows the players' hosts alone.

import type { Service } from "../api/types";
import type { ByService } from "./rows";

/** A track as the player needs it; its rank on the chart where it was played from one. */
export interface Playable {
  id: string;
  title: string;
  artist: string;
  cover: string | null;
  links: ByService<string>;
  rank: number | null;
}

export interface Player {
  address: string;
  /** Pixels; null for a video, whose height follows from its width. */
  height: number | null;
}

/** The player for an address on a service, or null if the address is not a track there or the service has none. */
export function playerOf({ player }: Pick<Service, "player">, address: string | undefined): Player | null {
  const found = player && address !== undefined ? pattern(player.track)?.exec(address) : null;
  if (!player || !found) return null;
  const made = player.address.replace(/\{(\d+)\}/g, (_, group: string) =>
    encodeURIComponent(found[Number(group)] ?? ""),
  );
  return { address: made, height: player.height };
}

const PATTERNS = new Map<string, RegExp | null>();

/** Null if the service's declaration is no regular expression here. */
function pattern(text: string): RegExp | null {
  let made = PATTERNS.get(text);
  if (made === undefined) {
    try {
      made = new RegExp(`^(?:${text})`);
    } catch {
      made = null;
    }
    PATTERNS.set(text, made);
  }
  return made;
}
