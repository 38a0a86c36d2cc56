"""`tunemeld match`: why two rows are one recording or are not, which rows stay alone, and how good the matching is.

This module has the commands' options and what they print. `operations/match_review.py` finds rows and candidates, and `charts/matching/`
judges them and measures the judgement.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.arguments import Genres, genres_named
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.terminal import print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tunemeld_pipeline.charts.catalog import Catalog
    from tunemeld_pipeline.charts.matching.evaluate import Evaluation, Pair, Score
    from tunemeld_pipeline.charts.matching.judge import Judgement
    from tunemeld_pipeline.charts.matching.overrides import Overrides
    from tunemeld_pipeline.charts.matching.rows import Row
    from tunemeld_pipeline.cli.shapes import matching as shapes
    from tunemeld_pipeline.operations.match_review import Listed, StoredGenre, Unmatched
    from tunemeld_pipeline.settings.settings import Settings

app = typer.Typer(help="Look at the matching: explain, report, evaluate.", no_args_is_help=True)

Recording = Annotated[
    str, typer.Argument(help="An ISRC, a service's address, a row's key (SERVICE:ID), or \"artist - title\".")
]


@app.command()
def explain(context: typer.Context, a: Recording, b: Recording, as_json: AsJson = False) -> None:
    """Show whether two recordings are judged the same, how surely, and why.

    They are looked for in the stored playlists of all genres; an "artist - title" that is in none of them is judged as typed.

    Example: tunemeld match explain "The Hollow Kettles - Tin Rivers" "The Hollow Kettles - Tin Rivers (Remix)"
    """
    from tunemeld_pipeline.charts.matching.judge import judge
    from tunemeld_pipeline.charts.matching.overrides import read_overrides
    from tunemeld_pipeline.operations.match_review import named

    settings, catalog = _settings_and_catalog(context)
    overrides = read_overrides(settings.match_overrides)
    genres = _stored(settings, catalog.genres, overrides)
    listed = [one for genre in genres for one in genre.rows]
    firsts, seconds = (_rows(named(listed, words), words) for words in (a, b))
    pairs = [(first, second) for first in firsts for second in seconds]
    # A recording's row against itself says nothing where there are others to compare.
    pairs = [pair for pair in pairs if pair[0] != pair[1] or len(pairs) == 1]
    if as_json:
        from dataclasses import asdict

        judged = [(first, second, judge(first, second, overrides.aliases)) for first, second in pairs]
        found = [{"a": asdict(one), "b": asdict(other), **_judgement_json(verdict)} for one, other, verdict in judged]
        print_json(found)
        return
    for first, second in pairs:
        _explain_row("A", first, listed)
        _explain_row("B", second, listed)
        typer.secho(_judged(judge(first, second, overrides.aliases)), bold=True)
        for sentence in _outcome(first.key, second.key, genres, overrides):
            typer.echo(sentence)
        typer.echo()


@app.command()
def report(
    context: typer.Context,
    genre: Genres = None,
    as_json: AsJson = False,
) -> None:
    """List the rows that are on one service only, with the rows of the others that are most like them, and why they are not the same.

    First those of which the judgement is unsure: they are what an entry in the file of overrides can settle.

    Example: tunemeld match report --genre dance
    """
    from tunemeld_pipeline.charts.matching.group import idle_overrides
    from tunemeld_pipeline.charts.matching.overrides import read_overrides
    from tunemeld_pipeline.operations.match_review import unmatched
    from tunemeld_pipeline.plugins.registry import name_of

    settings, catalog = _settings_and_catalog(context)
    some = genres_named(catalog, genre)
    chosen = some or list(catalog.genres)
    overrides = read_overrides(settings.match_overrides)
    stored = _stored(settings, chosen, overrides)
    if as_json:
        print_json([_genre_json(one, overrides) for one in stored])
        return
    for one in stored:
        if not one.rows:
            typer.echo(f"{one.genre}: nothing is stored; run it first (`tunemeld etl run full --genre {one.genre}`)\n")
            continue
        shares = ", ".join(f"{name_of(service)} {share:.0%}" for service, share in one.matched_shares.items())
        typer.secho(f"{one.genre}: on another list too: {shares}", bold=True)
        found = unmatched(one, overrides.aliases)
        _list("unsure", [row for row in found if row.unsure])
        _list("different", [row for row in found if row.candidates and not row.unsure])
        typer.echo(f"  nothing is like {sum(not row.candidates for row in found)} further rows\n")
    rows = [listed.described for one in stored for listed in one.rows]
    # With some genres only, an override may be about the rows of another one.
    concerned = overrides.about({row.key for row in rows}) if some else overrides
    for idle in idle_overrides(rows, concerned):
        typer.echo(f"override without effect: {idle.override} ({idle.why})")


@app.command()
def evaluate(
    file: Annotated[
        Path, typer.Argument(help='JSON lines: {"a": {"title", "artist", …}, "b": {…}, "same": true, "label": "…"}.')
    ],
    hide_isrc: Annotated[bool, typer.Option("--hide-isrc", help="Judge by text and length alone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    least_precision: Annotated[float, typer.Option(min=0, max=1, help="Fail below this precision overall.")] = 0,
    least_recall: Annotated[float, typer.Option(min=0, max=1, help="Fail below this recall overall.")] = 0,
) -> None:
    """Measure the judgement on labelled pairs: precision and recall, overall and by label, with the wrong ones listed.

    A pair counts as matched where the judgement is "same"; unsure counts as not matched. Next to each figure is that of the
    anchor, a rule of one line that the judgement has to beat. See docs/matching.md for the file's form.

    Exit status: 0 precision and recall are as high as asked, 1 one is not.

    Example: tunemeld match evaluate tests/charts/matching/pairs.jsonl --hide-isrc
    """
    from tunemeld_pipeline.charts.matching.evaluate import evaluate as evaluate_pairs
    from tunemeld_pipeline.charts.matching.evaluate import read_pairs

    pairs = read_pairs(file)
    found = evaluate_pairs(pairs, hide_isrc=hide_isrc)
    if json:
        print_json(_evaluation_json(found))
    else:
        _print_evaluation(found)
    for name, figure, least in (
        ("precision", found.overall.precision, least_precision),
        ("recall", found.overall.recall, least_recall),
    ):
        if figure < least:
            typer.echo(f"the {name} is {figure:.4f}, below {least:g}", err=True)
    if found.overall.precision < least_precision or found.overall.recall < least_recall:
        raise typer.Exit(exits.FAILED)


def _print_evaluation(found: "Evaluation") -> None:
    from tunemeld_pipeline.charts.matching.evaluate import ANCHOR

    width = max([len("overall"), *map(len, found.by_label)])
    typer.echo(f"{'':{width}}  {'':5}  {'judgement':^48}  {'anchor':^17}")
    typer.echo(f"{'':{width}}  pairs  precision  recall  right matches  wrong matches  missed  precision  recall")
    for label, score in (("overall", found.overall), *found.by_label.items()):
        anchor = found.anchor_by_label.get(label, found.anchor)
        typer.echo(
            f"{label:{width}}  {_pairs(score):5}  {score.precision:9.4f}  {score.recall:6.4f}  {score.true_matches:13}"
            f"  {score.false_matches:13}  {score.missed:6}  {anchor.precision:9.4f}  {anchor.recall:6.4f}"
        )
    typer.echo(f"unsure of {found.unsure}; wrong: {len(found.wrong)}; anchor: {ANCHOR}")
    for pair, judgement in found.wrong:
        typer.echo(f"\n{'should be the same' if pair.same else 'should not be matched'} ({pair.label or 'no label'})")
        typer.echo(f"  A  {_shown(pair.a)}\n  B  {_shown(pair.b)}\n  {_judged(judgement)}")


def _settings_and_catalog(context: typer.Context) -> "tuple[Settings, Catalog]":
    from tunemeld_pipeline.plugins.registry import load_catalog

    settings = load(context)
    return settings, load_catalog(settings.catalog_file)


def _stored(settings: "Settings", genres: "Iterable[str]", overrides: "Overrides") -> "list[StoredGenre]":
    from tunemeld_pipeline.operations.match_review import stored_genre
    from tunemeld_pipeline.storage.connection import open_store

    now = datetime.now(UTC)
    with open_store(settings) as store:
        return [stored_genre(store, genre, now, overrides) for genre in genres]


def _rows(found: "list[Listed]", words: str) -> "list[Row]":
    """The rows that are meant, each once, even where several genres list it."""
    from tunemeld_pipeline.operations.match_review import row_from_text

    if found:
        return list(dict.fromkeys(one.described for one in found))
    text = row_from_text(words)
    if text is None:
        raise typer.BadParameter(
            f'{words!r} is in no stored playlist; write it as "artist - title" to judge it as typed'
        )
    return [text]


def _explain_row(name: str, row: "Row", listed: "list[Listed]") -> None:
    from tunemeld_pipeline.charts.matching.judge import row_readings
    from tunemeld_pipeline.plugins.registry import name_of

    typer.echo(f"{name}  {_shown(row)}")
    places = [
        f"{one.genre} {name_of(one.row.service)} {one.row.position}"
        for one in listed
        if row.key and one.row.key == row.key
    ]
    typer.echo(f"   {', '.join(places) if places else 'in no stored playlist'}")
    reading = row_readings(row)[0]
    parts = {
        "title": reading.base,
        "artists": ", ".join(one.folded for one in reading.credits),
        "version": ", ".join(sorted(f"{one.kind} {one.by}".strip() for one in reading.versions)),
        "subtitle": ", ".join(reading.subtitles),
    }
    typer.echo(f"   read as {'; '.join(f'{part}: {text}' for part, text in parts.items() if text)}")


def _outcome(a: str, b: str, genres: "list[StoredGenre]", overrides: "Overrides") -> list[str]:
    """What the operator's file says of the two, and what becomes of them on the charts."""
    pair = (min(a, b), max(a, b))
    sentences = [
        f"an override says that they are {verdict}"
        for verdict, pairs in (("the same", overrides.same), ("different", overrides.different))
        if pair in pairs
    ]
    for genre in genres:
        places = [genre.recording_of(key) for key in (a, b)]
        if None not in places:
            sentences.append(f"{genre.genre}: {'one recording' if places[0] == places[1] else 'two recordings'}")
    return sentences


