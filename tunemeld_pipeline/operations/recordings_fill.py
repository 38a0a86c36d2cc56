"""Fills what this release keeps of recordings from what earlier ones have kept: positions from all past days, artists and words.

Each month and each hundred recordings are one transaction, and what is left is seen from the documents alone: cut off at any point, it
goes on from there. Runs do the same for their own genre, so that nothing waits for it.
"""

from tunemeld_pipeline.storage.store import Store


def fill(store: Store, *, dry_run: bool = False) -> list[str]:
    """Makes what is missing, and says what was made, in a line for each kind; nothing where all was there.

    Args:
        dry_run: only counts; nothing is changed.

    Raises:
        StoreError: the collections cannot be written; finished parts are complete.
    """
    months, undescribed = 0, store.recordings.undescribed()
    for genre in store.charts.genres():
        months += len(store.positions.missing_months(genre)) if dry_run else store.recordings.make_months(genre)
    if not dry_run:
        store.recordings.describe_missing(undescribed)
    would = "would be " if dry_run else ""
    lines = [f"positions: {months} months {would}made from past days"] if months else []
    return lines + ([f"recordings: {undescribed} {would}given artists and words"] if undescribed else [])
