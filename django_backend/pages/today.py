"""Today at `/`: what TuneMeld is in one sentence, and what is worth knowing over all genres."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

from django_backend.page_head import SITE, PageHead, long_date
from django_backend.pages.chart import share_picture
from django_backend.shown_chart import UNKNOWN_TITLE
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.plugins.registry import in_order, name_of, written_list
from tunemeld_pipeline.publishing.page_paths import HOME, agreement_path, chart_path, track_path
from tunemeld_pipeline.publishing.v1.today import Today, TodayRow

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
COVER = 120


def today_head(catalog: Catalog, today: Today | None) -> PageHead:
    """What the site says of itself. Its picture is that of the first genre with a chart."""
    names = [name_of(one) for one in in_order(catalog.services())]
    number = NUMBERS[len(names)] if len(names) < len(NUMBERS) else str(len(names))
    title = (
        f"{SITE} – the songs on which {number} services’ editors agree"
        if len(names) > 1
        else f"{SITE} – the songs that {names[0]}’s editors choose"
    )
    what = "agree on" if len(names) > 1 else "choose"
    pictured = [catalog.genres[one.genre] for one in today.genres if one.genre in catalog.genres] if today else []
    return PageHead(
        title=title,
        description=f"What the editors of {written_list(names)} {what}, genre by genre, every day, and how the world listens.",
        path=HOME,
        picture=share_picture(pictured[0]) if pictured else None,
        facts={"@type": "WebSite", "name": SITE, "url": HOME, "description": what_it_is(catalog)},
    )


def what_it_is(catalog: Catalog) -> str:
    """One sentence of what TuneMeld is."""
    names = [name_of(one) for one in in_order(catalog.services())]
    if len(names) == 1:
        return f"{SITE} charts, genre by genre and every day, the songs that {names[0]}’s editors choose."
    return (
        f"{SITE} compares the playlists that the editors of {written_list(names)} make by hand, genre by genre and every day,"
        " and charts the songs on which they agree."
    )


def plain_today(catalog: Catalog, today: Today) -> str:
    """Today for browsers without scripts."""
    if not today.genres:
        return f"<p>{escape(what_it_is(catalog))}</p>\n<p>There is no chart yet. The next daily update brings the first ones.</p>"
    names = {one.genre: one.name for one in today.genres}
    day = date.fromisoformat(max(one.date for one in today.genres))
    is_consensus = any(one.agreement is not None for one in today.genres)

    def said_of_genre(said: Callable[[TodayRow], str]) -> Callable[[TodayRow], str]:
        return lambda row: f"{said(row)} in {names.get(row.genre, row.genre)}"

    parts = [
        (
            "What editors agree on most" if is_consensus else "At the top",
            today.most_agreed,
            lambda row: f"Number {row.rank}",
        ),
        ("New", today.new, lambda row: f"{'Back' if row.status == 're' else 'New'} at {row.rank}"),
        ("Climbing", today.climbers, lambda row: f"Up {row.movement}, from {row.previous_rank} to {row.rank}"),
        ("Gone", today.leavers, lambda row: f"Was number {row.previous_rank}"),
        ("Where the editors disagree", today.disputed if is_consensus else [], _places),
    ]
    lists = [
        _part(title, rows, said_of_genre(said), pictured=at == 0)
        for at, (title, rows, said) in enumerate(parts)
        if rows
    ]
    genres = "\n".join(
        f'<li><a href="{escape(chart_path(one.genre))}">{escape(one.name)}</a>'
        + (
            f' – <a href="{escape(agreement_path(one.genre))}">the lists agree by {one.agreement:.0%}</a>'
            if one.agreement is not None
            else ""
        )
        + "</li>"
        for one in today.genres
    )
    return "\n".join(
        [
            f"<p>{escape(what_it_is(catalog))}</p>",
            f"<p>{long_date(day)} (UTC)</p>",
            *lists,
            f"<h2>The charts</h2>\n<ul>\n{genres}\n</ul>",
        ]
    )


def _places(row: TodayRow) -> str:
    listed = sorted(row.positions.items(), key=lambda one: one[1])
    return "Number " + written_list(f"{position} on {name_of(service)}" for service, position in listed)


def _part(title: str, rows: Sequence[TodayRow], said: Callable[[TodayRow], str], *, pictured: bool) -> str:
    items = "\n".join(_item(row, said(row), pictured=pictured) for row in rows)
    return f"<h2>{escape(title)}</h2>\n<ol>\n{items}\n</ol>"


def _item(row: TodayRow, said: str, *, pictured: bool) -> str:
    cover = ""
    if pictured and row.cover_url and row.cover_url.startswith(("https://", "http://")):
        cover = (
            f'<img class="cover" src="{escape(row.cover_url)}" alt="" width="{COVER}" height="{COVER}" loading="lazy"'
            ' referrerpolicy="no-referrer">'
        )
    artist = f" – {escape(row.artist)}" if row.artist else ""
    link = f'<a href="{escape(track_path(row.track_id))}">{escape(row.title or UNKNOWN_TITLE)}</a>'
    return f"<li>{cover}{link}{artist}. {escape(said)}</li>"