def _list(heading: str, rows: "list[Unmatched]") -> None:
    typer.echo(f"  {heading}: {len(rows)}")
    for one in rows:
        typer.echo(f"    {_placed(one.listed)}")
        for candidate in one.candidates:
            typer.echo(f"      {_placed(candidate.listed)}\n        {_judged(candidate.judgement)}")


def _placed(listed: "Listed") -> str:
    from tunemeld_pipeline.plugins.registry import name_of

    return f"{name_of(listed.row.service)} {listed.row.position}: {_shown(listed.described)}"


def _shown(row: "Row") -> str:
    """A row on one line: names as displayed, length, ISRC, key."""
    seconds = None if row.duration_ms is None else row.duration_ms / 1000
    details = [
        "" if seconds is None else f"{int(seconds // 60)}:{seconds % 60:04.1f}",
        row.isrc or "",
        row.key,
    ]
    return f"{row.artist} - {row.title}  [{', '.join(filter(None, details)) or 'nothing else known'}]"


def _judged(judgement: "Judgement") -> str:
    return f"{judgement.verdict} ({judgement.confidence:.2f}): {judgement.evidence}"


def _genre_json(stored: "StoredGenre", overrides: "Overrides") -> "shapes.GenreMatches":
    from tunemeld_pipeline.operations.match_review import unmatched

    alone = unmatched(stored, overrides.aliases) if stored.rows else []
    return {
        "genre": stored.genre,
        "matched_shares": {str(service): share for service, share in stored.matched_shares.items()}
        if stored.rows
        else {},
        "unmatched": [
            {
                **_listed_json(one.listed),
                "unsure": one.unsure,
                "candidates": [
                    {**_listed_json(other.listed), **_judgement_json(other.judgement)} for other in one.candidates
                ],
            }
            for one in alone
        ],
    }


