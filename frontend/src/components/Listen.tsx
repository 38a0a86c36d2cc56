// Where a track can be heard: in the player at the foot of the page, and on the services themselves.

import type { Service } from "../api/types";
import type { Playable } from "../chart/players";
import { classOf } from "../chart/services";
import { offer, offersFor, play, playedRow, stop } from "../state/playing";
import { words } from "../texts";

interface Props {
  track: Playable;
  /** The tracks through which next and previous lead. */
  around: readonly Playable[];
  /** The services to which there may be links. */
  linked: readonly Service[];
  level?: 2 | 3;
}

export function Listen({ track, around, linked, level = 3 }: Props) {
  const Heading = level === 2 ? "h2" : "h3";
  const offers = offersFor(track);
  const isPlayed = playedRow.value?.id === track.id;
  const links = linked.flatMap((service) => {
    const link = track.links[service.service];
    return link === undefined ? [] : [{ service, link }];
  });
  return (
    <section aria-labelledby="listen-title" class="listen">
      <Heading id="listen-title">{words("listen.title")}</Heading>
      <p class="buttons">
        {offers.map(({ service }) => {
          const isHere = isPlayed && offer.value?.service === service;
          return (
            <button
              key={service.service}
              type="button"
              class={`button play ${classOf(service.service)}`}
              aria-pressed={isHere}
              onClick={() => (isHere ? stop() : play(track, around, service.service))}
            >
              <span aria-hidden="true">{isHere ? "■" : "▶"}</span> {service.name}
            </button>
          );
        })}
      </p>
      <p class="quiet">{words(offers.length === 0 ? "listen.none" : "listen.when")}</p>
      {links.length > 0 && (
        <p class="buttons open-on">
          <span class="quiet">{words("listen.openOn")}</span>
          {links.map(({ service, link }) => (
            <a key={service.service} class="button" href={link} target="_blank" rel="noopener noreferrer">
              <i class={`dot ${classOf(service.service)}`} aria-hidden="true" /> {service.name}{" "}
              <span aria-hidden="true">↗</span>
            </a>
          ))}
        </p>
      )}
    </section>
  );
}
