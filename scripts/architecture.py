"""What a drawing of the imports shows: modules at the top, rooms, arrows between them, floors, imports that run uphill, and circles.

`python -m scripts.architecture` measures this checkout, `python -m scripts.architecture v0.1.0` an earlier commit. A room is a package or a
module right below the top, and the API is one. A room stands one floor above the highest one that it imports. What only a type checker
imports does not count.
"""

import ast
import io
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIPELINE, BACKEND = "tunemeld_pipeline", "django_backend"

Rooms = Mapping[str, Set[str]]
"""Each room, and the rooms that it imports."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The modules and rooms of a checkout; `loose` are modules at the top that belong to no package."""

    modules: int
    loose: int
    rooms: Rooms
    uphill: Sequence[tuple[str, str]] | None
    """Which module imports which above it; None where pyproject.toml declares no layers."""


def drawing(root: Path) -> Drawing:
    """Draws the checkout in this folder."""
    files = {_name(root, path): path for top in (PIPELINE, BACKEND) for path in (root / top).rglob("*.py")}
    arrows = {name: set(_imported(path, files)) for name, path in files.items()}
    rooms: dict[str, set[str]] = defaultdict(set)
    for name, imported in arrows.items():
        if name != PIPELINE:
            rooms[_room(name)] |= {_room(one) for one in imported} - {_room(name), PIPELINE}
    layers = _layers(root)
    return Drawing(
        modules=len(files),
        loose=sum(path.parent == root / PIPELINE and path.name != "__init__.py" for path in files.values()),
        rooms=rooms,
        uphill=[
            (name, one)
            for name, imported in sorted(arrows.items())
            for one in sorted(imported)
            if layers.get(_room(name), 0) > layers.get(_room(one), sys.maxsize)
        ]
        if layers
        else None,
    )


def circles(rooms: Rooms) -> list[list[str]]:
    """The groups of rooms that import each other, directly or through others."""
    reached = {room: _reached(room, rooms) for room in rooms}
    groups = {frozenset({other for other in reached[room] if room in reached.get(other, ())}) for room in rooms}
    return sorted(sorted(group) for group in groups if group)


def floors(rooms: Rooms) -> dict[str, int]:
    """The floor of each room, from 1; rooms in one circle share theirs."""
    group = {room: frozenset(circle) for circle in circles(rooms) for room in circle}
    found: dict[str, int] = {}

    def floor(room: str) -> int:
        if room not in found:
            together = group.get(room, frozenset({room}))
            below = {one for member in together for one in rooms.get(member, ())} - together
            height = 1 + max(map(floor, below), default=0)
            found.update(dict.fromkeys(together, height))
        return found[room]

    return {room: floor(room) for room in rooms}


def main(commit: str | None) -> int:
    """Prints the figures of this checkout or of a commit; 1 if an import runs uphill, or rooms stand in a circle."""
    if commit is None:
        found = drawing(ROOT)
    else:
        archive = subprocess.run(
            ["git", "archive", commit, PIPELINE, BACKEND, "pyproject.toml"],  # noqa: S607  # nosec B607
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(folder, filter="data")
            found = drawing(Path(folder))
    heights, rings = floors(found.rooms), circles(found.rooms)
    for height in range(max(heights.values()), 0, -1):
        print(f"{height:>3}  {'  '.join(sorted(room for room in heights if heights[room] == height))}")
    print(f"modules: {found.modules}, {found.loose} of them at the top, in no package")
    print(
        f"rooms: {len(heights)}, on {max(heights.values())} floors, with {sum(map(len, found.rooms.values()))} arrows"
    )
    if found.uphill is None:
        print("imports that run uphill: unknown, since no layers are declared")
    else:
        print(f"imports that run uphill: {len(found.uphill)}")
        print(*(f"  {one} imports {other}\n" for one, other in found.uphill), sep="", end="")
    print(f"circles: {len(rings)}")
    print(*(f"  {', '.join(ring)}\n" for ring in rings), sep="", end="")
    return 1 if found.uphill or rings else 0


def _name(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _room(name: str) -> str:
    """The package or module right below the top; the API is one room."""
    return BACKEND if name.partition(".")[0] == BACKEND else ".".join(name.split(".")[:2]).removeprefix(f"{PIPELINE}.")


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a module imports when it is loaded or later."""
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.module in known:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from names & known.keys()
            yield from [node.module] if names - known.keys() else []
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _layers(root: Path) -> dict[str, int]:
    """The layer of each room, 0 for the highest, as pyproject.toml has them; none where it has no such contract."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8")) if (root / "pyproject.toml").exists() else {}
    contracts = settings.get("tool", {}).get("importlinter", {}).get("contracts", ())
    layers: list[str] = next((one["layers"] for one in contracts if one["type"] == "layers"), [])
    return {_room(name.strip()): at for at, layer in enumerate(layers) for name in layer.replace("|", ":").split(":")}


def _reached(room: str, rooms: Rooms) -> set[str]:
    found: set[str] = set()
    waiting = list(rooms.get(room, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(rooms.get(one, ()))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else None))
