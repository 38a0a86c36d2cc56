"""Which rows are one recording: judgements, rows that stay alone, and how good the judgements are."""

from typing_extensions import TypedDict

from tunemeld_pipeline.charts.matching.judge import Verdict
from tunemeld_pipeline.cli.shapes.values import Share


class Judged(TypedDict):
    """A judgement of two rows."""

    verdict: Verdict
    confidence: Share
    evidence: str


class Row(TypedDict):
    """What a service says of a recording."""

    title: str
    artist: str
    duration_ms: int | None
    isrc: str | None
    uploader: str | None
    service: str | None
    key: str
    """Unique in stored lists; empty where it was typed."""


class ExplainedPair(Judged):
    """Two rows, and whether they are one recording."""

    a: Row
    b: Row


class ListedRow(TypedDict):
    """A row of a stored list."""

    service: str
    position: int
    title: str
    artist: str
    isrc: str | None
    key: str


class Candidate(ListedRow, Judged):
    """A row of another list, and why it is not the same."""


class UnmatchedRow(ListedRow):
    """A row that is on one service only."""

    unsure: bool
    candidates: list[Candidate]
    """The rows of other services that are most like it."""


class GenreMatches(TypedDict):
    """One genre in `tunemeld match report`."""

    genre: str
    matched_shares: dict[str, Share]
    """Service → the share of its rows that are on another list too."""
    unmatched: list[UnmatchedRow]


class Score(TypedDict):
    """How good judgements are."""

    pairs: int
    precision: Share
    recall: Share
    true_matches: int
    false_matches: int
    missed: int
    true_others: int


class WrongPair(ExplainedPair):
    """A labelled pair that was judged otherwise."""

    same: bool
    label: str


class Evaluation(TypedDict):
    """`tunemeld match evaluate`."""

    overall: Score
    by_label: dict[str, Score]
    anchor: Score
    """Of the rule of one line that the judgement has to beat."""
    anchor_by_label: dict[str, Score]
    unsure: int
    wrong: list[WrongPair]
