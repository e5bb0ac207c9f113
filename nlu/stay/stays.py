"""From days, durations and periods to the stay a message asks for.

`CLAIMS` finds ranges, arrivals, departures and lone days; `_read` then puts together what a message
claims, drops what the guest corrects, and asks the calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import pairwise
from typing import Any, Generic, TypeVar

from nlu.stay import calendar, points
from nlu.stay.calendar import DAY
from nlu.stay.expressions import CLASSES, Duration, Outcome, Period, Where, expressions
from nlu.stay.grammar import Action, Grammar, Item, Made, Match, code, items_of
from nlu.stay.mentions import Reading, Span, StayContext, StayMention
from nlu.stay.points import NotBookable, Point
from nlu.stay.tokens import tokens

_ASKING_DATES = frozenset({"dates", "check_in", "check_out", "nights"})


@dataclass(frozen=True)
class Range:
    """Two ends said together. `days`: listed days ("el 12 y el 13"), how many; 0 for a range."""

    start: Point
    end: Point
    days: int = 0
    nights_meant: bool = False
    """"las noches del 12 y 13": the last day named is a night too."""


# --- claims: what the words say about the stay ---------------------------------------------------

_CLASSES = CLASSES | {
    "ptd": "<pt> <day> primero",
    "stop": "<pt> <numdate> <period> <night> <dur> <more> <shift> <x> llegada salida desde hasta"
    " y , . ; -",
}
_END = "(?! <unit>|<anymonth>|'%'|'/'|':')"
_GAP = "((?!<stop>)any)"
_ARTICLES = frozenset(code(word) for word in ("el", "del", "al", "dia", "los", "este"))
_EL = "(el|dia|la|los|al|este)"
_SEP = "((<part>|'.'|','|y)* (al|a|hasta|'-')+ (el|dia|al)*)"
_ROUGHLY = "(mas o menos | aproximadamente | aprox | aproximado)"
_NOT_RANGE = f"(?! {_SEP} | y | o)"
_IN = "((check '-'?)? llegada | desde | a partir | empezando | comenzando)"
_OUT = (
    "((check '-'?)? salida | hasta | (me|nos|se) (voy|vamos|vayamos|iriamos|iria|iremos|ire"
    "|quiero ir|queremos ir) | dejar la? habitacion)"
)


def _as_point(value: Point | int | None) -> Point:
    return value if isinstance(value, Point) else Point(day=value)


_Said = TypeVar("_Said", Point, Range, tuple[Point, Point])


@dataclass(frozen=True)
class Claim(Generic[_Said]):
    """What one rule found, and the spans of the dates it named."""

    said: _Said
    spans: tuple[tuple[int, int], ...]
    ends: tuple[tuple[int, int], ...] = ()
    """Of a range, the spans of its ends, should they turn out to be two days apart."""


def _claim(kind: str, said: _Said, match: Match) -> Made:
    first = match.item("a") or match.part("night")
    last = match.item("b") or first
    return Made(kind, Claim(said, ((_with_article(match, first), last.end),)))


def _claim_apart(kind: str, said: _Said, match: Match, named: Sequence[Item]) -> Made:
    """One span, or one a day where each has its article: "el 25 y el 26", but "el 25 y 26"."""
    spans = tuple((_with_article(match, item), item.end) for item in named)
    if all(start < item.start for (start, _), item in zip(spans, named, strict=True)):
        return Made(kind, Claim(said, spans))
    return Made(kind, Claim(said, ((spans[0][0], spans[-1][1]),)))


def _with_article(match: Match, item: Item) -> int:
    """Where a date begins: at its article, if it has one."""
    at = list(match.items).index(item)
    while at and match.items[at - 1].code in _ARTICLES:
        at -= 1
    return match.items[at].start


def _range(match: Match) -> Made:
    said = Range(_as_point(match["a"]), _as_point(match["b"]))
    made = _claim("stay", said, match)
    ends = tuple((item.start, item.end) for item in (match.part("a"), match.part("b")))
    return replace(made, value=replace(made.value, ends=ends))


def _days_listed(match: Match) -> Made | None:
    named = [
        item
        for item in match.items
        if isinstance(item.value, (Point, int)) and item.code != code("un")
    ]
    ends = _as_point(named[0].value), _as_point(named[-1].value)
    said = Range(*ends, days=len(named), nights_meant="night" in match)
    return _claim_apart("stay", said, match, named)


def _role(kind: str) -> Action:
    return lambda match: _claim(kind, _as_point(match["a"]), match)


def _either(match: Match) -> Made:
    first, second = _as_point(match["a"]), _as_point(match["b"])
    if first.bare_day and second.day is not None:
        first = _in_month_of(second, first)
    else:
        second = _in_month_of(first, second)
    named = [match.part("a"), match.part("b")]
    return _claim_apart("either", (first, second), match, named)


def _roughly(match: Match) -> Made:
    """ "Antes del 5", "alrededor del 10": the day itself is not meant."""
    point, how = _as_point(match["a"]), match["how"]
    before, after = {"antes": (14, 1), "despues": (-1, 14)}.get(how, (3, 3))

    def resolve(where: Where) -> Outcome:
        day = points.dates(point, where.today, where.today)[0]
        first = max(where.today, day - DAY * before)
        last = day - DAY if how == "antes" else day + DAY * after
        return Outcome(problem="vague", period=(first, max(first, last)))

    return Made("period", Period(resolve))


CLAIMS = Grammar(
    _CLASSES,
    [
        (f"(del|de|desde|entre|el|dia|los|<in>)* a:<pt> {_SEP} b:<ptd> {_END}", _range),
        (f"(del|de|desde|entre|el|dia|los)* a:<ptd> {_SEP} b:<pt>", _range),
        (f"entre {_EL}* a:<pt> y {_EL}* b:<ptd> {_END}", _range),
        (f"entre {_EL}* a:<ptd> y {_EL}* b:<pt>", _range),
        (f"entre (el|los) dia? a:<ptd> y (el|dia)* b:<ptd> {_END}", _range),
        (f"(del|desde|el|dia|los)+ a:<ptd> {_SEP} b:<ptd> {_END}", _range),
        (f"a:<day> (al|hasta el|al dia|hasta el dia) b:<day> {_END}", _range),
        (
            f"night:noche (del|de|los) (el|dia)* a:<ptd> ((','|y|e)+ (el|del|dia)* <ptd>)* (y|e)"
            f" (el|del|dia)* b:<ptd> {_END}",
            _days_listed,
        ),
        (f"night:<night> y {_EL}* b:<pt>", _days_listed),
        (f"noche (del|de) (el|dia)* a:<ptd> {_SEP} b:<ptd> {_END}", _range),
        (f"noche (del|de) (el|dia)* a:<ptd> {_END}", _role("night")),
        (f"{_EL}* a:<ptd> ((','|y|e)+ {_EL}* <ptd>)* (y|e) {_EL}* b:<pt>", _days_listed),
        (f"(el|dia|los)+ a:<day> (',' {_EL}* <ptd>)* (y|e) {_EL}* b:<day> {_END}", _days_listed),
        (f"{_EL}* a:<ptd> (o|u) (el|dia|para|del)* b:<pt>", _either),
        (f"(el|dia|los)+ a:<ptd> (o|u) (el|dia|para|del)* b:<day> {_END}", _either),
        (f"{_IN} {_GAP}{{0,4}}? a:<pt>", _role("in")),
        (f"{_IN} {_GAP}{{0,3}}? (el|dia|del)+ a:(<day>|primero) {_END}", _role("in")),
        (f"{_IN} ('-'|':'|'.')* a:<day> {_END}", _role("in")),
        (f"{_OUT} {_GAP}{{0,4}}? a:<pt>", _role("out")),
        (f"{_OUT} {_GAP}{{0,3}}? (el|dia|al)+ a:(<day>|primero) {_END}", _role("out")),
        (f"{_OUT} ('-'|':'|'.')* a:<day> {_END}", _role("out")),
        (
            f"{_EL}* a:<pt> (de|para|es|seria|como|la|mi|nuestra|','){{0,2}} {_IN}"
            f" (?! {_GAP}{{0,3}} <ptd>)",
            _role("in"),
        ),
        (
            f"(el|dia)+ a:<day> (de|para|es|seria|como|la|mi|nuestra|','){{0,2}} {_IN}"
            f" (?! {_GAP}{{0,3}} <ptd>)",
            _role("in"),
        ),
        (
            f"{_EL}* a:<pt> (de|para|es|seria|como|la|mi|nuestra|','){{0,2}} {_OUT}"
            f" (?! {_GAP}{{0,3}} <ptd>)",
            _role("out"),
        ),
        (
            f"(el|dia)+ a:<day> (de|para|es|seria|como|la|mi|nuestra|','){{0,2}} {_OUT}"
            f" (?! {_GAP}{{0,3}} <ptd>)",
            _role("out"),
        ),
        (
            "de? la? (noche|tarde|<x>) del a:<ptd> (a|hasta) (<x>|la noche|la tarde) del b:<pt>",
            _range,
        ),
        (
            "how:(antes|despues|alrededor|torno|cerca|sobre|hacia) (del|de|el|al|a)* a:<pt>",
            _roughly,
        ),
        (f"how:(antes|despues|alrededor|torno) (del|de|al) a:<day> {_END}", _roughly),
        (
            f"({_ROUGHLY}|tipo|por ahi|como por) (el|para el|sobre el|del)? a:<pt> {_NOT_RANGE}",
            _roughly,
        ),
        (f"{_EL}* a:<pt> (o asi|{_ROUGHLY})", _roughly),
        (f"salida (antes|despues|tarde|temprano) ','? (el|dia)+ a:<ptd> {_END}", _role("out")),
        (f"al dia? a:<ptd> {_END}", _role("to")),
        (f"{_EL}* a:<pt>", _role("at")),
        (f"(el|dia|al|del)+ a:<day> {_END}", _role("at")),
    ],
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(code(word) for line in lines for word in line.split())


_CORRECTIONS = _words(
    "no perdon digo mejor corrijo rectifico sino quise disculpa disculpe",
    "equivoque error bueno espera",
)
_CHANGES = _words(
    "cambiar cambio cambiarla cambiarlo cambiamos cambien mover moverla moverlo",
    "pasar pasarla modificar modificarla adelantar atrasar retrasar aplazar",
)
_MOVES = _words("mover moverla moverlo muevan mueva pasarla pasarlo adelantar atrasar")
_PASSES, _BOOKING = _words("pasar pasen pasenme pasa pasame pasenla"), code("reserva")
_SLIPS = _words("digo equivoque equivocado error corrijo rectifico quise era eran")
_INSTEAD = _words("vez lugar")
_FILLERS = _words(
    "para por favor creo que solo seria serian unas unos como pues si ok vale el",
    "gracias al dia hasta desde en total mejor del nada mas bueno digamos la los las",
    ", . ! ? ¡ ¿ ( )",
)
_JOINTS = _words(", . ; y ( ) para dia")
_KINDS = {
    code(f"<{kind}>"): kind
    for kind in (
        *("stay", "in", "out", "at", "to", "either", "night"),
        *("period", "dur", "more", "shift"),
    )
}
_PAST = code("<past>")
_NUMBERS = frozenset(code(name) for name in ("<n12>", "<n31>", "un"))
_ARRIVAL, _DEPARTURE = code("llegada"), code("salida")
_OURSELVES = _words("nos me")  # "nos vamos un día antes"
_EARLIER, _LATER, _LONGER, _EN = (code(w) for w in ("adelantar", "atrasar", "alargar", "en"))
_OF = _words("de del")
_OR = code("o")
_PERIOD, _INCLUSIVE = code("<period>"), code("inclusive")
_LEADS, _COMMA, _NO, _TO = _words("en el para"), code(","), code("no"), code("a")


@dataclass
class _Claims:
    """What is left of a message's claims once corrections are made."""

    start: Point | None = None
    end: Point | None = None
    start_neutral: bool = False
    """The start was not said to be one, so that an arrival takes its place."""
    night: bool = False
    ranges: list[Range] = field(default_factory=list)
    either: tuple[Point, ...] = ()
    periods: list[Period] = field(default_factory=list)
    duration: Duration | None = None
    more: int | None = None
    shift: int = 0
    """Days later, or earlier, without a date."""
    inclusive: bool = False
    """The last day is counted in, which may make it a night."""
    moving: bool = False
    """A stay is moved "del 6 al 13", which is no range, or "una semana", which is no length."""
    shift_role: str | None = None
    """Which end the shift is of: "in", "out", or not said."""


