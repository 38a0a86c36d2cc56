"""A built page in the same form as the real one, for tests of how it is served. tests/page has the tests of the real page."""

import subprocess
import sys
from pathlib import Path

SCRIPT = "/assets/index-Ab3dEf7h.js"
INDEX = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="tunemeld-api" content="{api}" />
    <!--tunemeld:head-->
    <title>TuneMeld</title>
    <meta name="description" content="The built page's own words." />
    <!--/tunemeld:head-->
    <script type="module" crossorigin src=".{script}"></script>
  </head>
  <body>
    <div id="app"><!--tunemeld:app--></div>
    <!--tunemeld:answers-->
    <noscript><!--tunemeld:noscript--><p>The built page's own words.</p><!--/tunemeld:noscript--></noscript>
  </body>
</html>
"""


def build_page(folder: Path, *, api: str = "", script: str = SCRIPT) -> Path:
    """Writes a page into the folder like Vite, compressed like `make page`; returns the folder."""
    assets = folder / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (folder / script[1:]).write_text("console.log('a page');\n" * 200)
    (folder / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"></svg>')
    (folder / "index.html").write_text(INDEX.format(api=api, script=script))
    subprocess.run([sys.executable, "-m", "whitenoise.compress", "--quiet", str(folder)], check=True)
    return folder
