"""Where this package runs from, and where it was started. Light to import, for commands that read no setting."""

from pathlib import Path


def project_root() -> Path | None:
    """The checkout that this package runs from, or None when it is installed as a wheel."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() else None


def working_folder() -> Path | None:
    """None where somebody removed it meanwhile, which is no reason to refuse what needs no folder."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None