def parse_stay(text: str, context: StayContext) -> StayMention | None:
    """What a message says about the dates of a stay; None when it says nothing about them."""
    items = CLAIMS.reduce(expressions(items_of(tokens(text))))
    codes = {item.code for item in items}
    if not codes & (_KINDS.keys() | {_PAST}):
        return _bare_answer(text, items, context)
    claims = _gather(items, context)
    if _says_goodbye(text, claims, context):
        return None
    mention = _mention(claims, context)
    if not codes & _KINDS.keys():
        mention = StayMention(problem="past")
    return replace(mention, spans=_spans(text, items, claims))


# --- gathering -----------------------------------------------------------------------------------


def _gather(items: Sequence[Item], context: StayContext) -> _Claims:
    claims = _Claims(moving=_moves(items), inclusive=any(item.code == _INCLUSIVE for item in items))
    changing = any(item.code in _CHANGES for item in items)
    corrected = changing
    last = -1
    for at, item in enumerate(items):
        if item.code in _CORRECTIONS:
            corrected = _OR not in {word.code for word in items[last + 1 : at]}
        kind = _KINDS.get(item.code)
        if kind is None or _instead(items, at):
            continue
        joined = last >= 0 and all(word.code in _JOINTS for word in items[last + 1 : at])
        adjacent = last == at - 1
        _ADD[kind](claims, item.value, _Where(items, at, corrected, joined, adjacent, context))
        last = at
        corrected = changing
    return claims


