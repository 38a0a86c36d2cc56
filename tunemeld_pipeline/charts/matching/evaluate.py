"""How good the judgement is, measured on labelled pairs.

This module reads a file of pairs and counts what `judge` gets right.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from tunemeld_pipeline.charts.matching.folding import fold
from tunemeld_pipeline.charts.matching.judge import Judgement, Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows and the truth about them. `label` says how the truth is known or what the pair tests."""

    a: Row
    b: Row
    same: bool
    label: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over a set of pairs; a pair counts as matched when its verdict is `SAME`."""

    true_matches: int
    false_matches: int
    missed: int
    true_others: int

    @property
    def precision(self) -> float:
        """The share of matches that are right; 1.0 where nothing matched."""
        matches = self.true_matches + self.false_matches
        return self.true_matches / matches if matches else 1.0

    @property
    def recall(self) -> float:
        """The share of same pairs that were matched; 1.0 where there are none."""
        same = self.true_matches + self.missed
        return self.true_matches / same if same else 1.0


ANCHOR = "RapidFuzz token_set_ratio of at least 85, lengths at most 7 s apart"
_ANCHOR_RATIO = 85
_ANCHOR_GAP_MS = 7_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The score overall and by label, that of the anchor in the same places, and every pair that was judged wrongly."""

    overall: Score
    by_label: dict[str, Score]
    anchor: Score
    anchor_by_label: dict[str, Score]
    wrong: tuple[tuple[Pair, Judgement], ...]
    unsure: int


def evaluate(pairs: Iterable[Pair], *, hide_isrc: bool = False) -> Evaluation:
    """Judges every pair and counts. An unsure verdict on a same pair is a miss; on a different one it is right."""
    judged = [
        (pair, judge(_without_isrc(pair.a), _without_isrc(pair.b)) if hide_isrc else judge(pair.a, pair.b))
        for pair in pairs
    ]
    labels = sorted({pair.label for pair, _ in judged})
    matched = [(pair, found.verdict is Verdict.SAME) for pair, found in judged]
    anchored = [(pair, anchor_matches(pair.a, pair.b)) for pair, _ in judged]
    return Evaluation(
        overall=_score(matched),
        by_label=_by_label(matched, labels),
        anchor=_score(anchored),
        anchor_by_label=_by_label(anchored, labels),
        wrong=tuple((pair, found) for pair, found in judged if (found.verdict is Verdict.SAME) != pair.same),
        unsure=sum(found.verdict is Verdict.UNSURE for _, found in judged),
    )


def anchor_matches(a: Row, b: Row) -> bool:
    """What a rule of one line finds (`ANCHOR`), of title and artist together: a judgement has to beat it to be worth its rules."""
    if a.duration_ms and b.duration_ms and abs(a.duration_ms - b.duration_ms) > _ANCHOR_GAP_MS:
        return False
    some, others = (fold(f"{row.artist} {row.title}") for row in (a, b))
    return fuzz.token_set_ratio(some, others) >= _ANCHOR_RATIO


def _without_isrc(row: Row) -> Row:
    return replace(row, isrc=None)


def _by_label(matched: Sequence[tuple[Pair, bool]], labels: Iterable[str]) -> dict[str, Score]:
    return {label: _score([item for item in matched if item[0].label == label]) for label in labels}


def _score(matched: Iterable[tuple[Pair, bool]]) -> Score:
    counts = {(match, same): 0 for match in (True, False) for same in (True, False)}
    for pair, match in matched:
        counts[match, pair.same] += 1
    return Score(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def read_pairs(path: Path) -> list[Pair]:
    """The pairs in a file of JSON lines: `{"a": {…}, "b": {…}, "same": true, "label": "…"}`.

    A row is `{"title", "artist"}` and optionally `service`, `isrc`, `duration_ms` (milliseconds), `id` and `uploader`.

    Raises:
        ConfigurationError: the file cannot be read, or a line is not a pair; the message names the line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}); name a file of pairs") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is no UTF-8 text; name a file of pairs, a line of JSON each") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            pairs.append(
                Pair(_row(record["a"]), _row(record["b"]), bool(record["same"]), str(record.get("label") or ""))
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"{path}, line {number}: not a pair ({_why(error)}); see docs/matching.md for the form"
            ) from error
    return pairs


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg.lower()}"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _row(record: dict[str, Any]) -> Row:
    duration = record.get("duration_ms")
    service, identity = record.get("service"), record.get("id")
    return Row(
        title=record["title"] or "",
        artist=record["artist"] or "",
        duration_ms=None if duration is None else int(duration),
        isrc=record.get("isrc"),
        uploader=record.get("uploader"),
        service=service,
        key=f"{service}:{identity}" if service and identity else "",
    )
