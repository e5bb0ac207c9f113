"""What holds for every date, every day of the year as today, and every message."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from nlu.stay import StayContext, StayMention, parse_party, parse_stay

_MADRID = ZoneInfo("Europe/Madrid")
_MONTH_NAMES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
_MONTHS = (*_MONTH_NAMES.split(), "diciembre")
_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_NUMBER_WORDS = """
    cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
    dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro
    veinticinco veintiséis veintisiete veintiocho veintinueve treinta
"""
_NUMBERS = (*_NUMBER_WORDS.split(), "treinta y uno")

_todays = st.dates(date(2024, 1, 1), date(2031, 12, 31))
_ahead = st.integers(1, 300)
_nights = st.integers(1, 20)

_WHOLE_RANGES = (
    "del {a.day} de {am} al {b.day} de {bm}",
    "del {a.day} de {am} de {a.year} al {b.day} de {bm} de {b.year}",
    "desde el {a.day} de {am} hasta el {b.day} de {bm}",
    "entre el {a.day} de {am} y el {b.day} de {bm}",
    "{a.day}/{a.month} al {b.day}/{b.month}",
    "{a:%d/%m/%Y} - {b:%d/%m/%Y}",
    "del {a:%d/%m/%y} al {b:%d/%m/%y}",
    "del {a:%d-%m-%Y} al {b:%d-%m-%Y}",
    "{a} a {b}",
    "entrada el {a.day} de {am} y salida el {b.day} de {bm}",
    "llegamos el {aw} {a.day} de {am} y nos vamos el {bw} {b.day} de {bm}",
    "del {aw} {a.day} de {am} al {bw} {b.day} de {bm}",
    "HOLA!! del {a.day} {am} al {b.day} {bm} para 2 personas",
    "del {an} de {am} al {bn} de {bm}",
    "{n} noches desde el {a.day} de {am}",
    "el {a.day} de {am} por {n} noches",
    "{nn} noches a partir del {an} de {am}",
    "del {a.day} de {am} al {b.day}",
    "del {a.day} al {b.day} de {bm}",
)


def _context(today: date, **known: object) -> StayContext:
    now = datetime(today.year, today.month, today.day, 10, tzinfo=_MADRID)
    return StayContext(now=now, **known)  # type: ignore[arg-type]


def _said(form: str, start: date, end: date) -> str:
    nights = (end - start).days
    return form.format(
        a=start,
        b=end,
        am=_MONTHS[start.month - 1],
        bm=_MONTHS[end.month - 1],
        aw=_WEEKDAYS[start.weekday()],
        bw=_WEEKDAYS[end.weekday()],
        an=_NUMBERS[start.day],
        bn=_NUMBERS[end.day],
        n=nights,
        nn="una" if nights == 1 else _NUMBERS[nights],
    )


@given(today=_todays, ahead=_ahead, nights=_nights, form=st.sampled_from(_WHOLE_RANGES))
def test_a_stay_said_in_any_form_on_any_day_of_the_year_is_read_back(
    today: date, ahead: int, nights: int, form: str
) -> None:
    start = today + timedelta(ahead)
    end = start + timedelta(nights)
    text = _said(form, start, end)
    mention = parse_stay(text, _context(today))
    assert mention is not None, text
    assert (mention.check_in, mention.check_out) == (start, end), text


@given(today=_todays, ahead=st.integers(0, 25), nights=st.integers(1, 15))
def test_days_without_a_month_are_the_next_to_come(today: date, ahead: int, nights: int) -> None:
    start = today + timedelta(ahead)
    end = start + timedelta(nights)
    assume(ahead + nights < 27)
    mention = parse_stay(f"del {start.day} al {end.day}", _context(today))
    assert mention is not None
    assert (mention.check_in, mention.check_out) == (start, end)


@given(today=_todays, said=st.sampled_from(["este finde", "el fin de semana", "el próximo finde"]))
def test_a_weekend_is_from_friday_to_sunday_or_asked(today: date, said: str) -> None:
    mention = parse_stay(said, _context(today))
    assert mention is not None
    stays = mention.candidates or ((mention.check_in, mention.check_out),)
    for check_in, check_out in stays:
        assert check_in is not None
        assert check_out is not None
        assert check_out.weekday() == 6
        assert check_in == today or check_in.weekday() == 4
        assert today <= check_in <= today + timedelta(12)


@given(today=_todays, ahead=_ahead, nights=_nights, more=st.integers(1, 5))
def test_correcting_one_end_keeps_the_month_that_is_known(
    today: date, ahead: int, nights: int, more: int
) -> None:
    start = today + timedelta(ahead)
    end = start + timedelta(nights + more)
    known = _context(today, check_in=start, check_out=start + timedelta(nights))
    assume((end - start).days <= 20)
    mention = parse_stay(f"mejor hasta el {end.day}", known)
    assert mention is not None
    assert (mention.check_in, mention.check_out) == (None, end)


_PIECES_TEXT = """
del 3 al 7 de mayo|el 12|el 31|el viernes|este viernes|el próximo lunes|que viene|mañana|hoy
hasta el 9|desde el 4|salida el 10|llego el 5 de enero|2 noches|tres días|una semana|este finde
el último finde de mayo|Semana Santa|puente de diciembre|en agosto|a finales de marzo|no,|o|y|,
perdón|mejor|en vez de|una noche más|un día antes|esta noche|Nochevieja|31 de febrero|3/5|5/13
2026-06-03|para 2 personas|50 euros|a las 3|la semana que viene|dentro de un mes|12 y 13|2 o 3
noches|al|del|el|15 de julio de 2025|quincena|primera quincena de agosto|de 2029|ayer|29/2
antes del 5|una semana después|adelantar la llegada|el otro lunes|un finde|entre el 3 y el 20
"""
_PIECES = st.sampled_from(_PIECES_TEXT.strip().replace("\n", "|").split("|"))
_known_days = st.one_of(st.none(), st.integers(0, 100))


def _sane(mention: StayMention, text: str, today: date) -> None:
    for check_in, check_out in ((mention.check_in, mention.check_out), *mention.candidates):
        assert check_in is None or check_in >= today, text
        assert check_out is None or check_out > (check_in or today), text
    assert not mention.candidates or mention.check_in is mention.check_out is None, text
    assert not mention.problem or mention.check_in is mention.check_out is None, text
    if not mention.problem:
        assert len(mention.candidates) != 1, text
    for span in mention.spans:
        assert text[span.start : span.end].strip() == text[span.start : span.end] != "", text
    json.dumps(mention.to_dict())


@given(
    today=_todays,
    pieces=st.lists(_PIECES, min_size=1, max_size=5),
    ahead=_known_days,
    nights=st.one_of(st.none(), st.integers(1, 9)),
    awaiting=st.sampled_from([None, "dates", "check_in", "check_out", "nights", "party"]),
)
def test_no_message_gives_a_stay_that_is_past_or_ends_before_it_begins(
    today: date, pieces: list[str], ahead: int | None, nights: int | None, awaiting: str | None
) -> None:
    start = None if ahead is None else today + timedelta(ahead)
    end = start + timedelta(nights) if start and nights else None
    text = " ".join(pieces)
    context = _context(today, check_in=start, check_out=end, nights=nights, awaiting=awaiting)
    mention = parse_stay(text, context)
    if mention:
        _sane(mention, text, today)


@given(text=st.text(), awaiting=st.sampled_from([None, "dates", "party", "child_ages", "rooms"]))
def test_any_text_at_all_is_read_without_failing(text: str, awaiting: str | None) -> None:
    today = date(2026, 5, 13)
    mention = parse_stay(text, _context(today, awaiting=awaiting))
    if mention:
        _sane(mention, text, today)
    parse_party(text, awaiting)


@given(
    adults=st.integers(2, 9),
    ages=st.lists(st.integers(1, 17), min_size=2, max_size=4),
    words=st.booleans(),
)
def test_adults_and_children_with_ages_are_read_back(
    adults: int, ages: list[int], words: bool
) -> None:
    def number(value: int) -> str:
        return _NUMBERS[value] if words else str(value)

    listed = ", ".join(map(number, ages[:-1])) + " y " + number(ages[-1])
    text = f"somos {number(adults)} adultos y {number(len(ages))} niños de {listed} años"
    party = parse_party(text)
    assert party is not None
    assert (party.adults, party.children, list(party.child_ages)) == (adults, len(ages), ages)
    assert party.people == adults + len(ages)
