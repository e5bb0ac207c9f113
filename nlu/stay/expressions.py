"""The words for days, durations and periods: rules that turn words into their meaning.

Three grammars run one after the other: `NOISE` puts aside what only looks like a date, `DAYS` makes
points and durations, `PERIODS` makes weekends, bridges, feasts and vague times out of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nlu.stay import calendar
from nlu.stay.calendar import DAY
from nlu.stay.grammar import Action, Grammar, Item, Made, Match
from nlu.stay.mentions import Problem, Reading
from nlu.stay.points import Point, dates, stays


@dataclass(frozen=True)
class Where:
    """The day and the place that a period is reckoned from."""

    today: date
    country: str
    region: str | None


@dataclass(frozen=True)
class Outcome:
    """The stays a period may mean, or why it is none yet."""

    readings: tuple[Reading, ...] = ()
    problem: Problem | None = None
    period: tuple[date, date] | None = None


@dataclass(frozen=True)
class Period:
    """A time with a name."""

    resolve: Callable[[Where], Outcome]
    hint: Point | None = None
    """What it tells of days named beside it: "en mayo, del 3 al 7"."""


@dataclass(frozen=True)
class Duration:
    """How long; several counts are alternatives ("dos o tres noches")."""

    counts: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]
    """Start and end in the text, and number, of what was said."""
    months: int = 0
    unit: str = "noche"
    """"dia", "semana" and "mes" may be how far a stay is moved; days may mean one night less."""


CLASSES = {
    "day": "<n12> <n31>",
    "num": "<n12> <n31> <n99>",
    "count": "<n12> <n31> <n99> un",
    "long": "<count> <big>",
    "anymonth": "<month> <mon> mar",
    "which": "este proximo siguiente",
    "after": "proximo siguiente entrante",
    "ordinal": "primero segundo tercero quinto ultimo penultimo <n12>",
    "timeunit": "dia semana mes quincena finde",
    "unit": "euro peso ano hora minuto persona pax adulto huesped amigo nino bebe habitacion cama "
    "estrella piso planta vez kilo kilos km metro metros m grado cuadra cuadras noche dia semana "
    "quincena mes % doble dobles simple simples sencilla sencillas individual individuales suite "
    "suites triple triples matrimonial matrimoniales familia bano banos desayuno desayunos comida "
    "perro perros gato gatos mascota mascotas coche coches auto autos carro carros maleta maletas "
    "toalla toallas mil millones varon varones mujer mujeres hombre hombres senora senoras",
    "season": "verano invierno otono primavera",
    "prep": "en para de durante este proximo todo por del mes a hasta desde el , y "
    "era es fue sea fuera seria sino no ni digo entre puse puso pone",
    "feastword": "pilar hispanidad constitucion inmaculada purisima concepcion santos difuntos "
    "muertos asuncion trabajo trabajador trabajadores jose santiago almudena reyes juan andalucia "
    "independencia revolucion juarez raza martin guemes soberania malvinas bandera memoria "
    "navidad patrias isidro guadalupe candelaria restauracion altagracia duarte boyaca cartagena "
    "carabobo guanacaste angamos cruz glorias merce mercedes pedro pablo corpus ascension "
    "pentecostes patrio patria patrios",
    "moved": "otro siguiente proximo",
}
_FEASTS = {
    "pilar": (10, 12),
    "hispanidad": (10, 12),
    "raza": (10, 12),
    "constitucion": (12, 6),
    "inmaculada": (12, 8),
    "purisima": (12, 8),
    "concepcion": (12, 8),
    "santos": (11, 1),
    "difuntos": (11, 2),
    "muertos": (11, 2),
    "asuncion": (8, 15),
    "trabajo": (5, 1),
    "trabajador": (5, 1),
    "trabajadores": (5, 1),
    "jose": (3, 19),
    "santiago": (7, 25),
    "almudena": (11, 9),
    "reyes": (1, 6),
    "juan": (6, 24),
    "andalucia": (2, 28),
    "revolucion": (11, 20),
    "juarez": (3, 21),
    "martin": (8, 17),
    "guemes": (6, 17),
    "soberania": (11, 20),
    "malvinas": (4, 2),
    "bandera": (6, 20),
    "memoria": (3, 24),
    "navidad": (12, 25),
    "isidro": (5, 15),
    "guadalupe": (12, 12),
    "candelaria": (2, 2),
    "restauracion": (8, 16),
    "altagracia": (1, 21),
    "duarte": (1, 26),
    "boyaca": (8, 7),
    "cartagena": (11, 11),
    "carabobo": (6, 24),
    "guanacaste": (7, 25),
    "angamos": (10, 8),
    "cruz": (5, 3),
    "glorias": (5, 21),
    "merce": (9, 24),
    "mercedes": (9, 24),
    "pedro": (6, 29),
    "pablo": (6, 29),
}
_FEASTS_AFTER_EASTER = {"ascension": 39, "pentecostes": 49, "corpus": 60}
_NATIONAL_DAYS = {
    "AR": (7, 9),
    "BO": (8, 6),
    "CL": (9, 18),
    "CO": (7, 20),
    "CR": (9, 15),
    "DO": (2, 27),
    "EC": (8, 10),
    "GT": (9, 15),
    "HN": (9, 15),
    "MX": (9, 16),
    "NI": (9, 15),
    "PA": (11, 3),
    "PE": (7, 28),
    "PY": (5, 15),
    "SV": (9, 15),
    "UY": (8, 25),
    "VE": (7, 5),
}
_ORDINALS = {"primero": 1, "segundo": 2, "tercero": 3, "quinto": 5, "ultimo": -1, "penultimo": -2}

_FINDE = "(finde | fin de? semana)"
_YEAR = (
    "((de|del|'/'|'-'|','|del? ano)? y:<year> | (de|del) z:<n31>"
    " (?! al|a|hasta|'-'|y|<unit>|de|del|<month>|<mon>)"
    " | t:(del? (ano (que viene|proximo|siguiente|entrante) | proximo ano)) | de este ano"
    " | del? (presente|corriente) ano | del? ano (en curso|actual))"
)
_NEXT_WEEK = "(semana (que (viene|entrante|sigue)|<after>) | (proximo|siguiente|otra) semana)"
_NEXT_MONTH = "(mes (que (viene|entrante|sigue)|<after>) | (proximo|siguiente) mes)"
_OTHER = "(','|'.'|no|sino|si|pero|sera|seria)* (el|la|para)* (otro|siguiente|que (viene|sigue))"
"""After what is not meant: "este finde no, el otro"."""
_THIS_MONTH = "(este mes | mes en curso | mes actual | (corriente|presente) mes)"
_COMING = "(que (viene|entrante|sigue) | <after>)"


def _which(match: Match) -> str | None:
    if "r" in match or match["q"] in ("proximo", "siguiente"):
        return "next"
    return "this" if "q" in match else None


def _month(match: Match) -> int:
    value = match["m"]
    return 3 if value == "mar" else int(value)


def _years(match: Match) -> dict[str, int]:
    """Year or year shift that `_YEAR` captured."""
    if "y" in match:
        return {"year": match["y"]}
    if "z" in match:
        return {"year": 2000 + match["z"]}
    return {"year_shift": 1} if "t" in match else {}


def _point(**fields: int | str | None) -> Made:
    return Made("pt", Point(**fields))  # type: ignore[arg-type]


# --- what only looks like a date ---------------------------------------------------------------


def _nothing(_: Match) -> Made:
    return Made("x")


NOISE = Grammar(
    CLASSES,
    [
        (pattern, _nothing)
        for pattern in (
            # hours and parts of the day
            "(a|hasta|sobre|desde|de|tipo|entre|y|por|para|antes de|despues de)"
            " (la|las) (<n12>|<n31>|un) (y <count>|y media|y cuarto)?"
            " (?! noche|dia|semana|habitacion|persona|primero)",
            "(?<! el|dia|<wd>) <num> (de|en|por) la (manana|tarde|noche|madrugada)",
            "(la|las|cada|media|toda|este|buena|buenas) manana",
            # habits
            "(los|todo los|todos los|cada) <wd> ((y|a|','|o|e)+ (los)? <wd>)*",
            "(los|todos los) (finales de semana|finde)",
            "entre semana",
            # greetings and names
            "(feliz|felices|buen|buena|lindo|linda|excelente|disfruta|disfrute) (el|la)?"
            " (fin de? semana|finde|navidad|semana santa|ano nuevo|<wd>|puente|fiestas|dia|noche)",
            "(nombre (de|es|a)?|soy|llamo|senor|sr|don|dona|senora|sra|dr|doctor) (<month>|<wd>)",
            "santo <wd>",
            "(plaza|calle|avenida|av|avda|paseo|barrio|metro|estacion|museo|hotel|parque)"
            " (de|del|el|la)? <day> de <month>",
            "(plaza|calle|avenida|av|avda|parque) (de|del)? <month>",
            # spans of time that are no stay
            "hace (como|unos|unas|un par de|mas de|ya)? <count>? (dia|semana|mes|noche|ano|hora)",
            "(cada|ultimo|ultimos|llevo|llevamos|llevan|facturar a) <count> (dia|noche|semana|mes)",
            "(excursion|excursiones|tour|en) de? un dia",
            "<count> (dia|noche|semana|mes|hora) (de (antelacion|anticipacion|margen|plazo)"
            " | antes de | antes del | previo | previos | habil | habiles | laborable | laborables"
            " | despues de | a la semana | por semana | de la semana | al ano)",
            "(bebe|nino|tiene|tienen) (de)? <count> mes",
            "(?<! dentro) de <num> mes",
            "(todo|aqui) por hoy",
            "este noche no (hemos|he|pude|pudimos|dormi|dormimos)",
            "(visitar|ver|conocer|hacer|recorrer|limpio|limpiado|limpian) any{0,3}? en <count>"
            " (dia|semana|finde|fin de semana)",
            "cuanto (me|nos|te|le)? (salida|quedar)",
            "a (la)? salida de",
            "(reserva|codigo|referencia|localizador|numero|num|nro|telefono|tel|habitacion|cuarto)"
            " (numero|num|nro|n|es|':'|'#'|'°')+ (<n0>|<num>|<year>|<big>|'-'|<numdate>)+",
            "(abre|abren|abierto|abierta|cierra|cierran|atienden|funciona|funcionan|horario|sirven)"
            " any{0,4}? <wd> (a|al|hasta) (el)? <wd>",
            "(piso|planta|puerta) <num>",
            "<num> (en|por) ciento",
        )
    ],
)

# --- days and durations ------------------------------------------------------------------------


def _numeric_announced(match: Match) -> Made:
    day, month, year = match["d"]
    return _point(day=day, month=month, year=year, weekday=match["w"], numeric=year is None)


def _numeric(match: Match) -> Made:
    """All day and every day, and full marks, are no dates."""
    if match["d"] in ((24, 7, None), (10, 10, None)):
        return Made("x")
    return _numeric_announced(match)


def _numeric_on_weekday(match: Match) -> Made | None:
    return _numeric_announced(match) if "w" in match else None


def _bygone(_: Match) -> Made:
    return Made("past")


def _day_of_month(match: Match) -> Made:
    return _point(day=match.number("d"), month=_month(match), weekday=match["w"], **_years(match))


def _day_of_shifted_month(shift: int) -> Action:
    return lambda match: _point(day=match.number("d"), month_shift=shift, weekday=match["w"])


def _spoken_numeric(match: Match) -> Made:
    return _point(day=match.number("d"), month=match.number("m"), year=match["y"])


def _weekday(match: Match) -> Made:
    if "wk" in match:
        return _point(weekday=match["w"], weeks=1)
    if "tw" in match:
        return _point(weekday=match["w"], weeks=0)
    if "d" in match:
        return _point(weekday=match["w"], day=match["d"])
    return _point(weekday=match["w"], which="other" if "other" in match else _which(match))


def _weekday_after(match: Match) -> Made:
    return _point(weekday=match["w"], which="after next" if _which(match) == "next" else "after")


def _weekday_later(match: Match) -> Made | None:
    return _weekday_after(match) if match.number("n") == 8 else None


def _nth_weekday(match: Match) -> Made | None:
    nth = _ordinal(match)
    if nth is None:
        return None
    return Made("pt", replace(_month_in(match), weekday=match["w"], nth=nth))


def _ordinal(match: Match) -> int | None:
    said = match["o"]
    nth = said if isinstance(said, int) else _ORDINALS.get(said)
    return nth if nth is not None and nth <= 5 else None


def _from_today(match: Match) -> Made:
    count = 2 if "par" in match else match.number("n")
    unit = match["u"]
    if unit == "mes":
        return _point(months=count)
    return _point(days=count * {"dia": 1, "semana": 7, "quincena": 15}[unit])


def _idiom_in_days(match: Match) -> Made | None:
    days = {8: 7, 15: 14}.get(match.number("n"))
    if days is None:
        return None
    return _point(days=days + (1 if "t" in match else 0))


def _fixed(**fields: int | str) -> Action:
    return lambda match: _point(**fields, **_years(match))


def _spans(match: Match, *names: str) -> tuple[tuple[int, int, int], ...]:
    found = [(match.item(name), match[name]) for name in names if name in match]
    return tuple((item.start, item.end, value) for item, value in found if item is not None)


def _nights(match: Match) -> Made:
    if "par" in match:
        return Made("dur", Duration((2,), ((match.items[0].start, match.items[-3].end, 2),)))
    counts = tuple(match.number(name) for name in ("n", "k") if name in match)
    return Made("dur", Duration(counts, _spans(match, "n", "k")))


def _instead_of(match: Match) -> Made:
    return Made("dur", Duration((match.number("n"),), _spans(match, "n", "k")))


def _in_days(match: Match) -> Made:
    made = _nights(match)
    return Made("dur", replace(made.value, unit="dia"))


def _in_weeks(match: Match) -> Made:
    count = 2 if "par" in match else match.number("n")
    nights = 15 * count if match["u"] == "quincena" else 7 * count
    span = (match.items[0].start, match.items[-1].end, nights)
    return Made("dur", Duration((nights,), (span,), unit="semana"))


def _in_months(match: Match) -> Made:
    span = (match.part("n").start, match.items[-1].end, 30 * match.number("n"))
    return Made("dur", Duration((), (span,), match.number("n"), "mes"))


def _more_nights(match: Match) -> Made:
    sign = -1 if "less" in match else 1
    count = 2 if "par" in match else match["n"] or 1
    return Made("more", (sign * count, () if "day" in match else _spans(match, "n")))


def _shift(match: Match) -> Made:
    days = match.number("n") * (7 if match["u"] == "semana" else 1)
    return Made("shift", -days if "before" in match else days)


def _some_day(_: Match) -> Made:
    return Made("period", Period(lambda where: Outcome(problem="vague")))


_DAY = "d:(<day>|<n99>|primero)"
_WDAY = "((este|proximo|el)* w:<wd> ','? (el|dia|'(')*)?"
_PAR = "par:(un? par de)"

DAYS = Grammar(
    CLASSES,
    [
        ("d:<numdate> u:(persona|pax|estrella|pension|noche|horas|hora)", _nothing),
        ("(un|nota|puntuacion|doy|calificacion) d:<numdate>", _nothing),
        ("d:<numdate> (?= al|a|hasta|'-')", _numeric_announced),
        (f"{_WDAY} d:<numdate>", _numeric_on_weekday),
        ("(?<! el|del|al|desde|hasta|dia|entre|<wd>) d:<numdate>", _numeric),
        ("(?<= el|del|al|desde|hasta|dia|entre|<wd>) d:<numdate>", _numeric_announced),
        (f"{_WDAY} {_DAY} (de|del|'/'|'-'|'.')? (mes de)? m:<anymonth> {_YEAR}?", _day_of_month),
        (f"(este|proximo) {_DAY} de m:<anymonth> {_YEAR}?", _day_of_month),
        (
            f"{_DAY} (de|del)? m:<anymonth> {_YEAR}? (','|'(')? w:<wd> (?! <day>|a|al|hasta|y)",
            _day_of_month,
        ),
        ("(este|proximo) d:<day> (?! <unit>|<anymonth>|de|del|al|a|'-'|y|'/')", _weekday),
        ("(?<= el|dia|para|al) d:<day> ','? w:<wd>", _weekday),
        (f"{_WDAY} {_DAY} (de|del) (el|la)? {_NEXT_MONTH}", _day_of_shifted_month(1)),
        (
            f"{_WDAY} {_DAY} (de|del) (el|la)? ({_THIS_MONTH}|corriente|presente)",
            _day_of_shifted_month(0),
        ),
        (
            "m:(<month>|<mon>) d:(<day>|primero) (?! <unit>|de|del|'/'|<anymonth>|o|y)"
            " (',' y:<year>)?",
            _day_of_month,
        ),
        (
            "d:<day> ('-'|'.') m:<n12> '.'? ((del?|'-'|'.') y:<year>)? (?= al|a|hasta)",
            _spoken_numeric,
        ),
        ("d:<day> '.' m:<n12> (?= '-' <day> '.' <n12>)", _spoken_numeric),
        ("(?<= <n12> '-') d:<day> '.' m:<n12>", _spoken_numeric),
        # "Para 2 del 10 al 12" is a party and a range: here the month must be announced.
        (
            "(?<= el|del|desde|dia|entre|<wd>) d:<day> del m:<n12> (del? y:<year>)?"
            " (?= al|a|hasta)",
            _spoken_numeric,
        ),
        ("d:<day> del m:<n12> (?= (al|a|hasta) el? <day> del <n12>)", _spoken_numeric),
        (
            "(?<= al|a|hasta|el) d:<day> (del|'-'|'.') m:<n12> ((del?|'-'|'.') y:<year>)?"
            " (?! <unit>|<anymonth>|de|'-')",
            _spoken_numeric,
        ),
        ("d:<day> del m:<n12> (?! <unit>|<anymonth>|de|al|'-')", _spoken_numeric),
        ("q:(este|proximo)? w:<wd> (','|dia|el)* d:<day> (?! <unit>|<anymonth>|'-'|al)", _weekday),
        ("q:(este|proximo)? w:<wd> (','|dia|el)* d:<day> (?= al)", _weekday),
        (f"q:<which>? w:<wd> r:{_COMING}?", _weekday),
        ("other:otro w:<wd>", _weekday),
        ("q:este? w:<wd> other:(o|u) (el|para el)? (otro|que viene|siguiente)", _weekday),
        (f"no (para|a)? (este|el) q:proximo? w:<wd> r:{_COMING}? {_OTHER}", _weekday_after),
        (f"(este|el) q:proximo? w:<wd> r:{_COMING}? ','? no {_OTHER}", _weekday_after),
        (f"w:<wd> (de|en)? (la|el)? wk:{_NEXT_WEEK}", _weekday),
        ("w:<wd> de la wk:(proximo|siguiente|otra|que viene)", _weekday),
        ("w:<wd> de tw:(este semana)", _weekday),
        (f"wk:{_NEXT_WEEK} ','? (el)? w:<wd>", _weekday),
        ("tw:(este semana) ','? (el)? w:<wd>", _weekday),
        ("(este)? w:<wd> en n:<day> (dia)?", _weekday_later),
        (
            f"o:<ordinal> w:<wd> (de|del)"
            f" (m:<anymonth> {_YEAR}? | el? nm:{_NEXT_MONTH} | este mes)",
            _nth_weekday,
        ),
        ("hoy (mismo)?", _fixed(days=0)),
        ("hoy ((en|por|a|de) la)? noche", lambda _: Made("night", Point(days=0))),
        (
            "(dia de)? manana (mismo)? ((por|en|a|de) la (manana|tarde|noche|mediodia))?",
            _fixed(days=1),
        ),
        ("(?<= y|o|a|al|hasta) pasado (?! por|el|la|<wd>)", _fixed(days=2)),
        ("para (ahora|ahorita) mismo?", _fixed(days=0)),
        ("pasado ('-')? manana ((por|en|a|de) la (manana|tarde|noche))?", _fixed(days=2)),
        ("(desde|de|para) ayer (?= hasta|al|a)", _fixed(days=-1)),
        ("pasado dia? (<wd> | <day> de <month>) | <wd> pasado (?! manana)", _bygone),
        (f"({_FINDE}|semana|mes|noche) (pasado|pasada) (?! manana)", _bygone),
        ("(<day> (al|y) (el)?)? <day> de <month> pasado", _bygone),
        ("de (hoy|t:manana) en n:<day> (dia)?", _idiom_in_days),
        (
            f"(en|dentro de|de aqui a|de aca a|de hoy en) ((n:<count>)|{_PAR})"
            " u:(dia|semana|mes|quincena) (?! de)",
            _from_today,
        ),
        (
            f"((noche|dia|eve) de)? nochevieja {_YEAR}?",
            _fixed(day=31, month=12, festival="nochevieja"),
        ),
        (f"noche de fin de ano {_YEAR}?", _fixed(day=31, month=12, festival="nochevieja")),
        (f"(?<! a) fin de ano {_YEAR}?", _fixed(day=31, month=12, festival="fin de ano")),
        (f"noche de navidad {_YEAR}?", _fixed(day=24, month=12, festival="nochebuena")),
        (f"(dia de)? ano nuevo {_YEAR}?", _fixed(day=1, month=1, festival="ano nuevo")),
        (f"(noche de)? nochebuena {_YEAR}?", _fixed(day=24, month=12, festival="nochebuena")),
        ("dia de navidad", _fixed(day=25, month=12)),
        (f"(navidad|navidades) {_YEAR}?", _fixed(day=25, month=12, festival="navidad")),
        (
            "(?<= en|para|por|a|hasta|desde) (los)? reyes (magos)?",
            _fixed(day=6, month=1, festival="reyes"),
        ),
        ("dia de (los)? reyes (magos)?", _fixed(day=6, month=1)),
        ("(?<= antes de|despues de) (los)? reyes", _fixed(day=6, month=1)),
        ("noche de (los)? reyes (magos)?", _fixed(day=5, month=1, festival="nochevieja")),
        ("san valentin | dia de los enamorados", _fixed(day=14, month=2)),
        ("noche de san juan", _fixed(day=23, month=6, festival="nochevieja")),
        ("dia de (los)? muertos", _fixed(day=2, month=11)),
        (f"<wd> (santo|de gloria) {_YEAR}?", lambda match: _holy_week_day(match)),
        (f"<wd> de (ramos|pascua|resurreccion) {_YEAR}?", lambda match: _holy_week_day(match)),
        ("n:<count> (o|u|a|'-'|y) k:<count> noche", _nights),
        ("n:<count> noche (o|u) (por|de|para)? k:<count> (?! <unit>)", _nights),
        ("n:<long> noche", _nights),
        (f"{_PAR} noche", _nights),
        ("<count> dia (y|','|'/'|con|'-')* n:<count> noche", _nights),
        ("n:<count> noche (y|','|'/'|con|'-')* <count> dia", _nights),
        ("n:<count> dia", _in_days),
        ("n:<count> (o|u|a|'-') k:<count> dia", _in_days),
        (f"{_PAR} dia", _in_days),
        ("(un|algun|cualquier) <wd>", _some_day),
        ("(por|en|a|de) la (noche|tarde|madrugada)", lambda _: Made("part")),
        ("al mediodia", lambda _: Made("part")),
        (f"(?<! la) ((n:<count>)|{_PAR}) u:(semana|quincena)", _in_weeks),
        ("(por|durante|quedar) n:<count> mes", _in_months),
        ("n:<count> mes (?= desde|a partir|completo|entero)", _in_months),
        ("n:<count> noche (en vez|en lugar) de k:<count> noche?", _instead_of),
        (
            "(en vez|en lugar) de k:<count> noche (','|serian|seria|mejor|que|sean|quiero)*"
            " n:<count> (?! <unit>)",
            _instead_of,
        ),
        ("n:<count> noche (mas|extra|adicional)", _more_nights),
        ("otra (n:<count>)? noche (mas)?", _more_nights),
        ("otras n:<count> noche (mas)?", _more_nights),
        ("n:<count> day:dia (mas|extra|adicional)", _more_nights),
        (f"{_PAR} (noche|day:dia) (mas|extra|adicional)", _more_nights),
        ("n:<count> (noche|day:dia) less:menos", _more_nights),
        ("less:quitar (a|de)? n:<count> (noche|day:dia)", _more_nights),
        ("n:<count> u:(dia|semana) (before:antes|despues|mas tarde|luego) (?! de|del)", _shift),
    ],
)


def _holy_week_day(match: Match) -> Made | None:
    """Jueves Santo, Domingo de Ramos, Lunes de Pascua … as days from Easter Sunday."""
    weekday = match.items[0].value
    after = [item.value for item in match.items[1:3]]
    if "ramos" in after:
        offset = -7 if weekday == 6 else None
    elif "pascua" in after or "resurreccion" in after:
        offset = {6: 0, 0: 1}.get(weekday)
    else:
        offset = weekday - 6 if weekday < 6 else None
    return None if offset is None else _point(easter=offset, **_years(match))


# --- periods -----------------------------------------------------------------------------------


def _vague(first: date, last: date) -> Outcome:
    return Outcome(problem="vague", period=(first, last))


def _made_period(resolve: Callable[[Where], Outcome], hint: Point | None = None) -> Made:
    return Made("period", Period(resolve, hint))


def _weekend(match: Match) -> Made:
    which, next_week = _which(match), "wk" in match

    def resolve(where: Where) -> Outcome:
        today = where.today
        this = calendar.weekend(calendar.monday(today) + 5 * DAY)
        following = (this[0] + 7 * DAY, this[1] + 7 * DAY)
        if next_week:
            return Outcome((following,))
        if today.weekday() == 6:
            begun = which == "this"
            return Outcome((following,), problem="past" if begun else None)
        if today.weekday() == 5:
            return Outcome((following,) if which == "next" else ((today, this[1]), following))
        if which == "next":
            return Outcome((following,) if today.weekday() == 4 else (this, following))
        return Outcome((this,))

    return _made_period(resolve)


def _weekend_after(match: Match) -> Made:
    """ "Este finde no, el otro": a week after the one, or the ones, that may be meant."""
    resolve_one = _weekend(match).value.resolve

    def resolve(where: Where) -> Outcome:
        readings = resolve_one(where).readings
        return Outcome(tuple((first + 7 * DAY, last + 7 * DAY) for first, last in readings))

    return _made_period(resolve)


def _weekend_or_next(match: Match) -> Made:
    after, this = _weekend_after(match).value.resolve, _weekend(match).value.resolve
    return _made_period(lambda where: Outcome(this(where).readings + after(where).readings))


def _weekend_of_day(match: Match) -> Made:
    point = match["p"] or Point(day=match["d"])

    def resolve(where: Where) -> Outcome:
        day = dates(point, where.today, where.today)[0]
        if day.weekday() >= 4 or day.weekday() == 3:
            saturday = calendar.monday(day) + 5 * DAY
            near = [saturday]
        else:
            near = [
                calendar.monday(day) + 5 * DAY * step - 2 * DAY * (step == 0) for step in (0, 1)
            ]
        found = tuple(w for w in map(calendar.weekend, near) if w[0] >= where.today)
        return Outcome(found) if found else Outcome(problem="past")

    return _made_period(resolve)


def _weekend_of_days(match: Match) -> Made:
    """ "El finde del 20 y 21": those two days, or as weekends go, from the Friday before."""
    first = match["p"] or Point(day=match["d"])
    last = match["e"] or Point(day=match["f"])

    def resolve(where: Where) -> Outcome:
        said = stays(first, last, where.today)
        fridays = ((calendar.weekend(calendar.monday(start) + 5 * DAY)) for start, _ in said)
        usual = tuple(weekend for weekend in fridays if weekend[0] >= where.today)
        return Outcome(tuple(dict.fromkeys((*usual, *said))))

    return _made_period(resolve)


def _weekends_ahead(match: Match) -> Made:
    """ "Dentro de dos findes": whether this one counts differs from guest to guest."""
    count = match.number("n")

    def resolve(where: Where) -> Outcome:
        coming = calendar.monday(where.today) + 5 * DAY
        return Outcome(
            tuple(
                calendar.weekend(coming + 7 * DAY * ahead)
                for ahead in (count - 1, count)
                if calendar.weekend(coming + 7 * DAY * ahead)[0] >= where.today
            )
        )

    return _made_period(resolve)


def _nth_weekend(match: Match) -> Made | None:
    nth = _ordinal(match)
    if nth is None:
        return None
    month = _month_in(match)

    def resolve(where: Where) -> Outcome:
        for first, _ in _months(month, where.today):
            saturdays = calendar.saturdays(first.year, first.month)
            if nth <= len(saturdays):
                found = calendar.weekend(saturdays[nth] if nth < 0 else saturdays[nth - 1])
                if found[0] >= where.today:
                    return Outcome((found,))
        return Outcome(problem="past")

    return _made_period(resolve, month)


def _month_in(match: Match) -> Point:
    """The month a period lies in, as what it tells of its days."""
    if "m" in match:
        return Point(month=_month(match), **_years(match))  # type: ignore[arg-type]
    return Point(month_shift=1 if "nm" in match else 0)


def _months(month: Point, today: date) -> list[tuple[date, date]]:
    """First and last day of the months that a hint may stand for, from the one now running."""
    if month.month_shift is not None:
        first = calendar.add_months(today.replace(day=1), month.month_shift)
        return [(first, calendar.month_end(first.year, first.month))]
    shifted = today.year + month.year_shift if month.year_shift is not None else None
    year = month.year or shifted
    number = month.month or today.month
    coming = today.year + (number < today.month)
    years = (year,) if year else (coming, coming + 1)
    return [(date(year, number, 1), calendar.month_end(year, number)) for year in years]


def _part_of_month(match: Match) -> Made:
    part, month = match["part"], _month_in(match)

    def resolve(where: Where) -> Outcome:
        spans = [_part(part, first, last) for first, last in _months(month, where.today)]
        coming = [span for span in spans if span[1] >= where.today]
        return _vague(*coming[0]) if coming else Outcome(problem="past")

    return _made_period(resolve, month)


def _part(part: str | None, first: date, last: date) -> tuple[date, date]:
    if part in ("finales", "fin", "ultimos"):
        return first.replace(day=21), last
    if part == "mediados":
        return first.replace(day=11), first.replace(day=20)
    if part in ("principios", "primeros"):
        return first, first.replace(day=10)
    return first, last


def _end_of_year(_: Match) -> Made:
    def resolve(where: Where) -> Outcome:
        return _vague(date(where.today.year, 12, 20), date(where.today.year, 12, 31))

    return _made_period(resolve)


def _fortnight(match: Match) -> Made | None:
    nth = _ordinal(match)
    if nth not in (1, 2, -1):
        return None
    month = _month_in(match)

    def resolve(where: Where) -> Outcome:
        for first, last in _months(month, where.today):
            half = (first, first.replace(day=15)) if nth == 1 else (first.replace(day=16), last)
            if half[0] >= where.today:
                return Outcome((half,))
            if where.today < half[1]:
                return Outcome(problem="past")
        return Outcome(problem="past")

    return _made_period(resolve, month)


def _nth_week(match: Match) -> Made | None:
    nth = _ordinal(match)
    if nth is None:
        return None
    month = _month_in(match)

    def resolve(where: Where) -> Outcome:
        for first, last in _months(month, where.today):
            start = last - 6 * DAY if nth < 0 else first + 7 * DAY * (nth - 1)
            if start >= where.today:
                return _vague(start, min(start + 6 * DAY, last))
        return Outcome(problem="past")

    return _made_period(resolve, month)


def _week_of_day(match: Match) -> Made:
    point = match["p"] or Point(day=match["d"])

    def resolve(where: Where) -> Outcome:
        start = calendar.monday(dates(point, where.today, where.today)[0])
        return _vague(max(start, where.today), start + 6 * DAY)

    return _made_period(resolve)


def _week(weeks: int) -> Action:
    def resolve(where: Where) -> Outcome:
        start = calendar.monday(where.today) + 7 * DAY * weeks
        return _vague(max(start, where.today), start + 6 * DAY)

    return lambda _: _made_period(resolve, Point(weeks=weeks))


def _season(match: Match) -> Made:
    name = match["s"]
    return _made_period(lambda where: _vague(*calendar.season(name, where.country, where.today)))


def _some_weekend(match: Match) -> Made:
    if "m" in match:
        return _part_of_month(match)
    return _made_period(lambda where: Outcome(problem="vague"))


def _holy_week(match: Match) -> Made:
    """Thursday to Sunday, or the whole week from Palm Sunday: guests mean either."""
    easter = Point(easter=0, **_years(match))  # type: ignore[arg-type]

    def resolve(where: Where) -> Outcome:
        sunday = dates(easter, where.today, where.today)[0]
        whole, short = (sunday - 7 * DAY, sunday), (sunday - 3 * DAY, sunday)
        coming = tuple(stay for stay in (short, whole) if stay[0] >= where.today)
        return Outcome(coming) if coming else Outcome(problem="past")

    return _made_period(resolve)


def _bridge(match: Match) -> Made:
    """A long weekend: in on the eve of its first free day, out on its last, as with a weekend."""
    month = _month_in(match) if "m" in match else Point()
    feast, point = match["h"], match["p"]

    def resolve(where: Where) -> Outcome:
        today = where.today
        weekends = [
            run
            for year in (today.year, today.year + 1)
            for run in calendar.long_weekends(where.country, where.region, year)
            if run.first - DAY >= today
            and (month.month is None or run.holiday.month == month.month)
        ]
        runs = [_around_weekend(run) for run in weekends]
        if point or feast:
            named = point or _feast(str(feast), where.country)
            return _bridge_near(weekends, named, where, whole="day" not in match)
        if month.month is None:
            return Outcome(tuple(runs[:1])) if runs else Outcome(problem="vague")
        year = month.year or (today.year + month.year_shift if month.year_shift else None)
        runs = [run for run in runs if run[1].year == (year or runs[0][1].year)]
        plain = tuple(run for run in runs if not _at_christmas(run))
        return Outcome(plain or tuple(runs)) if runs else _vague(*_months(month, today)[-1])

    return _made_period(resolve, month if month.month else None)


def _at_christmas(run: tuple[date, date]) -> bool:
    return any((day.month, day.day) in ((12, 25), (1, 1)) for day in run) or (
        run[0].month == 12 and run[1].month == 12 and run[1].day > 24
    )


def _feast(name: str, country: str) -> Point:
    if name in _FEASTS_AFTER_EASTER:
        return Point(easter=_FEASTS_AFTER_EASTER[name])
    national = _NATIONAL_DAYS.get(country, (9, 15))
    month, day = _FEASTS.get(name, national)
    return Point(day=day, month=month)


def _around_weekend(run: calendar.LongWeekend) -> tuple[date, date]:
    return run.first - DAY, run.last


def _feast_day(match: Match) -> Made:
    """ "El Día de la Independencia" is a day to arrive, not yet a stay."""

    def resolve(where: Where) -> Outcome:
        day = dates(_feast(match["h"], where.country), where.today, where.today)[0]
        return Outcome(((day, None),))

    return _made_period(resolve)


def _around_feast(match: Match) -> Made:
    """ "El finde de la Constitución": the one before its day, or after, or the bridge."""

    def resolve(where: Where) -> Outcome:
        day = dates(_feast(match["h"], where.country), where.today, where.today)[0]
        return _vague(max(where.today, day - 3 * DAY), day + 3 * DAY)

    return _made_period(resolve)


def _moved_from(day: date, holiday: date) -> bool:
    return holiday.weekday() == 0 and -6 * DAY <= holiday - day <= 6 * DAY


def _bridge_near(
    runs: Sequence[calendar.LongWeekend], point: Point, where: Where, *, whole: bool
) -> Outcome:
    """The long weekend with a feast, or with the Monday near it that some countries move it to.

    `whole`: it was called a bridge, so that a working day may be taken off for it.
    """
    day = dates(point, where.today, where.today)[0]
    holidays = calendar.bank_holidays(where.country, where.region, day.year)
    near = [run for run in runs if run.first <= day <= run.last]
    if not near and day not in holidays:
        moved = [run for run in runs if _moved_from(day, run.holiday)]
        own = calendar.long_weekend(day, holidays)
        near = sorted(moved, key=lambda run: abs(run.holiday - day)) or ([own] if own else [])
    if not near or near[0].first - DAY < where.today or (near[0].bridged and not whole):
        return _vague(max(where.today, day - DAY), max(where.today, day + DAY))
    return Outcome((_around_weekend(near[0]),))


def _carnival(_: Match) -> Made:
    def resolve(where: Where) -> Outcome:
        tuesday = calendar.next_easter(where.today, -47)
        return _vague(tuesday - 4 * DAY, tuesday)

    return _made_period(resolve)


def _carnival_bridge(_: Match) -> Made:
    def resolve(where: Where) -> Outcome:
        tuesday = calendar.next_easter(where.today, -47)
        return Outcome(((tuesday - 4 * DAY, tuesday),))

    return _made_period(resolve)


def _holy_bridge(_: Match) -> Made:
    def resolve(where: Where) -> Outcome:
        sunday = calendar.next_easter(where.today + 3 * DAY, 0)
        return Outcome(((sunday - 3 * DAY, sunday),))

    return _made_period(resolve)


def _tonight(_: Match) -> Made:
    return Made("night", Point(days=0))


_IN_MONTH = f"(m:<anymonth> {_YEAR}? | nm:{_NEXT_MONTH} | (este)? mes)"
_OF_FEAST = "(de|del|la|las|los|el|dia|san|todo|todos|virgen|benito|fiestas|santo|pedro|y)*"

PERIODS = Grammar(
    CLASSES,
    [
        (f"(q:(este|proximo|siguiente|otro))? {_FINDE} r:{_COMING}?", _weekend),
        (f"no (para)? (el)? q:<which>? {_FINDE} r:{_COMING}? {_OTHER}", _weekend_after),
        (f"q:<which>? {_FINDE} r:{_COMING}? ','? no {_OTHER}", _weekend_after),
        (f"q:este? {_FINDE} (o|u) (el|para el)? (otro|que viene|siguiente)", _weekend_or_next),
        (f"{_FINDE} de (la)? wk:{_NEXT_WEEK}", _weekend),
        (f"wk:{_NEXT_WEEK} ','? (el)? {_FINDE}", _weekend),
        (f"{_FINDE} (de|del)? (d:<day>|p:<pt>) (?! al|a|hasta|'-'|y)", _weekend_of_day),
        (f"{_FINDE} (de|del) {_OF_FEAST} h:<feastword>", _around_feast),
        (f"{_FINDE} (de|del)? (p:<pt>|d:<day>) (y|'-') (el)? (f:<day>|e:<pt>)", _weekend_of_days),
        (f"(dentro de|en) n:<count> ({_FINDE}|finales de semana)", _weekends_ahead),
        (f"o:<ordinal> {_FINDE} (de|del) (el)? {_IN_MONTH}", _nth_weekend),
        (f"(un|algun|alguno|cualquier) {_FINDE} (de|en)? (m:<month> {_YEAR}?)?", _some_weekend),
        (f"{_FINDE} (de|en) m:<month> {_YEAR}?", _some_weekend),
        (
            f"(este|proximo)? ({_FINDE} | feriado) (extra|super)? (largo|xl|de puente) {_COMING}?"
            f" ((de|en) m:<month> {_YEAR}?)?",
            _bridge,
        ),
        (f"({_FINDE} largo | day:feriado | puente) {_OF_FEAST} h:<feastword>", _bridge),
        (f"dia (de|del) {_OF_FEAST} h:<feastword>", _feast_day),
        ("(fiestas) h:patrias", _bridge),
        (f"{_FINDE} h:(patrio|patrios)", _bridge),
        (f"({_FINDE} largo | day:feriado | puente) (de|del) p:<pt>", _bridge),
        (f"(este|proximo)? puente feriado? (de|en) (el mes de)? m:<month> {_YEAR}?", _bridge),
        (f"feriado (de|en) m:<month> {_YEAR}?", _bridge),
        ("(este|proximo|siguiente) (puente|feriado) (largo|festivo|feriado)?", _bridge),
        (f"(puente|feriado) {_COMING}", _bridge),
        ("(?<= reserva del|lo del) puente", _bridge),
        ("(?<= el|en|para) puente (?! aereo|colgante|romano|de|del)", _bridge),
        ("puente de carnaval", _carnival_bridge),
        ("carnaval", _carnival),
        ("puente de semana santa", _holy_bridge),
        (f"(semana (santa|mayor|de turismo) | semanasanta) {_YEAR}?", _holy_week),
        (f"o:<ordinal> quincena (de|del)? (el)? {_IN_MONTH}", _fortnight),
        (f"o:<ordinal> semana (de|del) (el)? {_IN_MONTH}", _nth_week),
        ("semana del? (d:<day>|p:<pt>) (?! al|a|hasta|'-')", _week_of_day),
        (
            "part:(finales|fin|mediados|principios|primeros|ultimos) dia? (de|del) (el|mes de)?"
            f" {_IN_MONTH}",
            _part_of_month,
        ),
        ("finales de ano", _end_of_year),
        ("(?<= a) fin de ano", _end_of_year),
        (f"(?<= <prep>) m:<month> (que viene)? {_YEAR}?", _part_of_month),
        (f"^ m:<month> {_YEAR}?", _part_of_month),
        (f"m:<month> {_YEAR}? (?= ','|'.'|'?')", _part_of_month),
        (f"m:<month> {_YEAR}? $", _part_of_month),
        ("m:<month> y:<year>", _part_of_month),
        (f"nm:{_NEXT_MONTH}", _part_of_month),
        (_THIS_MONTH, _part_of_month),
        ("(?<= en|este|para|proximo|durante|el|la|de|del) s:<season>", _season),
        (
            "(?<= en|para|por|durante) (la|las|los|el)* (fiestas|feria|fallas|sanfermines)"
            " ((de|del|la|las|los|el)* (<other>|<plural>|<month>|<season>|<feastword>))?",
            _some_day,
        ),
        (_NEXT_WEEK, _week(1)),
        ("este (mismo)? semana", _week(0)),
        ("este mismo? noche", _tonight),
        ("noche de hoy", _tonight),
    ],
)


def expressions(items: Sequence[Item]) -> list[Item]:
    """Items with <pt>, <dur>, <more>, <shift>, <period> and <night> in place of their words."""
    return PERIODS.reduce(DAYS.reduce(NOISE.reduce(items)))
