// A cover that plays its track when it is pressed; a cover alone if no service has a player for the track.

import type { ComponentChildren } from "preact";

import type { Playable } from "../chart/players";
import { offersFor, play, playedRow, stop } from "../state/playing";
import { words } from "../texts";
import { Cover } from "./Cover";

interface Props {
  row: Playable;
  size: number;
  /** The tracks through which next and previous lead. */
  around: () => readonly Playable[];
  eager?: boolean;
}

export function PlayCover({ row, size, around, eager = false }: Props) {
  const cover = <Cover address={row.cover} title={row.title} size={size} eager={eager} />;
  if (offersFor(row).length === 0) return <span class="play-cover">{cover}</span>;
  const isPlayed = playedRow.value?.id === row.id;
  return (
    <PlayButton title={row.title} isPlayed={isPlayed} press={() => (isPlayed ? stop() : play(row, around()))}>
      {cover}
    </PlayButton>
  );
}

interface ButtonProps {
  title: string;
  isPlayed: boolean;
  /** Absent where what the button stands in listens to presses. */
  press?: () => void;
  children: ComponentChildren;
}

/** The button that a cover becomes. */
export function PlayButton({ title, isPlayed, press, children }: ButtonProps) {
  return (
    <button
      type="button"
      class="play-cover"
      aria-label={words(isPlayed ? "player.closeOf" : "player.play", { title })}
      aria-pressed={isPlayed}
      onClick={press}
    >
      {children}
      <span class="play-sign" aria-hidden="true">
        {isPlayed ? "■" : "▶"}
      </span>
    </button>
  );
}
