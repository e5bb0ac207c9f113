"""How dates, money and counts are said to a Spanish-speaking guest."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency

_LOCALE = "es_ES"


def money(amount: Decimal, currency: str) -> str:
    """`187,00 €`; whole amounts keep their cents, as on a bill."""
    return format_currency(amount, currency, locale=_LOCALE).replace("\xa0", " ")


def short_money(amount: Decimal, currency: str) -> str:
    """`187 €`, `93,50 €`: for a button, where every character counts."""
    if amount != int(amount):
        return money(amount, currency)
    return format_currency(
        amount, currency, "#,##0 ¤", locale=_LOCALE, currency_digits=False
    ).replace("\xa0", " ")


def day(on: date, *, year: bool = False) -> str:
    """`jueves 10 de diciembre`, with the year where it matters."""
    pattern = "EEEE d 'de' MMMM 'de' y" if year else "EEEE d 'de' MMMM"
    return format_date(on, pattern, locale=_LOCALE)


def stay(check_in: date, check_out: date, today: date) -> str:
    """`del jueves 10 al sábado 12 de diciembre (2 noches)`; the year when it is not this one."""
    year = check_out.year != today.year
    if (check_in.month, check_in.year) == (check_out.month, check_out.year):
        start = format_date(check_in, "EEEE d", locale=_LOCALE)
    else:
        start = day(check_in, year=check_in.year != check_out.year)
    return f"del {start} al {day(check_out, year=year)} ({nights((check_out - check_in).days)})"


def clock(at: time | datetime) -> str:
    """`14:00`."""
    return at.strftime("%H:%M")


def count(number: int, singular: str, plural: str) -> str:
    """`1 noche`, `2 noches`."""
    return f"{number} {singular if number == 1 else plural}"


def nights(number: int) -> str:
    return count(number, "noche", "noches")


def rooms(number: int) -> str:
    return count(number, "habitación", "habitaciones")


def party(adults: int, child_ages: Sequence[int]) -> str:
    """`2 adultos, 2 niños (5 y 8 años) y 1 bebé`; a child of 0 years is a baby."""
    said = [count(adults, "adulto", "adultos")]
    years = sorted(age for age in child_ages if age)
    babies = len(child_ages) - len(years)
    if years:
        ages = f"{enumeration([str(age) for age in years])} {_years(years[-1])}"
        said.append(f"{count(len(years), 'niño', 'niños')} ({ages})")
    if babies:
        said.append(count(babies, "bebé", "bebés"))
    return enumeration(said)


def _years(number: int) -> str:
    return "año" if number == 1 else "años"


def enumeration(items: Sequence[str], *, last: Literal["y", "o"] = "y") -> str:
    """`a, b y c`; with `last="o"`, `a, b o c`."""
    return format_list(list(items), style="standard" if last == "y" else "or", locale=_LOCALE)


def short_day(on: date) -> str:
    """`10 dic`, for a button."""
    return format_date(on, "d MMM", locale=_LOCALE)