def _moves(items: Sequence[Item]) -> bool:
    said = {item.code for item in items}
    return bool(said & _MOVES) or (bool(said & _PASSES) and _BOOKING in said)


def _instead(items: Sequence[Item], at: int) -> bool:
    """Whether the item is not wanted: "en vez de", "en lugar de" or ", no" stands before it."""
    before = [item.code for item in items[max(0, at - 4) : at] if item.code not in _OF]
    if len(before) > 1 and before[-2] == _EN and before[-1] in _INSTEAD:
        return True
    while before and before[-1] in _LEADS:
        before.pop()
    denied = before[-2:] == [_COMMA, _NO] or (before[-1:] == [_NO] and items[at].code == _PERIOD)
    return denied and any(item.code in _KINDS for item in items[:at])


@dataclass(frozen=True)
class _Where:
    """How a claim stands in its message."""

    items: Sequence[Item]
    at: int
    corrected: bool
    """A word of correction stands before it."""
    joined: bool
    """Nothing but "," or "y" between it and the claim before."""
    adjacent: bool
    """Nothing at all between them."""
    context: StayContext


def _add_stay(claims: _Claims, claim: Claim[Range], where: _Where) -> None:
    if where.corrected:
        claims.ranges.clear()
    said = _range_around(claims.start, claim.said)
    if claims.ranges and said.start.bare_day and said.end.bare_day:
        said = replace(said, end=_in_month_of(claims.ranges[-1].end, said.end))
    if said not in claims.ranges:
        claims.ranges.append(said)
    claims.start = claims.end = None


def _range_around(feast: Point | None, said: Range) -> Range:
    return replace(said, start=_around(feast, said.start)) if said.end.bare_day else said


