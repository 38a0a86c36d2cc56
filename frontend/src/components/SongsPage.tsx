// The songs that the visitor has starred, with where they stand now, and their way into a file and back.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { wanted } from "../api/client";
import type { FollowedTrack } from "../api/types";
import { saveFile } from "../state/files";
import { starredSongs, starsIn, starsText, type StarredSong } from "../chart/starred";
import { address, elsewhere, follow } from "../state/navigation";
import { nameOfGenre } from "../state/pages";
import { addStars, areKept, renameStars, stars, toggleStar } from "../state/stars";
import { genres, services } from "../state/store";
import { words } from "../texts";
import { PlayCover } from "./PlayCover";
import { RowStar } from "./Star";
import { connection, StatusLine, world } from "./StatusLine";

/** The API answers for so many at once. */
const AT_ONCE = 50;

export function SongsPage() {
  const ids = stars.value.map((one) => one.id).sort();
  const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, part) =>
    ids.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  );
  const answers = parts.map(
    (part) => wanted<FollowedTrack[]>(`/v1/tracks?${new URLSearchParams({ ids: part.join(",") }).toString()}`).value,
  );
  const followed = answers.flatMap((one) => one.data ?? []);
  const isComplete = answers.every((one) => one.data !== null);
  const songs = starredSongs(stars.value, followed, services.value, nameOfGenre);
  useEffect(() => renameStars(new Map(followed.map((one) => [one.asked, one.track_id]))), [followed.length]);
  return (
    <>
      <div class="title">
        <h1>{words("songs.title")}</h1>
        <p class="subtitle">
          {words("songs.kept")} {songs.length > 0 && words("count.song", { count: songs.length })}
        </p>
      </div>
      <StatusLine notes={[connection([...answers, genres.value], isComplete, "page"), world()]} />
      {!areKept.value && (
        <p class="warning-text" role="status" id="not-kept">
          {words("songs.notKept")}
        </p>
      )}
      {songs.length === 0 ? (
        <p class="first-day" id="no-songs">
          {words("songs.none")}
        </p>
      ) : (
        <Songs songs={songs} isComplete={isComplete} />
      )}
      <Files />
    </>
  );
}

function Songs({ songs, isComplete }: { songs: readonly StarredSong[]; isComplete: boolean }) {
  return (
    <section aria-label={words("songs.title")} class="today-part">
      <ol class="items songs" id="songs">
        {songs.map((one) => {
          const change = elsewhere("track", { id: one.id });
          return (
            <li key={one.id}>
              <PlayCover row={one} size={64} around={() => songs} />
              <div class="named">
                <a class="song" dir="auto" href={address(change)} onClick={(event) => follow(event, change)}>
                  {one.title}
                </a>
                <span class="artist" dir="auto">
                  {one.artist}
                </span>
                <span class="said">{one.said || (isComplete ? words("songs.unknown") : "")}</span>
              </div>
              <span onClick={() => toggleStar(one)}>
                <RowStar title={one.title} isStarred />
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The stars as a file, and from one. */
function Files() {
  const said = useSignal("");
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const found = starsIn(await file.text());
    if (found !== null) addStars(found);
    said.value = found === null ? words("songs.noFile") : words("songs.imported", { count: found.length });
  };
  return (
    <section aria-label={words("songs.files")} class="buttons song-files">
      <button
        type="button"
        class="button"
        id="export"
        disabled={stars.value.length === 0}
        onClick={() => saveFile("tunemeld-songs.json", starsText(stars.value), "application/json")}
      >
        {words("songs.export")}
      </button>
      <label class="button">
        {words("songs.import")}
        <input
          type="file"
          class="hidden"
          id="import"
          accept="application/json,.json"
          onChange={({ currentTarget }) => {
            void read(currentTarget.files?.[0]);
            currentTarget.value = "";
          }}
        />
      </label>
      <span class="quiet" role="status" id="imported">
        {said.value}
      </span>
    </section>
  );
}
