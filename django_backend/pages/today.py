"""Today at `/`: what TuneMeld is in one sentence, and what is worth knowing over all genres."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

from django_backend.languages import Language
from django_backend.page_head import SITE, PageHead
from django_backend.pages.chart import share_picture
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.plugins.registry import in_order, name_of
from tunemeld_pipeline.publishing.page_paths import HOME, agreement_path, chart_path, search_path, track_path
from tunemeld_pipeline.publishing.v1.today import Today, TodayRow

COVER = 120


def today_head(language: Language, catalog: Catalog, today: Today | None) -> PageHead:
    """What the site says of itself. Its picture is that of the first genre with a chart."""
    names = [name_of(one) for one in in_order(catalog.services())]
    numbers = language.say("number.services").split(",")
    number = numbers[len(names)] if len(names) < len(numbers) else str(len(names))
    alone = len(names) == 1
    pictured = [catalog.genres[one.genre] for one in today.genres if one.genre in catalog.genres] if today else []
    return PageHead(
        title=language.say("plain.siteTitleAlone", service=names[0])
        if alone
        else language.say("plain.siteTitle", number=number),
        description=language.say(
            "plain.siteDescriptionAlone" if alone else "plain.siteDescription", services=language.listed(names)
        ),
        path=HOME,
        picture=share_picture(language, pictured[0]) if pictured else None,
        facts={
            "@type": "WebSite",
            "name": SITE,
            "url": HOME,
            "description": what_it_is(language, catalog),
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{search_path()}?q={{words}}"},
                "query-input": "required name=words",
            },
        },
    )


def what_it_is(language: Language, catalog: Catalog) -> str:
    """One sentence of what TuneMeld is."""
    names = [name_of(one) for one in in_order(catalog.services())]
    if len(names) == 1:
        return language.say("today.whatAlone", service=names[0])
    return language.say("today.what", services=language.listed(names))


def plain_today(language: Language, catalog: Catalog, today: Today) -> str:
    """Today for browsers without scripts."""
    say = language.say
    if not today.genres:
        return f"<p>{escape(what_it_is(language, catalog))}</p>\n<p>{escape(say('today.noChart'))}</p>"
    names = {one.genre: one.name for one in today.genres}
    day = date.fromisoformat(max(one.date for one in today.genres))
    is_consensus = any(one.agreement is not None for one in today.genres)

    def said_of_genre(said: Callable[[TodayRow], str]) -> Callable[[TodayRow], str]:
        return lambda row: say("plain.inGenre", said=said(row), genre=names.get(row.genre, row.genre))

    parts = [
        (
            say("today.agreed" if is_consensus else "today.top"),
            today.most_agreed,
            lambda row: say("plain.ranked", rank=row.rank or 0),
        ),
        (
            say("today.new"),
            today.new,
            lambda row: say("plain.back" if row.status == "re" else "plain.new", rank=row.rank or 0),
        ),
        (
            say("today.climbing"),
            today.climbers,
            lambda row: say(
                "plain.climbed", places=row.movement or 0, before=row.previous_rank or 0, rank=row.rank or 0
            ),
        ),
        (say("today.gone"), today.leavers, lambda row: say("plain.wasNumber", rank=row.previous_rank or 0)),
        (
            say("today.disputed"),
            today.disputed if is_consensus else [],
            lambda row: _places(language, row),
        ),
    ]
    lists = [
        _part(language, title, rows, said_of_genre(said), pictured=at == 0)
        for at, (title, rows, said) in enumerate(parts)
        if rows
    ]
    genres = "\n".join(
        f'<li><a href="{escape(chart_path(one.genre))}">{escape(one.name)}</a>'
        + (
            f' – <a href="{escape(agreement_path(one.genre))}">{escape(say("today.listsAgree", share=language.share(one.agreement)))}</a>'
            if one.agreement is not None
            else ""
        )
        + "</li>"
        for one in today.genres
    )
    return "\n".join(
        [
            f"<p>{escape(what_it_is(language, catalog))}</p>",
            f"<p>{language.day(day)} (UTC)</p>",
            *lists,
            f"<h2>{escape(say('today.charts'))}</h2>\n<ul>\n{genres}\n</ul>",
        ]
    )


def _places(language: Language, row: TodayRow) -> str:
    listed = sorted(row.positions.items(), key=lambda one: one[1])
    places = language.listed(
        language.say("today.disputedPlace", position=position, service=name_of(service)) for service, position in listed
    )
    return language.say("plain.disputed", places=places)


def _part(
    language: Language, title: str, rows: Sequence[TodayRow], said: Callable[[TodayRow], str], *, pictured: bool
) -> str:
    items = "\n".join(_item(language, row, said(row), pictured=pictured) for row in rows)
    return f"<h2>{escape(title)}</h2>\n<ol>\n{items}\n</ol>"


def _item(language: Language, row: TodayRow, said: str, *, pictured: bool) -> str:
    cover = ""
    if pictured and row.cover_url and row.cover_url.startswith(("https://", "http://")):
        cover = (
            f'<img class="cover" src="{escape(row.cover_url)}" alt="" width="{COVER}" height="{COVER}" loading="lazy"'
            ' referrerpolicy="no-referrer">'
        )
    artist = f" – {escape(row.artist)}" if row.artist else ""
    link = f'<a href="{escape(track_path(row.track_id))}">{escape(row.title or language.say("track.unnamed"))}</a>'
    return f"<li>{cover}{link}{artist}. {escape(said)}</li>"