def _around(feast: Point | None, day: Point) -> Point:
    """ "En Navidad, del 23 al 26": the turn of the year, where all named feasts lie."""
    if not (feast and feast.festival and day.bare_day):
        return day
    return replace(day, month=12 if (day.day or 0) > 15 else 1)


def _add_in(claims: _Claims, claim: Claim[Point], where: _Where) -> None:
    if not (claims.ranges and claims.ranges[-1].days):
        _take_ends(claims)
    if claims.start and not claims.start_neutral and not where.corrected:
        claims.either = (claims.start, claim.said)
        return
    claims.start, claims.start_neutral = _around(claims.start, claim.said), False


def _add_out(claims: _Claims, claim: Claim[Point], where: _Where) -> None:
    _take_ends(claims)
    claims.end = _in_month_of(claims.end, claim.said) if claims.end else claim.said


def _take_ends(claims: _Claims) -> None:
    """A range said before is now open to have one end replaced."""
    if claims.ranges:
        last = claims.ranges.pop()
        claims.ranges.clear()
        claims.start, claims.end, claims.start_neutral = last.start, last.end, False


def _add_at(claims: _Claims, claim: Claim[Point], where: _Where) -> None:
    point = claim.said
    if claims.ranges:
        claims.ranges[-1] = _range_around(point, claims.ranges[-1])
        return
    if claims.start is None:
        if where.context.awaiting == "check_out" and not claims.end:
            claims.end = point
        else:
            claims.start, claims.start_neutral = point, True
    elif where.corrected:
        claims.start = _in_month_of(claims.start, point)
    elif _same_day(claims.start, point, where.context):
        claims.start = max((claims.start, point), key=_precision)
    elif where.adjacent and point.bare_weekday:
        claims.either = (claims.start, point)
    elif claims.end is None and (where.joined or where.context.awaiting == "dates"):
        if _alike(claims.start, point):
            claims.end = point
        else:
            claims.either = (claims.start, point)
    elif claims.end is None:
        claims.either = (claims.start, _in_month_of(claims.start, point))


def _add_to(claims: _Claims, claim: Claim[Point], where: _Where) -> None:
    """ "Al 9": the end of a range that is corrected, else a day like any other."""
    if not (claims.ranges and where.corrected):
        _add_at(claims, claim, where)
        return
    last = claims.ranges.pop()
    claims.ranges = [replace(last, end=_in_month_of(last.end, claim.said))]


def _alike(one: Point, other: Point) -> bool:
    """Both with a day of the month, or both weekdays: two ends rather than two names."""
    return (one.day is None) == (other.day is None) and (one.weekday is None) == (
        other.weekday is None
    )


def _in_month_of(known: Point, point: Point) -> Point:
    """A bare day after one with its month: "la del 14 de agosto, pasarla al 21"."""
    if not point.bare_day:
        return point
    return (
        replace(known, day=point.day, weekday=None, festival=None, days=None, months=None)
        if known.month or known.month_shift is not None
        else point
    )


def _precision(point: Point) -> int:
    """How much a point says: "viernes 12 de agosto" more than "mañana"."""
    return sum(getattr(point, part.name) is not None for part in fields(point))


def _same_day(one: Point, other: Point, context: StayContext) -> bool:
    """Whether two names are of one day: "mañana, viernes 12"."""
    today = context.now.date()
    try:
        return bool(set(points.dates(one, today, today)) & set(points.dates(other, today, today)))
    except NotBookable:
        return False


def _add_night(claims: _Claims, claim: Claim[Point] | Point, where: _Where) -> None:
    point = claim.said if isinstance(claim, Claim) else claim
    if not claims.ranges and (claims.start is None or where.corrected):
        claims.start, claims.start_neutral = point, True
        claims.night = not _after(where, _ARRIVAL)


def _after(where: _Where, word: str) -> bool:
    return any(item.code == word for item in where.items[max(0, where.at - 3) : where.at])


def _add_either(claims: _Claims, claim: Claim[tuple[Point, Point]], where: _Where) -> None:
    claims.either = claim.said


def _add_period(claims: _Claims, period: Period, where: _Where) -> None:
    said = {item.code for item in where.items[: where.at]}
    if (
        period.hint
        and period.hint.month
        and said & _SLIPS
        and _in_that_month(claims, period, where)
    ):
        return
    if where.corrected:
        claims.periods.clear()
    claims.periods.append(period)


def _in_that_month(claims: _Claims, period: Period, where: _Where) -> bool:
    """ "Del 5 al 8 de junio, digo de julio": the same days, just said or known."""
    known = where.context
    if claims.ranges:
        said = claims.ranges[-1]
    elif known.check_in and known.check_out and not (claims.start or claims.end):
        said = Range(_exact(known.check_in), _exact(known.check_out))
    else:
        return False
    hint = period.hint or Point()
    if said.start.day is None or said.end.day is None:
        return False
    month = {"month": hint.month, "year": hint.year, "year_shift": hint.year_shift}
    end = replace(said.end, **month)  # type: ignore[arg-type]
    if said.end.day <= said.start.day:
        end = replace(end, month=(hint.month or 0) % 12 + 1)
    claims.ranges = [Range(replace(said.start, **month), end)]  # type: ignore[arg-type]
    return True


def _exact(day: date) -> Point:
    return Point(day=day.day, month=day.month, year=day.year)


