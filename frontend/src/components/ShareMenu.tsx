// The way out of the page with what it shows: its address, as a text, as files and feeds, and into other programs.

import { words } from "../texts";
import { lazily } from "./lazily";
import { Menu } from "./Menu";

const ShareItems = lazily(async () => (await import("./ShareItems")).ShareItems);

export function ShareMenu() {
  return (
    <Menu id="share" name={words("share.name")} sign="↗">
      {() => <ShareItems />}
    </Menu>
  );
}
