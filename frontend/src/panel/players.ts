// The services' players for a track, built from its address there. Pure. A player is a page of the service inside this page, so
// none loads before a visitor presses play; docs/page.md lists their hosts for the Content-Security-Policy.

import type { Service } from "../api/types";

export interface Player {
  address: string;
  /** Pixels; null for a video, whose height follows from its width. */
  height: number | null;
}

/** The player for an address on a service, or null if the address is not a track there. */
export function playerOf(service: Service | "Youtube", address: string | undefined): Player | null {
  if (address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  switch (service) {
    case "Youtube":
      return youtube(url);
    case "Spotify":
      return spotify(url);
    case "SoundCloud":
      return soundcloud(url);
    case "AppleMusic":
      return apple(url);
  }
}

function youtube(url: URL): Player | null {
  const ours = ["www.youtube.com", "youtube.com", "m.youtube.com", "music.youtube.com"].includes(url.hostname);
  const id = ours ? url.searchParams.get("v") : url.hostname === "youtu.be" ? url.pathname.slice(1) : null;
  if (id === null || !/^[\w-]{11}$/.test(id)) return null;
  return { address: `https://www.youtube-nocookie.com/embed/${id}`, height: null };
}

function spotify(url: URL): Player | null {
  const id = /^(?:\/intl-\w+)?\/track\/(\w+)$/.exec(url.pathname)?.[1];
  if (url.hostname !== "open.spotify.com" || id === undefined) return null;
  return { address: `https://open.spotify.com/embed/track/${id}`, height: 152 };
}

function soundcloud(url: URL): Player | null {
  if (!["soundcloud.com", "www.soundcloud.com", "m.soundcloud.com"].includes(url.hostname)) return null;
  if (!/^\/[^/]+\/[^/]+/.test(url.pathname)) return null;
  const track = encodeURIComponent(`https://soundcloud.com${url.pathname}`);
  return { address: `https://w.soundcloud.com/player/?url=${track}&show_teaser=false`, height: 166 };
}

function apple(url: URL): Player | null {
  if (url.hostname !== "music.apple.com" || url.pathname.length < 2) return null;
  return { address: `https://embed.music.apple.com${url.pathname}${url.search}`, height: 175 };
}