def _add_duration(claims: _Claims, duration: Duration, where: _Where) -> None:
    words = {item.code for item in where.items}
    if len(duration.counts) == 1 and words & {_EARLIER, _LATER, _LONGER}:
        _add_change(claims, duration, words)
        return
    if claims.moving and duration.unit != "noche" and not _after(where, _TO):
        return
    before = claims.duration
    if before and before.counts != duration.counts and not where.corrected:
        duration = replace(duration, counts=(*before.counts, *duration.counts))
    claims.duration = duration


def _add_change(claims: _Claims, duration: Duration, words: set[str]) -> None:
    """ "Adelantar la llegada un día", "alargar dos noches"."""
    count = duration.counts[0]
    if _LONGER in words:
        claims.more = count
        return
    claims.shift = -count if _EARLIER in words else count
    if (_ARRIVAL in words) != (_DEPARTURE in words):
        claims.shift_role = "in" if _ARRIVAL in words else "out"


def _add_more(claims: _Claims, more: tuple[int, object], where: _Where) -> None:
    claims.more = more[0]


def _add_shift(claims: _Claims, days: int, where: _Where) -> None:
    claims.shift = days
    if _after(where, _ARRIVAL):
        claims.shift_role = "in"
    elif any(_after(where, word) for word in (_DEPARTURE, *_OURSELVES)):
        claims.shift_role = "out"


_ADD: dict[str, Callable[[_Claims, Any, _Where], None]] = {
    "stay": _add_stay,
    "in": _add_in,
    "out": _add_out,
    "at": _add_at,
    "to": _add_to,
    "night": _add_night,
    "either": _add_either,
    "period": _add_period,
    "dur": _add_duration,
    "more": _add_more,
    "shift": _add_shift,
}


def _says_goodbye(text: str, claims: _Claims, context: StayContext) -> bool:
    """ "Hasta mañana" and nothing else, to no question of ours."""
    return (
        (claims == _Claims(end=Point(days=1)) or claims == _Claims(periods=claims.periods))
        and text.lower().startswith("hasta")
        and context.awaiting not in _ASKING_DATES
        and context.check_in is None
    )


# --- reading -------------------------------------------------------------------------------------


def _mention(claims: _Claims, context: StayContext) -> StayMention:
    nights = _plain_nights(claims.duration)
    try:
        outcome = _outcome(_hinted(claims), context)
    except NotBookable as problem:
        return StayMention(
            nights=nights,
            problem=problem.problem,
            candidates=problem.readings,
            period=problem.period,
        )
    if isinstance(outcome, StayMention):
        return outcome
    readings = tuple(dict.fromkeys(outcome.readings))
    if outcome.problem:
        return StayMention(
            nights=nights, candidates=readings, problem=outcome.problem, period=outcome.period
        )
    if len(readings) > 1:
        lengths = {(end - start).days if end else None for start, end in readings}
        return StayMention(nights=nights if lengths == {nights} else None, candidates=readings)
    if not readings:
        return StayMention(nights=nights)
    return _settled(*readings[0], nights)


def _settled(check_in: date, check_out: date | None, nights: int | None) -> StayMention:
    if check_out is not None:
        nights = (check_out - check_in).days
    return StayMention(check_in, check_out, nights)


def _plain_nights(duration: Duration | None) -> int | None:
    if duration is None or len(duration.counts) != 1:
        return None
    return duration.counts[0]


def _hinted(claims: _Claims) -> _Claims:
    """Month, year or week of a period, given to the days that lack it: "en mayo, del 3 al 7"."""
    hints = [period.hint for period in claims.periods if period.hint]
    if not hints:
        return claims
    hint = hints[0]

    def fill(point: Point) -> Point:
        if hint.weeks is not None:
            return replace(point, weeks=hint.weeks) if point.bare_weekday else point
        if point.day is None or point.month or point.month_shift is not None:
            return point
        return replace(
            point,
            month=hint.month,
            year=hint.year,
            year_shift=hint.year_shift,
            month_shift=hint.month_shift,
        )

    def fill_range(said: Range) -> Range:
        if said.start.bare_day and said.end.bare_day:
            return replace(said, end=fill(said.end))
        if said.start.bare_weekday:
            return replace(said, start=fill(said.start), end=fill(said.end))
        return said

    start = claims.start and fill(claims.start)
    end = claims.end and fill(claims.end)
    return replace(claims, start=start, end=end, ranges=[fill_range(r) for r in claims.ranges])


def _outcome(claims: _Claims, context: StayContext) -> Outcome | StayMention:
    today = context.now.date()
    if claims.periods and _names_weekdays(claims):
        claims = _in_days_of(claims, context)
    elif claims.periods:
        claims = _near_period(claims, context)
    if claims.moving and len(claims.ranges) == 1 and not claims.ranges[0].days:
        return _moved_along(claims.ranges[0], context)
    if claims.ranges:
        readings = [reading for said in claims.ranges for reading in _of_range(said, context)]
        if claims.inclusive:
            readings += [(start, end + DAY) for start, end in readings if end]
        return _ranges_lasting(tuple(readings), claims.duration)
    if claims.either:
        return Outcome(
            tuple(
                (day, None) for point in claims.either for day in points.dates(point, today, today)
            )
        )
    if claims.start and claims.end:
        start = _near_known(claims.start, context)
        return Outcome(points.stays(start, claims.end, today))
    if claims.start:
        return _from_start(claims, claims.start, context)
    if claims.end:
        return _until(claims.end, claims.duration, context)
    if claims.periods:
        return _in_period(claims.periods, claims.duration, context)
    return _relative(claims, context)


