"""Words which say that a note names a genre, a session or a treatment, and so perhaps another recording.

"(Phonk)", "(Rehearsal)" and "(432 Hz)" name no version that `versions.py` knows, and no subtitle either: a recording so marked can be
of the same length as the plain one. The lists are ours, from how releases are titled; that a genre exists can be looked up in
MusicBrainz's list, https://musicbrainz.org/genres.
"""

import re
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One of these is enough, next to any other words: they are hardly words of a subtitle.
_GENRES = _words(
    "phonk hardstyle techno hardtechno hardcore gabber dubstep brostep riddim electro electronica electroswing eurodance"
    " trance psytrance dnb breakbeat breakcore baile amapiano gqom kuduro afrobeat afrobeats afrohouse afroswing"
    " dembow reggaeton cumbia guaracha bachata bachaton merengue salsa vallenato corrido corridos tumbados norteno"
    " mariachi bolero bossa bossanova samba pagode forro sertanejo piseiro arrocha brega funknejo brasileiro kizomba zouk dancehall"
    " reggae ska drill plugg pluggnb hyperpop nightcored synthwave retrowave vaporwave darkwave chillwave dreamcore"
    " lofi chillout chillstep downtempo ambient edm idm moombahton moombah hardbass donk schlager"
    " hardwave slushwave chiptune 8bit 16bit metalcore deathcore djent emo bluegrass honkytonk eurobeat italodisco"
    " bollywood dhol bhangra qawwali gospel rawstyle uptempo frenchcore crunk bassline speedgarage ukg"
    " dreampop shoegaze bigroom slaphouse deephouse techhouse dancecore jumpstyle tekno mandelao"
    " afropop afrotrap balearic bebop boogie budots calypso cantopop champeta chutney coladeira complextro compas kompa konpa cueca"
    " cuarteto dangdut darkstep dixieland doowop drumstep eurotrance fado fandango flamenco footwork freetekno funana funkot gabba"
    " ghazal ghettotech gnawa goregrind grime grindcore habanera hardgroove highlife hiplife hitech horrorcore huayno hyphy"
    " industrial italodance kwaito kirtan klezmer krautrock krump makina makossa mambo maskanda mathcore mbalax mento mazurka"
    " microhouse minuet morna neofolk neurofunk newwave opera operatic pachanga polka psybient psydub psychobilly pumpcore ragga ragtime"
    " rai ranchera rapcore rebetiko rembetiko rockabilly rocksteady rumba rave schranz screamo semba sevillana shaabi shatta singeli"
    " skacore skiffle skramz soca soukous speedcore synthpop taarab tango tarantella tarraxinha techstep technobanda tecnobrega tejano"
    " terrorcore timba tribal triphop turbofolk witchhouse wonky zydeco"
)
_SESSIONS = _words(
    " session sessions sesh rehearsal rehearsals soundcheck outtake outtakes memo memos voicenote demo demos sketch"
    " unreleased leaked leftover leftovers alternate cypher freestyle improv improvised improvisation"
    " worktape worktapes workingtape prerelease"
    " backstage boilerroom kexp sofar audiotree npr coachella glastonbury tomorrowland lollapalooza broadcast"
    " livestream concert concierto konzert bootleg bootlegged ensayo maqueta maquette repetition directo vivo"
)
_TREATMENTS = _words(
    " drumless beatless vocalless bassless acoustique acustico akustik akustisch stripped unplugged harmonies"
    " harmonized choir chorale orchestral orchestra symphonic symphony philharmonic quartet quintet ensemble strings"
    " ukulele cello violin saxophone sax kalimba marimba handpan mandolin accordion lullaby karaoke"
    " instrumentals acapellas hz bpm pitched repitched chipmunk chipmunks detuned retuned autotuned stutter stuttered"
    " glitch glitched reversed backwards muffled underwater lowpass filtered distorted bitcrushed looped"
    " reverbed spedup slowed sped doubletime halftime screwed chopped chops vaporized boosted"
    " remixed reworked rework remix mixed reimagined reimagination reinterpreted reinterpretation reprised rearranged"
    " arrangement recreated recreation rerecorded retake redone reloaded refixed rebuilt revisited reconstructed deconstructed"
    " stems stem multitrack binaural dolby atmos asmr duet tiktok ringtone snippet preview teaser"
    " mashup blend cover covered tribute parody medley megamix continuous acceleree accelere ralenti ralentizada acelerada"
    " chopnotslop accelerada acelerado ralentizado vocalless playback minusone offvocal"
    " remezcla remistura acapela instrumentale instrumentalna karaokeversion nightcore daycore vip dub dubplate"
)
# Parts of words: these scripts set no spaces, or inflect. "版", "버전" and "версия" are "version".
_OTHER_SCRIPTS = re.compile(
    "верси|ремикс|микс\\b|кавер|караоке|минус|акусти|репетиц|концерт|инструментал|живьем|\\bлайв|замедлен|ускорен|часть"
    "|版|バージョン|ヴァージョン|リミックス|ミックス|ライブ|ライヴ|カラオケ|オフボーカル|インスト|カバー|デモ|アコースティック|弾き語り"
    "|歌ってみた|(?<=[^a-z])ver|伴奏|翻唱|混音|现场|現場|纯音乐|純音樂|加速|降速|演唱会|演唱會"
    "|버전|라이브|리믹스|커버|어쿠스틱|데모|노래방|반주|인스트"
    "|ريمكس|ريميكس|نسخة|حفلة|مباشر|كاريوكي|بطيء|مسرع|موسيقى"
    "|ριμιξ|ρεμιξ|ζωνταν|διασκευ|εκδοση|רמיקס|גרסה|גרסת|הופעה"
)
_ANYWHERE = _GENRES | _SESSIONS | _TREATMENTS
# These are common words as well, and count where a note has no others: "(House)" and "(Club)", not "(House of Rain)".
_TOGETHER = _words(
    "house club deep tech afro slap bass future melodic progressive soul soulful funk funky disco nu italo french latin"
    " jungle trap rap hip hop hiphop pop rock metal punk indie folk country jazz jazzy blues classical baroque grunge"
    " dance party festival rave peak time warehouse chill chilled sleep sleepy study relax relaxing calm mellow slowcore"
    " sad happy dark dreamy summer winter christmas holiday workout fitness running gym"
    " piano guitar keys drums drum beat beats vocal vocals voice note string band big brass studio room home bedroom"
    " kitchen garden live radio tv film movie trailer intro outro short long extended rough raw uncut early late first"
    " second third original new old final alternate take takes tape version mix edit cut hard harder soft softer fast loud"
    " quiet light heavy hyper ultra super extra double half tempo speed pitch high low higher lower key octave major minor"
    " bit 8d 16d 3d spatial surround stereo mono reverb tone note cassette vinyl wave core style type drop bootleg flip"
    " d and b r uk us wonky amen jersey ghetto miami baltimore chicago detroit berlin brazilian brazil african cuban"
    " arabic arab oriental celtic spanish english anime medieval 80s 90s 70s 60s 00s eighties nineties vogue ballroom"
    " rage snap swing garage jam echo slow slower faster solo draft harmony edited reverse banda goa alt acid"
    " tropical bounce transition alternative tuned loop leak probe flute harp"
    " trip minimal synth space cosmic lounge cafe swing amateur official audio video lyrics lyric visualizer x the a an"
    " in of on for with at from by"
)
_STOPWORDS = _words("the a an and of in on for with at from by x official audio video version mix d b r")
# Series and stages whose takes are separate recordings.
_SERIES = re.compile(
    r"\bone world\b|\btogether at home\b|\blike a version\b|\blive lounge\b|\bcolors (?:show|studios?)\b|\bon the radar\b"
    r"|\bfrom the block\b|\bvevo (?:lift|ctrl|dscvr)\b|\bboiler room\b|\bamazon (?:original|music)\b|\bapple music\b|\btriple j\b"
    r"|\bradio \d\b|\babbey road\b|\belectric lady\b|\bred rocks\b|\brock in rio\b|\bhome (?:recording|edition)\b"
    r"|\bvoice (?:note|memo)s?\b|\bfirst take\b|\bd and b\b|\br and b\b|\bdrum and bass\b|\blo fi\b|\bhip hop\b|\banother room\b"
    r"|\bwork(?:ing)? tape\b|\bminus (?:one|1)\b|\boff vocal\b|\btv track\b|\b\d+ ?x\b|\b\d?x speed\b|\b(?:2|3|two|three) ?step\b"
    r"|\bhigher key\b|\blower key\b|\bmusic ?box\b|\bdj (?:tool|cut|friendly|set)\b"
)
# "Hypertechno", "Slap House" in one word, "Dreamwave": people name new genres by joining old names.
_JOINED = re.compile(
    r"\b(?:hyper|hard|soft|dark|synth|chill|vapor|vapour|slap|deep|tech|future|night|day|dream|break|speed|happy|jump|raw|euro|italo|afro"
    r"|electro|psy|trap|dub|lo|glitch|cloud|metal|death|grind|post|brazil|jazz|hip|acid|latin|moom|tear|bed|indie|folk)+"
    r"(?:techno|house|core|style|wave|phonk|trance|step|tekk?|beats?|pop|funk|bass|trap|rap|punk|metal|soul|disco|jazz|rock|folk|swing"
    r"|dance|hop|ton|fi)\b"
)
_MEASURED = re.compile(r"\b\d+ ?(?:hz|khz|bpm|bits?)\b")
_YEAR = re.compile(r"^(?:(?:19|20)\d\d|2k\d\d)$")
# "Odile Reconstruction", "Tam Revision": somebody did it again; not "Remember" or "Regrets".
_DONE_AGAIN = re.compile(
    r"\bre ?(?:construct|shap|vis(?:ion|ed)|do$|doing|vib|interpret|touch|twist|fresh|tun|cut$|imagin|buil[dt]|work|mak|vamp|model|structur"
    r"|creat|edit|mod|fix|lick|rub|groov|smash|swing|flip|tak|arrang|orchestrat|assembl|config|format|composi|generat|program|design)\w*$"
    r"|\w (?:interpretation|transition|translation|treatment|adaptation|revibe|rendition)$"
)
# "Harmonies by Odile", "Strings by Odile": somebody has added something. A credit for a film or a text changes nothing.
_DONE_BY = re.compile(
    r"^(?!(?:prod|video|visuals?|dir|directed|shot|filmed|edited|mastered|animated|animation|supported|played|premiered|presented"
    r"|lyrics?|words|artwork|stand|day|side)\b)\w+ by \w+"
)