def _listed_json(listed: "Listed") -> "shapes.ListedRow":
    row = listed.described
    return {
        "service": str(listed.row.service),
        "position": listed.row.position,
        "title": row.title,
        "artist": row.artist,
        "isrc": row.isrc,
        "key": row.key,
    }


def _judgement_json(judgement: "Judgement") -> "shapes.Judged":
    return {"verdict": judgement.verdict, "confidence": judgement.confidence, "evidence": judgement.evidence}


def _pairs(score: "Score") -> int:
    return score.true_matches + score.false_matches + score.missed + score.true_others


def _evaluation_json(found: "Evaluation") -> "shapes.Evaluation":
    return {
        "overall": _score_json(found.overall),
        "by_label": {label: _score_json(score) for label, score in found.by_label.items()},
        "anchor": _score_json(found.anchor),
        "anchor_by_label": {label: _score_json(score) for label, score in found.anchor_by_label.items()},
        "unsure": found.unsure,
        "wrong": [_wrong_json(pair, judgement) for pair, judgement in found.wrong],
    }


def _score_json(score: "Score") -> "shapes.Score":
    return {
        "pairs": _pairs(score),
        "precision": score.precision,
        "recall": score.recall,
        "true_matches": score.true_matches,
        "false_matches": score.false_matches,
        "missed": score.missed,
        "true_others": score.true_others,
    }


def _wrong_json(pair: "Pair", judgement: "Judgement") -> Any:
    from dataclasses import asdict

    return {
        "a": asdict(pair.a),
        "b": asdict(pair.b),
        "same": pair.same,
        "label": pair.label,
        **_judgement_json(judgement),
    }
