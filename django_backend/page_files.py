"""The files of the web page as it was built: where they are, and that a new build is taken up.

What belongs here: finding the folder, its `index.html` as a template, and whitenoise over the rest. What does not: what the template
is filled with (`page_head.py`) and how an answer is sent (`serving.py`).
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
"""Vite puts what has its hash in its name here: under one address there never is anything else."""

PACKAGED = "built_page"
"""Where the wheel carries it, beside this module; see `[tool.hatch.build.targets.wheel]`."""

OTHER_SECONDS = 300
_API = re.compile(r'<meta\s+name="tunemeld-api"\s+content="([^"]*)"')


@dataclass(frozen=True)
class BuiltPage:
    """One build: when it was made, the template, the address of another API where the page names one, the other files by path."""

    modified: datetime
    template: str
    api: str
    files: Mapping[str, StaticFile]


Signature = tuple[Path, int, int]


def page_folder(settings: Settings) -> Path | None:
    """Where a built page is: as set, else in the checkout, else in the installed package; None where none was built."""
    root = project_root()
    usual = [root / "frontend" / "dist"] if root else []
    places = [settings.page_folder] if settings.page_folder else [*usual, Path(__file__).with_name(PACKAGED)]
    return next((place for place in places if (place / INDEX).is_file()), None)


class PageFiles:
    """The newest build, read when it is first asked for and again when it has changed.

    Args:
        find: names the folder.
    """

    def __init__(self, find: Callable[[], Path | None]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._signature: Signature | None = None
        self._built: BuiltPage | None = None

    def built(self) -> BuiltPage | None:
        """The page; while it is built anew, the one before; None where there was none yet."""
        signature = self._look()
        if signature is not None and signature != self._signature:
            with self._lock:
                if signature != self._signature:
                    self._read(signature)
        return self._built

    def file(self, path: str) -> StaticFile | None:
        """The file of a path, but for the template."""
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
            # It is being built at this moment; the next look may find it whole.
            return
        named = _API.search(template)
        files = {path: file for path, file in whitenoise.files.items() if path != f"/{INDEX}"}
        modified = datetime.fromtimestamp(signature[1] / 1e9, UTC)
        self._built = BuiltPage(modified, template, named[1].rstrip("/") if named else "", files)
        self._signature = signature
