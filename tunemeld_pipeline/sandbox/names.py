"""The invented world's words: names of artists, songs, labels and places, in the forms that make matching hard.

`world.py` decides who recorded what. Names combine invented syllables with nouns that do not belong together, so nobody takes them for
real acts.
"""

import random


def _words(text: str) -> list[str]:
    return text.split()


_ONSETS = _words("Vel Quor Zy Thra Osk Blem Fra Nix Mur Plo Yar Gwim Drel Sko Juv Ubb Hesp Krin Oru Wem")
_MIDDLES = _words("mo ri zan thu ve lo qui ba du pha si ro")
_ENDINGS = _words("vane thorpe wick dra zell quist mere nox lume tash bern gloss pid ndor")
_ACCENTED = _words("Émbril Våsk Zöltra Ñarvi Quérel Brøndis Çelvo Drażek Lumíra Öskel Thûva Šarnel")
_CYRILLIC = _words("Велмора Зыртан Плоквист Дрелюм Оскавейн Жуример")
_GREEK = _words("Βελμόρα Ζυρθάν Πλοκβίστ Δρελούμ")
_KANA = _words("ベルモラ ジルタン プロクイスト ドレルム ヨスカヴェ")
_HANGUL = _words("벨모라 지르탄 플로퀴 드렐룸")

_ADJECTIVES = _words(
    "Borrowed Velvet Gravel Sideways Paper Hollow Amber Restless Crooked Lukewarm Magnetic Neon Porcelain Salted Tangled "
    "Tidal Unpaid Woolen Zigzag Burnt Crystal Dusty Electric Feral Gilded Humming Inverted Jagged Kerosene Loud Marzipan "
    "Nimble Orbital Plaid Quiet Rusted Secondhand Thirsty Upholstered Vacant"
)
_NOUNS = _words(
    "Teapot Meridian Theorem Turnstile Lantern Ladder Postcard Harbor Satellite Pickle Thermostat Carousel Umbrella Staircase "
    "Parade Orchard Compass Elevator Fountain Glacier Hammock Inkwell Jukebox Kettle Lighthouse Mosaic Napkin Oarlock Pendulum "
    "Quarry Rooftop Sundial Trapdoor Usher Viaduct Windmill Xylophone Yardstick Zeppelin Anchor"
)
_VERBS = _words("Folding Chasing Renting Painting Losing Counting Borrowing Feeding Hiding Naming Skipping Trading")
_SPECIAL_TITLES = (
    "Café {noun}",
    "Señor {noun}",
    "{noun} Déjà Vu",
    "Où Est Le {noun}?",
    "夜の{noun}",
    "{noun} Ночью",
    "$$ {noun}",
    "{noun} 100%",
    "b4 the {noun}",
    "{noun}!",
)
_LABEL_ENDINGS = ("Records", "Recordings", "Music Group", "Sound Works", "Tapes")
_VENUES = ("Plinth Hall", "the Ottervale Dome", "Quarry Eleven", "the Marrow Street Arena", "Lake Zyrith")


def invented_word(rng: random.Random) -> str:
    """A word of invented syllables, for example Quorrivane."""
    middle = rng.choice(_MIDDLES) if rng.random() < 0.6 else ""
    return rng.choice(_ONSETS) + middle + rng.choice(_ENDINGS)


def artist_name(rng: random.Random) -> str:
    """An act: mostly plain names, some with `&`, `$`, accents or another script, because those trip up matching."""
    form = rng.random()
    word = invented_word(rng)
    if form < 0.30:
        return word
    if form < 0.60:
        return f"{word} {invented_word(rng)}"
    if form < 0.70:
        return f"The {rng.choice(_ADJECTIVES)} {_plural(rng.choice(_NOUNS))}"
    if form < 0.75:
        return f"DJ {word}"
    if form < 0.80:
        return f"{word} & the {_plural(rng.choice(_NOUNS))}"
    if form < 0.84:
        return f"${word.lower()}"
    if form < 0.87:
        return word.upper()
    if form < 0.95:
        return f"{rng.choice(_ACCENTED)} {invented_word(rng)}"
    return f"{rng.choice(_CYRILLIC + _GREEK + _KANA + _HANGUL)} {rng.randrange(10, 99)}"


def song_title(rng: random.Random) -> str:
    """A song's title, without guests or version."""
    form = rng.random()
    adjective, noun, other = rng.choice(_ADJECTIVES), rng.choice(_NOUNS), rng.choice(_NOUNS)
    if form < 0.45:
        return f"{adjective} {noun}"
    if form < 0.60:
        return f"{rng.choice(_VERBS)} the {noun}"
    if form < 0.70:
        return f"{noun} & {other}"
    if form < 0.78:
        return f"I Left My {noun} at the {other}"
    if form < 0.86:
        return f"{adjective} {noun} ({rng.choice(_VERBS)} {_plural(other)})"
    if form < 0.92:
        return f"{noun}, {other}"
    return rng.choice(_SPECIAL_TITLES).format(noun=noun)


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"


def label_name(rng: random.Random) -> str:
    """A record company."""
    return f"{invented_word(rng)} {rng.choice(_LABEL_ENDINGS)}"


def venue(rng: random.Random) -> str:
    """A venue where a live version was recorded."""
    return rng.choice(_VENUES)