def _names_weekdays(claims: _Claims) -> bool:
    named = [claims.start, claims.end, *(said.start for said in claims.ranges)]
    return any(point is not None and point.bare_weekday for point in named)


def _in_days_of(claims: _Claims, context: StayContext) -> _Claims:
    """Weekdays within the period named beside them; vague where it holds several of them."""
    outcome = _in_period(claims.periods, None, context)
    windows = [window for window in (outcome.period, *outcome.readings) if window and window[1]]
    if not windows:
        return claims
    first, last = windows[0][0], windows[0][1] or windows[0][0]
    mid_week = outcome.problem and first.weekday() and first != context.now.date()
    nested = all(window[1] == last for window in windows)  # Thursday or Sunday to Easter
    if (last - first).days > 6 or not nested or mid_week:
        raise NotBookable("vague", period=(first, last))

    def exact(point: Point | None) -> Point | None:
        if point is None or point.weekday is None or not point.bare_weekday:
            return point
        day = first + DAY * ((point.weekday - first.weekday()) % 7)
        return Point(day=day.day, month=day.month, year=day.year)

    ranges = [replace(said, start=exact(said.start) or said.start) for said in claims.ranges]
    return replace(claims, start=exact(claims.start), end=exact(claims.end), ranges=ranges)


def _near_period(claims: _Claims, context: StayContext) -> _Claims:
    """Bare days are those near the period named beside them: "el puente del Pilar, del 9 al 12"."""
    outcome = _in_period(claims.periods, None, context)
    window = outcome.period or (outcome.readings and outcome.readings[0]) or None
    if window is None:
        return claims
    near = replace(context, check_in=window[0])

    def placed(said: Range) -> Range:
        bare = said.start.bare_day and said.end.bare_day
        return replace(said, start=_near_known(said.start, near)) if bare else said

    start = claims.start and _near_known(claims.start, near)
    return replace(claims, start=start, ranges=[placed(said) for said in claims.ranges])


def _moved_along(said: Range, context: StayContext) -> Outcome:
    """ "Mover la reserva del 6 al 13": from that arrival to this one, or that very stay."""
    today = context.now.date()
    try:
        readings = _of_range(said, context)
    except NotBookable as problem:
        if problem.problem != "reversed":
            raise
        return Outcome(tuple((day, None) for day in points.dates(said.end, today, today)))
    first, last = readings[0]
    if context.check_in != first or last is None:
        return Outcome((*readings, *((end, None) for _, end in readings if end)))
    length = context.check_out - first if context.check_out else None
    return Outcome(((last, last + length if length else None),))


def _ranges_lasting(readings: tuple[Reading, ...], duration: Duration | None) -> Outcome:
    """Both ends and a length: it may tell which reading, be a slip, or float between the ends."""
    counts = _counts(duration) if duration else ()
    fitting = tuple((start, end) for start, end in readings if end and (end - start).days in counts)
    start, end = readings[0]
    if fitting or not counts or end is None or len(readings) > 1:
        return Outcome(fitting or readings)
    if max(counts) + 2 < (end - start).days:
        return Outcome(problem="vague", period=(start, end))
    return Outcome((*readings, *((start, start + DAY * nights) for nights in counts)))


def _near_known(point: Point, context: StayContext) -> Point:
    """A bare day beside known dates means their month: "mejor el 6" after 5 de agosto."""
    known = context.check_in
    if known is None or not point.bare_day or known < context.now.date():
        return point
    number = point.day or 1
    days = [calendar.add_months(known.replace(day=1), step) for step in (-1, 0, 1)]
    near = [
        month.replace(day=number)
        for month in days
        if number <= calendar.month_end(month.year, month.month).day
    ]
    near = [day for day in near if day >= context.now.date()]
    if not near:
        return point
    best = min(near, key=lambda day: abs(day - known))
    return replace(point, month=best.month, year=best.year)


def _of_range(said: Range, context: StayContext) -> tuple[Reading, ...]:
    today = context.now.date()
    # "del 20 al 22 de enero" names its month, whatever was known before.
    start = said.start if said.end.month else _near_known(said.start, context)
    readings = points.stays(start, said.end, today)
    if not said.days:
        return readings
    listed = [(start, end) for start, end in readings if end]
    if all((end - start).days == said.days - 1 for start, end in listed):
        if said.nights_meant:
            return tuple((start, end + DAY) for start, end in listed)
        return tuple(pair for start, end in listed for pair in ((start, end), (start, end + DAY)))
    return tuple(pair for start, end in listed for pair in ((start, None), (end, None)))


def _from_start(claims: _Claims, start: Point, context: StayContext) -> Outcome:
    today = context.now.date()
    start = _near_known(start, context)
    if claims.duration:
        return _lasting(start, claims.duration, today)
    if claims.shift > 0 and claims.shift_role == "out":  # "salgo dos días después"
        return Outcome(points.nights_from(start, claims.shift, today))
    if claims.night or start.festival in ("nochevieja", "nochebuena"):
        return Outcome(points.nights_from(start, 1, today))
    around = _FEASTS_AROUND.get(start.festival or "")
    if around:
        day = points.dates(start, today, today)[0]
        return Outcome(problem="vague", period=(day + DAY * around[0], day + DAY * around[1]))
    if context.nights and context.check_in is None:
        return Outcome(points.nights_from(start, context.nights, today))
    return Outcome(tuple((day, None) for day in points.dates(start, today, today, alone=True)))


