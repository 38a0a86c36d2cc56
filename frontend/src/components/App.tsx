// What all pages share: their head and foot, the panel and the player over them, and which page stands between.

import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { API } from "../api/client";
import { address, arriving, elsewhere, follow, view } from "../state/navigation";
import { shownServices } from "../state/store";
import { TODAY, type Place } from "../state/view";
import { words } from "../texts";
import { AgreementPage } from "./AgreementPage";
import { Announcement } from "./Announcement";
import { ArtistPage } from "./ArtistPage";
import { ChartPage } from "./ChartPage";
import { GenreNav } from "./GenreNav";
import { KeysHelp } from "./Keys";
import { Languages } from "./Languages";
import { PanelPlace } from "./PanelPlace";
import { PlayerBar } from "./PlayerBar";
import { lazily } from "./lazily";
import { MoreMenu } from "./MoreMenu";
import { SearchBox } from "./SearchBox";
import { ShareMenu } from "./ShareMenu";
import { servicesText } from "./sentences";
import { TodayPage } from "./TodayPage";
import { TrackPage } from "./TrackPage";

/** The icon where the page's own head has it, since a page's path can be any number of folders deep. */
const ICON = document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? "./icon.svg";

const PAGES: Record<Place, ComponentType> = {
  today: TodayPage,
  chart: ChartPage,
  track: TrackPage,
  artist: ArtistPage,
  agreement: AgreementPage,
  songs: lazily(async () => (await import("./SongsPage")).SongsPage),
  search: lazily(async () => (await import("./SearchPage")).SearchPage),
};

export function App() {
  const { place, id, track } = view.value;
  const Page = PAGES[place];
  const songs = elsewhere("songs");
  useEffect(() => {
    if (!arriving.peek()) return;
    arriving.value = false;
    // Begins another page as the browser begins one: at its top; Announcement says its name.
    scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [place, id]);
  return (
    <>
      {/* While a panel is open, only it and the player can be used. */}
      <div class="page" inert={track !== null}>
        <a class="skip" href={place === "chart" ? "#chart" : "#content"}>
          {words(place === "chart" ? "nav.skipToChart" : "nav.skipToContent")}
        </a>
        <header class="top">
          <a class="brand" href={address(TODAY)} onClick={(event) => follow(event, TODAY)}>
            <img src={ICON} alt="" width="28" height="28" />
            TuneMeld
          </a>
          <GenreNav />
          <div class="settings">
            {place !== "search" && <SearchBox />}
            <a
              class="button"
              href={address(songs)}
              aria-current={place === "songs" ? "page" : undefined}
              onClick={(event) => follow(event, songs)}
            >
              <span class="star-sign" aria-hidden="true">
                ★
              </span>
              <span class="menu-name">{words("nav.songs")}</span>
            </a>
            <ShareMenu />
            <MoreMenu />
          </div>
        </header>
        <main id="content" tabIndex={-1}>
          <Page key={`${place} ${id ?? ""}`} />
        </main>
        <footer class="foot">
          <p>
            {shownServices.value.listing.length > 0 && `${words("foot.lists", { services: servicesText() })} `}
            {words("foot.notAffiliated")} <a href={`${API}/docs`}>{words("foot.api")}</a>
          </p>
          <Languages />
        </footer>
        <Announcement />
      </div>
      <KeysHelp />
      <PanelPlace />
      <PlayerBar />
    </>
  );
}
