"""Who comes: adults, children with their ages, babies, rooms.

`PARTY` finds the pieces ("dos adultos", "los niños", "(3 y 7)"); `_Sum` adds them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nlu.stay.grammar import Action, Grammar, Item, Made, Match, code, items_of
from nlu.stay.mentions import PartyMention, Span
from nlu.stay.tokens import tokens

_ADULT_AGE = 18
_CLASSES = {
    "age": "<n0> <n12> <n31> un",
    "num": "<n12> <n31> <n99>",
    "count": "<n12> <n31> <n99> un",
    "generic": "persona pax huesped amigo gente",
    "going": "somos eramos seremos seriamos vamos iriamos iremos viajamos viajaremos venimos"
    " vendremos estamos estaremos vendriamos llegada ser serian son hospedamos dormimos"
    " dormiriamos dormiremos cabemos quepamos entremos",
    "partner": "flaca flaco vieja viejo polola pololo jeva gorda gordo chava chavo morra dona"
    " patrona pareja esposa esposo marido mujer novia novio senora conyuge prometida prometido"
    " companero companera",
    "kin": "madre padre mama papa mami papi hermano hermana suegra suegro abuela abuelo tia tio"
    " prima primo cunada cunado amigo jefe jefa socio socia colega",
    "kins": "padres papas abuelos suegros",
    "fellow": "amigo hermanos hermanas primos primas tias tios cunados cunadas companeros colegas"
    " hermano hermana primo prima tia tio",
    "parent": "mama papa madre padre abuela abuelo tia tio senora mujer hombre senor",
    "served": "mesa cena almuerzo desayuno desayunos comida spa masaje masajes taxi transfer"
    " traslado tour excursion toalla toallas almohada almohadas cobija cobijas manta mantas salon"
    " sala parqueadero estacionamiento parking cochera garaje sauna jacuzzi cuna cunas silla sillas"
    " trona tronas restaurante menu paella botella batas pantuflas bicis bicicletas kayak caballos",
    "my": "mi mis nuestro nuestra nuestros nuestras su sus",
    "the": "el la los las mi mis nuestro nuestros nuestra nuestras su sus",
    "single": "doble dobles simple simples sencilla sencillas individual individuales triple"
    " triples suite suites matrimonial matrimoniales",
    "counted": "noche dia semana mes quincena hora minuto euro peso ano cama estrella % habitacion"
    " <month> <mon> piso finde mil parejas matrimonios familias coche auto carro perro perros"
    " gato gatos mascota mascotas coches autos carros maleta maletas toalla toallas bano banos"
    " dobles simples triples individuales suites sencillas matrimoniales desayunos comida",
    "unknown": "<other> <plural>",
    "join": "alargar sumamos",
    "leave": "quitar quita quiten quitamos saca sacar saquen elimina eliminar borra cancela cae",
    "minor": "nino bebe",
}


@dataclass(frozen=True)
class _Piece:
    """A number of people or rooms said at a span; None when said without a number."""

    count: int | None
    said: tuple[Item, ...] = ()
    """The numbers, as they stand in the text."""
    part: bool = False
    """Counted within the people named before: "dos son niños"."""


def _piece(kind: str, *, part: bool = False, default: int | None = None, times: int = 1) -> Action:
    """A piece of so many, or of `default` where no number is said; `times` in each of them."""

    def action(match: Match) -> Made:
        said = tuple(item for item in (match.item("n"), match.item("k")) if item)
        return Made(kind, _Piece(times * int(said[0].value) if said else default, said, part))

    return action


def _fixed(kind: str, count: int) -> Action:
    return lambda _: Made(kind, _Piece(count))


def _numbers(items: Sequence[Item]) -> tuple[int, ...]:
    return tuple(item.value for item in items if item.code in _AGE_CODES)


_AGE_CODES = frozenset(code(name) for name in ("<n0>", "<n12>", "<n31>", "un"))


def _years(match: Match) -> Made:
    return Made("ages", _numbers(match.items))


def _months(match: Match) -> Made:
    return Made("ages", tuple(months // 12 for months in _numbers(match.items)))


def _ages(*ages: int) -> Action:
    return lambda _: Made("ages", ages)


def _nothing(_: Match) -> Made:
    return Made("x")


_LIST = "<age> ((','|y|e|o)+ <age>)*"
_OPEN = "(?! <counted>|<plural>|'/'|de <month>|de <mon>|<generic>|<minor>|adulto|o|'-' <num>)"
_BEGINS = "(^ | (?<= ','|'.'|';'|'('|':'|'¿'|noche|dia|semana|<month>|<mon>|<num>|<numdate>|<wd>))"
_ENDS = "(?= $|','|'.'|';'|')'|'!'|'?'|del|desde|hasta|para|y|nada|nomas|<num>)"
_NOT_COMING = (
    "(ya|al|finales|tampoco|finalmente|no)* no (viene|vienen|va|van|vendra|puede|ira|iran)"
)

PARTY = Grammar(
    _CLASSES,
    [
        # ages
        (f"(de|con|tiene|tienen|'(')* {_LIST} ano (y medio)?", _years),
        (f"(de|con|tiene|tienen|'(')* {_LIST} mes (?! que)", _months),
        ("(de)? ano y medio", _ages(1)),
        ("(de)? (meses|mes) (?! que)", _ages(0)),
        ("recien (nacido|nacida|nacidos)", _ages(0)),
        (
            f"(?<= nino|bebe|pequeno) (de|'('|con|':'|tiene|tienen|que tiene)+ {_LIST}"
            " (?! <counted>)",
            _years,
        ),
        (f"(y|',')* otro (de|con|tiene) {_LIST} (ano)?", _years),
        (f"(y|',')* el otro (de|con|tiene)? {_LIST} (ano)?", _years),
        # what is counted but is not people
        ("<num> (noche|dia|semana|mes|hora|cama|estrella|euro|peso)", _nothing),
        ("<num> (a|'-') <num> (<generic>|adulto|nino)", _nothing),
        ("entre n:<num> y k:<num> (<generic>|adulto)", _piece("unsettled")),
        ("<num> o <num> nino", _nothing),
        (
            "(cuantos|cuantas|maximo|hasta|capacidad|cada) (de|para)? <count>? (<generic>|adulto)",
            _nothing,
        ),
        ("por (<generic>|adulto)", _nothing),
        (
            "(?<! con|y|incluye|incluido|de) <served> <unknown>? (para|de)"
            " (mi|mis|el|la|los|un) (<generic>|<minor>|<partner>|<kin>)",
            _nothing,
        ),
        (
            "(?<! con|y|incluye|incluido|de) <served> <unknown>? para (unas|unos)? n:<num>"
            " (<generic>|adulto)",
            _piece("unsettled"),
        ),
        (
            f"(?<! con|y|incluye|incluido|de) <served> <unknown>? para n:<num> {_OPEN}",
            _piece("unsettled"),
        ),
        ("como <count> <minor>", _nothing),
        # more or fewer than were told of
        ("n:<count> (<generic>|adulto) (mas|extra|adicional) (?! <count>)", _piece("join")),
        ("<going> n:<count> mas (?! <count>)", _piece("join")),
        ("<join> (a)? n:<count> (<generic>|adulto)", _piece("join")),
        ("(un)? otro (<generic>|adulto)", _fixed("join", 1)),
        ("se (une|unen|suma|apunta|anade) (tambien)? (mi|un) (<partner>|<kin>)", _fixed("join", 1)),
        (
            "(tambien (va|viene|vendra)|(va|viene|vendra) tambien) mi (<partner>|<kin>)",
            _fixed("join", 1),
        ),
        ("n:<count> (<generic>|adulto) menos", _piece("leave")),
        ("<going> n:<count> menos", _piece("leave")),
        ("<leave> (a)? n:<count> (<generic>|adulto)", _piece("leave")),
        (f"mi (<partner>|<kin>) {_NOT_COMING}", _fixed("leave", 1)),
        ("no (viene|va|vendra|ira) mi (<partner>|<kin>)", _fixed("leave", 1)),
        ("n:<count> <minor> (mas|extra|adicional) (?! <count>)", _piece("join minor")),
        ("<join> (a)? n:<count> <minor>", _piece("join minor")),
        ("(un)? otro <minor>", _fixed("join minor", 1)),
        ("n:<count> <minor> menos", _piece("leave minor")),
        ("<leave> (a)? n:<count> <minor>", _piece("leave minor")),
        ("<leave> (a)? (el|al|la|mi) <minor>", _fixed("leave minor", 1)),
        (f"(el|la|mi) <minor> {_NOT_COMING}", _fixed("leave minor", 1)),
        ("no (viene|va|vendra|ira) (el|la|mi) <minor>", _fixed("leave minor", 1)),
        ("<leave> (a)? (los|las|mis) nino", _fixed("children", 0)),
        (f"(los|las|mis) nino {_NOT_COMING}", _fixed("children", 0)),
        ("no (vienen|van|vendran|iran) (los|las|mis) nino", _fixed("children", 0)),
        # named, but not how many come
        ("n:<num> (o|u) k:<num> (<generic>|adulto)", _piece("unsettled")),
        (f"(para|<going>) n:<num> (o|u) (para|<going>)? k:<num> {_OPEN}", _piece("unsettled")),
        (f"(en vez|en lugar) de n:<num> {_OPEN}", _piece("denied")),
        ("(','|y) no n:<num> (?= $|','|'.')", _piece("denied")),
        (f"{_BEGINS} n:<n12> (?= '+' <n12> {_ENDS})", _piece("people")),
        ("reserva (a nombre)? de", _nothing),
        (
            "(hablar|atender|atienda|atiende|comunicar|comunicarme|contactar|pasar|pase|pasame"
            "|pases|conecte|responda|conteste|escriba|llame) any{0,3}? persona",
            _nothing,
        ),
        ("(un)? persona (real|humana|fisica|de verdad|de carne)", _nothing),
        # people
        ("n:<count> (solo|sola|unica)? adulto", _piece("adults")),
        ("n:<count> persona adulto", _piece("adults")),
        (
            "(?<! o) n:<num> (grandes|mujer|mujeres|hombre|hombres|senora|senoras|senores|chicas)",
            _piece("adults"),
        ),
        (
            "n:<num> <generic> (y|',')+ un (mujer|hombre|senora|senor|guia|chofer|conductor)",
            _piece("with"),
        ),
        ("(papa|mama) (','|y|e|'+')+ (papa|mama)", _piece("adults", default=2)),
        (
            "n:un <parent> (sola|solo|soltera|soltero)? (?= (con|y) <count> <minor>)",
            _piece("adults"),
        ),
        ("(mama|madre|padre|papa) (sola|solo|soltera|soltero)", _piece("adults", default=1)),
        ("n:<n12> a (?= ('+'|y|',') <n12> n)", _piece("adults")),
        ("(?<= '+'|y|',') n:<n12> n", _piece("children")),
        ("n:<num> p (?! '.')", _piece("people")),
        ("n:<num> ni (?! <other>)", _piece("children")),
        ("n:<num> (solo|sola|unica)? <generic>", _piece("people")),
        (
            "(?<= para|somos|seria|solo|habitacion|<single>|por|y) n:un"
            " (persona|pax|huesped|gente)",
            _piece("people"),
        ),
        (f"{_BEGINS} n:un (persona|huesped) {_ENDS}", _piece("people")),
        ("n:un (solo|sola|unica) (persona|pax|huesped)", _piece("people")),
        (
            "(?<! soy|como) n:un (persona|chica|mujer|hombre|senora|senor) (sola|solo|mayor)",
            _piece("people"),
        ),
        ("<asked> n:un persona", _piece("people")),
        ("(reserva|cambiar|bajar|pasar|dejar) (la|lo)? a n:un persona", _piece("people")),
        (
            "(alojar|hospedar|ubicar|acomodar|recibir) a (los|las|unos|unas)? n:<num>",
            _piece("people"),
        ),
        (
            "<asked> (los|las|solo|unos|unas|nosotros|nosotras)? n:<num>"
            " (?= $|','|'.'|'+'|sin|con|y <count> <minor>|nada|nomas|por favor|gracias)",
            _piece("people"),
        ),
        ("(un|una)? (solo|sola) (persona|adulto)", _fixed("people", 1)),
        (f"<going> (como|unos|unas|los|en total|ya)* n:<num> {_OPEN}", _piece("people")),
        ("somos n:<num> (<other>|<plural>)", _piece("people")),
        (f"(caben|cabrian|quepan|entran|entren|entrarian) n:<num> {_OPEN}", _piece("people")),
        (f"(ser|seran|es) para n:<num> {_OPEN}", _piece("people")),
        (f"para n:<num> {_OPEN}", _piece("people")),
        (f"p '/' n:<num> {_OPEN}", _piece("people")),
        (f"(?<= sino|ahora) n:<num> {_OPEN}", _piece("people")),
        (f"(?<= <n12> '+') n:<n12> {_OPEN}", _piece("children")),
        (
            f"(nosotros|nosotras|para los) n:<num> {_OPEN}",
            _piece("people"),
        ),
        ("n:<n12> en total", _piece("people")),
        (
            "(familia|grupo|equipo|delegacion|excursion|cuadrilla|contingente) <other>? (de|con)"
            " n:<num>"
            " (<generic>|integrantes|miembros)? (?! <counted>|adulto)",
            lambda match: _family(match),
        ),
        (
            "n:<count> (<generic>)? (de ellos|de ellas|de nosotros|de las cuales|de los cuales)?"
            " (son|es|serian|seria) (un)? (nino|menores de edad)",
            _piece("children", part=True),
        ),
        (
            "n:<count> (de ellos|de ellas|de nosotros|de los cuales) nino",
            _piece("children", part=True),
        ),
        (
            "n:<count> (de ellos|de ellas|de nosotros)? (son|es|seria) (un)? bebe",
            _piece("babies", part=True),
        ),
        (
            "(incluido|incluida|incluyendo|incluidos|contando) (a|al|con)? (un|una)?"
            " n:<count>? nino",
            _piece("children", part=True, default=1),
        ),
        (
            "(incluido|incluida|incluyendo|contando) (a|al|con)? (un|una|el|la)? n:<count>? bebe",
            _piece("babies", part=True, default=1),
        ),
        ("<my>? n:<count> (nino|nino nino)", _piece("children")),
        ("<my>? n:<count> bebe", _piece("babies")),
        ("<the> nino (?= tiene|tienen)", _piece("children")),
        (
            "(sin|ningun|no llevamos|no van|no hay) (los|las|mis)? (nino|nino ni bebe|bebe)",
            _fixed("children", 0),
        ),
        ("(con|y|',')* (mi|nuestro|nuestra) nino", _fixed("own child", 1)),
        ("(con|y) (el|la) nino", _fixed("own child", 1)),
        ("(con|y|para|mis|nuestros|nuestras|',') (el|la|los|las|mis)? nino", _piece("children")),
        ("(con|y|mi|nuestro|nuestra|','|'+') (el|la|mi)? bebe", _piece("babies", default=1)),
        ("(un|en|somos|de)? pareja (?! y yo|de)", _piece("adults", default=2)),
        ("n:<num> (pareja|parejas|matrimonio|matrimonios)", _piece("adults", times=2)),
        ("(un|somos)? matrimonio", _piece("adults", default=2)),
        ("(mi|su) <partner>", _fixed("kin", 1)),
        ("(mi) <kin>", _fixed("kin", 1)),
        ("(con|y) la (dona|patrona)", _fixed("kin", 1)),
        ("(y|e) un <fellow>", _fixed("kin", 1)),
        ("(mis|nuestros) <kins>", _fixed("kin", 2)),
        ("(con|yo y|e) (mis|otros|otras)? n:<num> <fellow>", _piece("with")),
        (
            "(^|ir|viajar|venir|llegar|<going>|voy|viajo|ire|iria|yo) (con|y) un <fellow>",
            _fixed("with", 1),
        ),
        ("mis? n:<count> <fellow> (y|e) yo", _piece("with")),
        ("n:<count> <fellow> (y|e) yo", _piece("with")),
        (
            "(nada mas|solo|solamente|unicamente|nomas) (para|somos|soy|sere|voy|ire)? (yo|mi)",
            _fixed("alone", 1),
        ),
        ("(hombre|mujer) (solo|sola)", _fixed("alone", 1)),
        ("<asked> yo? (solo|sola|solito|solita)", _fixed("alone", 1)),
        (
            f"(voy|viajo|ire|vengo) any{{1,3}}? (solo|sola|solito|solita) {_ENDS}",
            _fixed("alone", 1),
        ),
        (
            "(yo|voy|viajo|ire|iria|estoy|mi|soy|venir|vengo|viajar)"
            " (solo|sola|solito|solita|nomas)",
            _fixed("alone", 1),
        ),
        ("yo", _fixed("me", 1)),
        ("para (mi) (?= y|e)", _fixed("me", 1)),
        ("(y|e) (para)? mi (?! <partner>|<kin>|<kins>|<minor>|<other>)", _fixed("me", 1)),
        # rooms
        ("n:<count> (habitacion|estudio|apartamento|suite)", _piece("rooms")),
        ("n:<count> <single> (?! persona)", _piece("rooms")),
    ],
)


def _family(match: Match) -> Made | None:
    kind = "family" if match.items[0].value == "familia" else "people"
    return _piece(kind)(match)


_KINDS = {
    code(f"<{kind}>"): kind
    for kind in (
        *("people", "adults", "kin", "with", "alone", "me", "family", "unsettled", "denied"),
        *("children", "babies", "own child", "ages", "rooms"),
        *("join", "leave", "join minor", "leave minor"),
    )
}
_WITHIN = frozenset(code(sign) for sign in ("(", ":"))
_ADDING = frozenset(code(sign) for sign in ("y", "+", "mas", "ademas"))
_CORRECTIONS = frozenset(
    code(word)
    for word in ("perdon", "digo", "no", "corrijo", "mejor", "sino", "ahora", "finalmente")
)
_FOR = frozenset({code("para")})
_ROOMS = code("<rooms>")
_MORE_PEOPLE = frozenset({code("y"), _ROOMS})  # "2 hombres y 2 mujeres"
_NO = code("no")
_ALONE = frozenset(code(word) for word in ("viajo", "voy", "llevo", "ire"))
_WITH = frozenset(code(word) for word in ("con", "para", "somos", "vamos", "viajo", "voy"))


@dataclass
class _Sum:
    """The pieces of one message."""

    people: int | None = None
    adults: int | None = None
    children: int | None = None
    babies: int | None = None
    rooms: int | None = None
    denied: bool = False
    """The people named were denied: "no somos tres, somos cuatro"."""
    kin: int = 0
    me: bool = False
    family: bool = False
    more_adults: int = 0
    more_children: int = 0
    within: bool = False
    """The children are among the people."""
    added: bool = False
    minors: bool = False
    """Children were spoken of, with or without a number."""
    ages: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def spanned(self, entity: str, piece: _Piece) -> None:
        self.spans += [Span(one.start, one.end, entity, int(one.value)) for one in piece.said]


def parse_party(text: str, awaiting: str | None = None) -> PartyMention | None:
    """Who a message says is coming; None when it says nothing about it.

    `awaiting` is what the guest was just asked: bare numbers answer "party", "adults",
    "children", "child_ages" and "rooms".
    """
    raw = items_of(tokens(text))
    if awaiting == "child_ages":
        ages = _answered_ages(raw)
        if ages:
            return PartyMention(child_ages=ages)
    asked = [_ASKED] if awaiting in ("party", "adults") else []
    total = _added_up(PARTY.reduce([*asked, *raw]), raw)
    if total is None:
        return _bare_answer(raw, awaiting)
    return _mention(total)


_ASKED = Item(code("<asked>"), 0, 0)
"""Stands before the answer to how many come."""


def _added_up(items: Sequence[Item], raw: Sequence[Item]) -> _Sum | None:
    total = _Sum()
    company = any(item.code in _WITH for item in raw)
    last = -1
    corrected = found = False
    for at, item in enumerate(items):
        corrected = corrected or item.code in _CORRECTIONS
        kind = _KINDS.get(item.code)
        if kind is None:
            continue
        between = {word.code for word in items[last + 1 : at]} if last >= 0 else set()
        if last >= 0 and items[last].code == _ROOMS:
            between.add(_ROOMS)
        corrected = corrected or total.denied
        if corrected and kind in ("people", "adults", "family", "alone"):
            total = _Sum(rooms=total.rooms, spans=total.spans)
        total.denied = at > 0 and items[at - 1].code == _NO
        corrected = False
        found = _add(total, kind, item.value, between) or found
        last = at
    found = found or bool(total.me and total.children)
    if not found or not (total.kin == 0 or total.me or company or total.children or total.babies):
        return None
    if total.minors and total.adults is total.people is None and not total.kin:
        total.me = total.me or any(item.code in _ALONE for item in items)
    if total.kin and (total.me or company):
        total.me = total.me or _speaker_comes(raw)
    return total


def _speaker_comes(items: Sequence[Item]) -> bool:
    codes = {item.code for item in items}
    return bool(codes & (_WITH - _FOR)) or not codes & _FOR


def _add(total: _Sum, kind: str, value: _Piece | tuple[int, ...], between: set[str]) -> bool:
    """Adds a piece; False for one that alone says nothing of a party."""
    if isinstance(value, tuple):
        if not total.minors:
            return False
        total.ages += value
        return True
    count = value.count
    if kind in ("unsettled", "denied"):
        total.spanned("adults", value)
        return kind == "unsettled"
    if kind in _CHANGES:
        entity, sign = _CHANGES[kind]
        total.spanned(entity, value)
        setattr(total, f"more_{entity}", getattr(total, f"more_{entity}") + sign * (count or 0))
        total.minors = total.minors or entity == "children"
        return True
    if kind == "own child":
        _add_minors(total, "children", value, between)
        return bool(total.adults or total.people or total.kin)
    if kind in ("children", "babies"):
        _add_minors(total, kind, value, between)
        return count is not None or bool(total.adults or total.people or total.kin)
    if kind == "people" and total.people is None and total.adults is None:
        total.people = count
    elif kind == "people" and total.people is not None and between & _MORE_PEOPLE:
        total.people += count or 0
    elif kind == "adults":
        total.adults = (total.adults or 0) + (count or 0)
    elif kind == "family":
        total.people, total.family = count, True
    elif kind == "rooms":
        total.rooms = (total.rooms or 0) + (count or 0)
        return True
    elif kind == "with":
        total.people = (count or 0) + 1
    elif kind == "alone":
        total.adults = 1
    elif kind == "kin":
        total.kin += count or 0
    elif kind == "me":
        total.me = True
        return False
    total.spanned("adults", value)
    return True


_CHANGES = {
    "join": ("adults", 1),
    "leave": ("adults", -1),
    "join minor": ("children", 1),
    "leave minor": ("children", -1),
}


def _add_minors(total: _Sum, kind: str, piece: _Piece, between: set[str]) -> None:
    total.minors = True
    total.within = total.within or piece.part or bool(between & _WITHIN)
    total.added = total.added or bool(between & _ADDING)
    if piece.count is not None:
        setattr(total, kind, (getattr(total, kind) or 0) + piece.count)
    total.spanned("children", piece)


def _mention(total: _Sum) -> PartyMention:
    ages = [age for age in total.ages if age < _ADULT_AGE]
    grown = len(total.ages) - len(ages)
    children = total.children
    if children is None and total.minors and (ages or grown) and not total.more_children:
        children = len(total.ages) - (total.babies or 0)
        children = max(children, 0)
    if children is not None or total.babies is not None:
        children = max((children or 0) + (total.babies or 0), len(total.ages)) - grown
    missing = (total.babies or 0) if len(ages) < (children or 0) else 0
    ages += [0] * min(missing, (children or 0) - len(ages))
    adults = total.adults
    with_minors = total.me and total.minors and total.adults is None
    if total.people is None and (total.kin or with_minors):
        adults = (adults or 0) + total.kin + (1 if total.me else 0)
    if adults is not None:
        adults += grown
    adults, people = _balanced(total, adults, children)
    return PartyMention(
        people=people,
        adults=adults,
        children=children,
        child_ages=tuple(ages),
        babies=total.babies,
        rooms=total.rooms,
        more_adults=total.more_adults if adults is people is None else 0,
        more_children=total.more_children if children is None else 0,
        spans=tuple(total.spans),
    )


def _balanced(
    total: _Sum, adults: int | None, children: int | None
) -> tuple[int | None, int | None]:
    """Adults and people, each from the others where it was not said."""
    people = total.people
    if people is None:
        open_number = adults is None or (total.minors and children is None)
        return adults, None if open_number else (adults or 0) + (children or 0)
    if adults is not None:
        return adults, people
    if children:
        within = total.within or total.family or (not total.added and people - children >= 2)
        if within and people > children:
            return people - children, people
        return people, people + children
    if total.family or (total.minors and children is None):
        return None, people
    return people, people


# --- bare answers to a question ------------------------------------------------------------------

_FILLERS = frozenset(
    code(word)
    for word in (
        "para",
        "por",
        "favor",
        "solo",
        "seria",
        "serian",
        "somos",
        "seremos",
        "vamos",
        "si",
        "ok",
        "creo",
        "que",
        "unas",
        "unos",
        "en",
        "total",
        "gracias",
        "pues",
        "persona",
        "nada",
        "mas",
        ".",
        ",",
        "!",
    )
)
_SUMS = frozenset(code(word) for word in ("y", "+", ","))
_BARE = frozenset(code(name) for name in ("<n0>", "<n12>", "<n31>", "<n99>", "un"))


def _bare_answer(items: Sequence[Item], awaiting: str | None) -> PartyMention | None:
    numbers = [item for item in items if item.code in _BARE]
    others = {item.code for item in items if item.code not in _BARE} - _FILLERS
    values = [int(item.value) for item in numbers]
    if awaiting in ("party", "adults") and len(values) == 1 and not others and values[0]:
        spans = (Span(numbers[0].start, numbers[0].end, "adults", values[0]),)
        return PartyMention(people=values[0], adults=values[0], spans=spans)
    if awaiting == "party" and len(values) == 2 and others <= _SUMS:
        both = tuple(
            Span(item.start, item.end, entity, item.value)
            for item, entity in zip(numbers, ("adults", "children"), strict=True)
        )
        return PartyMention(people=sum(values), adults=values[0], children=values[1], spans=both)
    if awaiting == "children" and len(values) == 1 and not others:
        spans = (Span(numbers[0].start, numbers[0].end, "children", values[0]),)
        return PartyMention(children=values[0], spans=spans)
    if awaiting == "rooms" and len(values) == 1 and not others and values[0]:
        return PartyMention(rooms=values[0])
    return None


_MONTHS, _YEARS = code("mes"), code("ano")
_OF_ONE = frozenset(code(word) for word in ("tiene", "de", "es", "con"))


def _answered_ages(items: Sequence[Item]) -> tuple[int, ...]:
    """ "5 y 8", "uno tiene 3 y el otro 18 meses": whole years."""
    ages: list[int] = []
    for at, item in enumerate(items):
        if item.code not in _AGE_CODES:
            continue
        following = [other.code for other in items[at + 1 :]]
        if item.value == 1 and following[:1] and following[0] in _OF_ONE:
            continue
        if item.code == code("un") and following[:1] not in ([_MONTHS], [_YEARS]):
            continue
        unit = next((near for near in following if near in (_MONTHS, _YEARS)), _YEARS)
        age = int(item.value)
        ages.append(age // 12 if unit == _MONTHS else age)
    if not ages and {_YEARS, code("medio")} <= {item.code for item in items}:
        ages = [1]
    return tuple(age for age in ages if age < _ADULT_AGE)