_FEASTS_AROUND = {"navidad": (-1, 1), "reyes": (-1, 0), "ano nuevo": (-1, 0)}
"""Days around a feast that guests may mean by its name alone."""


def _counts(duration: Duration) -> tuple[int, ...]:
    """Nights that a duration may mean: "tres días" are two nights to some, three to others."""
    if duration.unit == "dia":
        return tuple(
            dict.fromkeys(
                nights for days in duration.counts for nights in (days - 1, days) if nights
            )
        )
    return duration.counts


def _lasting(start: Point, duration: Duration, today: date) -> Outcome:
    if duration.months:
        days = points.dates(start, today, today, alone=True)
        return Outcome(tuple((day, calendar.add_months(day, duration.months)) for day in days))
    return Outcome(
        tuple(
            reading
            for nights in _counts(duration)
            for reading in points.nights_from(start, nights, today)
        )
    )


def _until(end: Point, duration: Duration | None, context: StayContext) -> Outcome | StayMention:
    today = context.now.date()
    known = context.check_in if context.check_in and context.check_in >= today else None
    days = points.dates(end, today, (known or today) + DAY)
    if days[0] <= today:
        raise NotBookable("past")
    if known:
        _check_end(known, days, end)
    elif duration and duration.counts:
        starts = tuple((day - DAY * nights, day) for day in days for nights in _counts(duration))
        if any(start < today for start, _ in starts):
            raise NotBookable("past")
        return Outcome(starts)
    if len(days) == 1:
        nights = (days[0] - known).days if known else None
        return StayMention(check_out=days[0], nights=nights)
    if known:
        return Outcome(tuple((known, day) for day in days))
    return Outcome(problem="vague", period=(days[0], days[-1]))


def _check_end(known: date, days: Sequence[date], end: Point) -> None:
    nights = (days[0] - known).days
    if nights < 1 or nights > points.MAX_NIGHTS or (end.bare_day and nights > 20):
        raise NotBookable("reversed")


def _in_period(
    periods: Sequence[Period], duration: Duration | None, context: StayContext
) -> Outcome:
    where = Where(context.now.date(), context.country, context.region)
    outcomes = [period.resolve(where) for period in periods]
    definite = [outcome for outcome in outcomes if outcome.readings]
    spans = [outcome for outcome in outcomes if outcome.period]
    if spans and not _within(definite, spans[-1]):
        return _joined(spans)
    if not definite:
        return outcomes[-1]
    readings = tuple(reading for outcome in definite for reading in outcome.readings)
    if definite[0].problem or duration is None or not duration.counts:
        return replace(definite[0], readings=readings)
    return Outcome(_of_length(readings, _counts(duration), where.today))


def _joined(spans: Sequence[Outcome]) -> Outcome:
    """The last of the times named, or from first to last of those apart: "en junio o julio"."""
    periods = sorted(span.period for span in spans if span.period)
    apart = all(one[1] < other[0] for one, other in pairwise(periods))
    return replace(spans[-1], period=(periods[0][0], periods[-1][1])) if apart else spans[-1]


def _within(definite: Sequence[Outcome], vague: Outcome) -> bool:
    """Whether the stays named lie in the vague period named beside them."""
    first, last = vague.period or (date.min, date.max)
    stays = [reading for outcome in definite for reading in outcome.readings]
    return bool(stays) and all(start <= last and (end or start) >= first for start, end in stays)


def _of_length(
    readings: tuple[Reading, ...], counts: tuple[int, ...], today: date
) -> tuple[Reading, ...]:
    """Stays of so many nights in or around a period: from its first day, or to its last."""
    fitting = tuple((start, end) for start, end in readings if end and (end - start).days in counts)
    if fitting:
        return fitting
    around = [
        pair
        for start, end in readings
        if end
        for nights in counts
        for pair in ((start, start + DAY * nights), (end - DAY * nights, end))
    ]
    return tuple(pair for pair in around if pair[0] >= today)


def _relative(claims: _Claims, context: StayContext) -> Outcome | StayMention:
    if claims.duration:
        return _stay_of(claims.duration, context)
    check_in, check_out = context.check_in, context.check_out
    if check_in and check_out is None and context.nights:
        check_out = check_in + DAY * context.nights
    if claims.more is not None:
        if check_out is None:
            return Outcome()
        return _moved(check_in, check_out + DAY * claims.more)
    if not claims.shift:
        return Outcome(problem="vague")
    return _shifted(claims.shift, claims.shift_role, check_in, check_out, today=context.now.date())


def _stay_of(duration: Duration, context: StayContext) -> Outcome | StayMention:
    """A length alone: from the arrival already known, if it is."""
    today = context.now.date()
    known = context.check_in
    if known is None or known < today:
        if any(count > points.MAX_NIGHTS for count in duration.counts):
            raise NotBookable("too_long")
        open_count = len(duration.counts) > 1
        return Outcome(problem="vague" if open_count else None)
    readings = _lasting(_exact(known), duration, today).readings
    ends = [end for _, end in readings if end]
    if len(ends) != 1:
        return Outcome(readings)
    return StayMention(check_out=ends[0], nights=(ends[0] - known).days)


