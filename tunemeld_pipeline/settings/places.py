"""Where this package runs from, and where it was started. Cheap to import, for commands that read no setting."""

from pathlib import Path


def project_root() -> Path | None:
    """The checkout that this package runs from, or None when it is installed as a wheel."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() else None


def working_folder() -> Path | None:
    """The working directory; None if somebody has removed it, since many commands need no folder."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None