_SESSION = re.compile(
    r"\b(?:sessions?|rehearsals?|outtakes?|demos?|soundcheck|voice (?:memo|note)s?|freestyle|drumless|another room"
    r"|from (?:the|my|our|a) (?:archives?|attic|basement|bath(?:room|tub)|bed|bedroom|car|cellar|couch|floor|garage|garden|kitchen"
    r"|living room|porch|rooftop|roof|shed|shower|sofa|stairwell|studio|tour bus|vaults?))\b"
)


def is_session(folded: str) -> bool:
    """Whether a folded note speaks of a session even where it begins like one that changes nothing: "From the Rehearsal"."""
    return _SESSION.search(folded) is not None


# Words that hold a phrase together, and are in no name of a genre, a session or a treatment.
_PHRASE = _words(
    "i im ive ill id you youre youll youve your yours me my mine myself we were us our ours he hes she shes him his her hers they them"
    " their theyre it its thats theres whats lets this these those who what why how when where if because until unless than"
    " is are am was be been being do does did dont doesnt didnt wont cant cannot couldnt wouldnt shouldnt isnt arent wasnt aint can could"
    " would should will shall might must gonna wanna gotta tryna have has had havent hasnt get got go goes going gone come comes coming"
    " give gave take took let make made makes know knew want need feel feels felt say said tell told love loved keep never always"
    " nothing something everything somebody someone everybody everyone nobody anybody anyone thank please not"
    " yo tu te mi mis tus eu voce meu minha teu je moi toi mon ich mich dich du mein dein io ti mio que quiero quieres eres soy"
)


@lru_cache(maxsize=16_384)
def is_title_words(folded: str) -> bool:
    """Whether a folded note is a phrase, as a subtitle can be: "I Won't Let You Go". A name may be anything: "Lantern", "Gqom".

    A note in a script that sets no spaces is none, and neither is one that speaks of a genre, a session or a treatment.
    """
    words = folded.split()
    return len(words) > 1 and not _PHRASE.isdisjoint(words) and not is_treatment(folded)


@lru_cache(maxsize=16_384)
def is_treatment(folded: str) -> bool:
    """Whether a folded note is made of genre, session or treatment words."""
    words = folded.split()
    if not folded.isascii() and _OTHER_SCRIPTS.search(folded):
        return True
    if not _ANYWHERE.isdisjoint(words) or _SERIES.search(folded) or _JOINED.search(folded) or _MEASURED.search(folded):
        return True
    if _YEAR.match(folded) or _DONE_BY.match(folded) or _DONE_AGAIN.search(folded):
        return True
    telling = [word for word in words if word not in _STOPWORDS]
    return not _TOGETHER.isdisjoint(telling) and all(word in _TOGETHER or word.isdecimal() for word in telling)