def _moved(check_in: date | None, check_out: date) -> StayMention:
    if check_in and check_out <= check_in:
        raise NotBookable("reversed")
    return StayMention(
        check_out=check_out, nights=(check_out - check_in).days if check_in else None
    )


def _shifted(
    days: int, role: str | None, check_in: date | None, check_out: date | None, *, today: date
) -> Outcome | StayMention:
    """ "Un día antes", of the end that was named, else to be asked."""
    step = DAY * days
    if role == "out":
        return _moved(check_in, check_out + step) if check_out else Outcome()
    if check_in is None:
        return Outcome()
    if role is None and check_out:
        whole, one_end = (check_in + step, check_out + step), (check_in, check_out + step)
        early = (check_in + step, check_out)
        if abs(days) >= 7:
            return Outcome(
                (whole,) if whole[0] >= today else (), None if whole[0] >= today else "past"
            )
        return Outcome(
            tuple((first, last) for first, last in (early, one_end, whole) if today <= first < last)
        )
    if check_in + step < today:
        raise NotBookable("past")
    if check_out and check_in + step >= check_out:
        raise NotBookable("reversed")
    return StayMention(check_in=check_in + step)


# --- bare answers to a question ------------------------------------------------------------------


def _bare_answer(text: str, items: Sequence[Item], context: StayContext) -> StayMention | None:
    """ "12", "dos" or "12 al 15" when the dates were just asked."""
    numbers = [item for item in items if item.code in _NUMBERS]
    others = {item.code for item in items if item.code not in _NUMBERS} - _FILLERS
    if context.awaiting not in _ASKING_DATES or not 1 <= len(numbers) <= 2:
        return None
    if len(numbers) == 2 and others <= {code("a"), code("-"), code("y")}:
        return _bare_pair(text, numbers, code("-") in others, context)
    said = {item.code for item in items}
    if others or len(numbers) != 1 or (code("para") in said and code("el") not in said):
        return None  # "para 2" is how many come, whatever was asked
    return _bare_number(text, numbers[0], context)


def _bare_number(text: str, item: Item, context: StayContext) -> StayMention:
    number, known = int(item.value), context.check_in
    nights = _lasting_answer(number, context)
    if context.awaiting == "nights":
        return replace(nights, spans=(Span(item.start, item.end, "nights", number),))
    day = _mention(
        _Claims(end=Point(day=number))
        if context.awaiting == "check_out"
        else _Claims(start=Point(day=number)),
        context,
    )
    date_span = (Span(item.start, item.end, "date", text[item.start : item.end]),)
    if context.awaiting != "check_out" or known is None:
        return replace(day, spans=date_span)
    if day.problem:
        return replace(nights, spans=(Span(item.start, item.end, "nights", number),))
    if day.check_out == nights.check_out or day.check_out is None:
        return replace(day, spans=date_span)
    return StayMention(
        candidates=((known, day.check_out), (known, nights.check_out)), spans=date_span
    )


def _lasting_answer(number: int, context: StayContext) -> StayMention:
    return _mention(_Claims(duration=Duration((number,), ())), context)


def _bare_pair(
    text: str, numbers: Sequence[Item], hyphen: bool, context: StayContext
) -> StayMention | None:
    first, second = (int(item.value) for item in numbers)
    span = (
        Span(numbers[0].start, numbers[1].end, "date", text[numbers[0].start : numbers[1].end]),
    )
    ranged = _mention(_Claims(ranges=[Range(Point(day=first), Point(day=second))]), context)
    if not hyphen or second > 12:
        return replace(ranged, spans=span)
    single = _mention(_Claims(start=Point(day=first, month=second)), context)
    if ranged.problem or ranged.check_in is None:
        return replace(single, spans=span)
    if single.check_in is None:
        return replace(ranged, spans=span)
    return StayMention(
        candidates=((ranged.check_in, ranged.check_out), (single.check_in, None)), spans=span
    )


# --- spans ---------------------------------------------------------------------------------------


def _spans(text: str, items: Sequence[Item], claims: _Claims) -> tuple[Span, ...]:
    found: list[Span] = []
    for at, item in enumerate(items):
        value = item.value
        if item.code not in _KINDS and item.code != _PAST:
            continue
        if isinstance(value, Claim):
            spans = value.ends if claims.moving and value.ends else value.spans
            found += [_date_span(text, start, end) for start, end in spans]
        elif isinstance(value, Duration) and not _names_nights(value, claims):
            continue
        elif isinstance(value, Duration):
            found += [Span(start, end, "nights", number) for start, end, number in value.spans]
        elif item.code == _PAST or isinstance(value, Period | Point):
            article = at > 0 and items[at - 1].code in _ARTICLES | _words("la")
            start = items[at - 1].start if article else item.start
            found.append(_date_span(text, start, item.end))
        elif isinstance(value, tuple):
            found += [Span(start, end, "nights", number) for start, end, number in value[1]]
    return tuple(found)


def _names_nights(said: Duration, claims: _Claims) -> bool:
    """ "Tres días desde el lunes" does; "un día antes" and "una semana" do not."""
    dated = claims.start or claims.end or claims.ranges or claims.periods
    return said.unit == "noche" or bool(said.unit == "dia" and claims.duration and dated)


def _date_span(text: str, start: int, end: int) -> Span:
    return Span(start, end, "date", text[start:end])
