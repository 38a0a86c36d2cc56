"""The files of the built web page: finds the folder, reads `index.html` as a template, and serves the rest through whitenoise.

A new build is picked up without a restart. `page_head.py` fills the template, and `serving.py` sends the answers.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from whitenoise.base import WhiteNoise
from whitenoise.responders import StaticFile

from tunemeld_pipeline.settings.places import project_root
from tunemeld_pipeline.settings.settings import Settings

INDEX = "index.html"
HASHED = "assets"
"""Vite puts files with a hash in their name here, so the content of an address never changes."""

PACKAGED = "built_page"
"""The page's place in the wheel, next to this module; see `[tool.hatch.build.targets.wheel]`."""

OTHER_SECONDS = 300
_API = re.compile(r'<meta\s+name="tunemeld-api"\s+content="([^"]*)"')


@dataclass(frozen=True)
class BuiltPage:
    """One build: when it was made, the template, the address of another API if the page names one, and the other files by path."""

    modified: datetime
    template: str
    api: str
    files: Mapping[str, StaticFile]


Signature = tuple[Path, int, int]


def page_folder(settings: Settings) -> Path | None:
    """The folder of a built page: the one in the settings, else in the checkout, else in the installed package; None if none was built."""
    root = project_root()
    usual = [root / "frontend" / "dist"] if root else []
    places = [settings.page_folder] if settings.page_folder else [*usual, Path(__file__).with_name(PACKAGED)]
    return next((place for place in places if (place / INDEX).is_file()), None)


class PageFiles:
    """The newest build, read on first use and again after it changes.

    Args:
        find: finds the folder.
    """

    def __init__(self, find: Callable[[], Path | None]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._signature: Signature | None = None
        self._built: BuiltPage | None = None

    def built(self) -> BuiltPage | None:
        """The page; during a rebuild, the previous one; None if there was none yet."""
        signature = self._look()
        if signature is not None and signature != self._signature:
            with self._lock:
                if signature != self._signature:
                    self._read(signature)
        return self._built

    def file(self, path: str) -> StaticFile | None:
        """The file for a path, except the template."""
        built = self.built()
        return built.files.get(path) if built else None

    def _look(self) -> Signature | None:
        try:
            folder = self._signature[0] if self._signature else self._find()
            if folder is None:
                return None
            # The compressed forms are written last, which touches the folder.
            return folder, (folder / INDEX).stat().st_mtime_ns, (folder / HASHED).stat().st_mtime_ns
        except OSError:
            return None

    def _read(self, signature: Signature) -> None:
        folder = signature[0]
        try:
            template = (folder / INDEX).read_text("utf-8")
            whitenoise = WhiteNoise(
                None,
                root=folder,
                max_age=OTHER_SECONDS,
                allow_all_origins=False,
                immutable_file_test=f"^/{HASHED}/",
            )
        except OSError:
            # A build is under way; the next look may find it complete.
            return
        named = _API.search(template)
        # The page's addresses of its own files are relative; here it has pages in folders.
        template = template.replace('="./', '="/')
        files = {path: file for path, file in whitenoise.files.items() if path != f"/{INDEX}"}
        modified = datetime.fromtimestamp(signature[1] / 1e9, UTC)
        self._built = BuiltPage(modified, template, named[1].rstrip("/") if named else "", files)
        self._signature = signature
