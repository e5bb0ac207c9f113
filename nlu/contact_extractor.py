"""E-mail addresses, telephones and booking references, which have a form and need no learning."""

from __future__ import annotations

import re

import phonenumbers
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.component import RuleComponent
from nlu.entities import Entity, add_entities, entity

_EMAIL = re.compile(r"[\w.+-]+ ?@ ?[\w-]+(?: ?\. ?[a-z0-9-]{2,})+|[\w.+-]+@[\w-]+", re.IGNORECASE)
_SPOKEN_EMAIL = re.compile(
    r"\b[\w.+-]+(?: (?:punto|guion|guion bajo) [\w+-]+)* arroba [\w-]+(?: punto [\w-]+)+",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d ().-]{5,18}\d(?![\w/]|[.-]\d)")
_REFERENCE = re.compile(r"\b[A-Z]{9}\b")
_TO_29 = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro "
    "veinticinco veintiseis veintisiete veintiocho veintinueve"
)
_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
)
_WORD = re.compile(r"[a-z]+")
_NUMBERS = {
    **{word: number for number, word in enumerate(_WORD.findall(_TO_29))},
    **{word: 30 + 10 * number for number, word in enumerate(_WORD.findall(_TENS))},
    **{word: 100 + 100 * number for number, word in enumerate(_WORD.findall(_HUNDREDS))},
}
_SPOKEN_DIGITS = re.compile(
    rf"(?:\bm[aá]s )?\b(?:(?:{'|'.join(_NUMBERS)})\b[\s,.-]*(?:y\b\s*)?){{4,}}", re.IGNORECASE
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ContactExtractor(RuleComponent):
    """Finds `email`, `phone` and `booking_reference`; values are as they are written to."""

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                country = (message.get("metadata") or {}).get("country", "ES")
                add_entities(message, contacts(text, country))
        return messages


def contacts(text: str, country: str) -> list[Entity]:
    """The entities of the text; `country` (ISO) is where a number without prefix belongs."""
    emails = [
        *(_found("email", one, _written(one.group())) for one in _SPOKEN_EMAIL.finditer(text)),
        *(_found("email", one, one.group().replace(" ", "")) for one in _EMAIL.finditer(text)),
    ]
    references = [
        _found("booking_reference", one, one.group())
        for one in _REFERENCE.finditer(text)
        if not text.isupper() or len(text) == len(one.group())
    ]
    phones = [
        _found("phone", one, one.group())
        for one in _PHONE.finditer(text)
        if _is_phone(one.group(), country)
    ]
    if not phones:
        spoken = ((one, _digits(one.group())) for one in _SPOKEN_DIGITS.finditer(_bare(text)))
        phones = [_found("phone", one, said) for one, said in spoken if _is_phone(said, country)]
    return [*emails, *references, *phones]


def _found(name: str, match: re.Match[str], value: str) -> Entity:
    return entity(name, value, match.start(), match.end(), "ContactExtractor")


def _written(spoken: str) -> str:
    said = re.sub(r" arroba ", "@", spoken, flags=re.IGNORECASE)
    said = re.sub(r" punto ", ".", said, flags=re.IGNORECASE)
    said = re.sub(r" guion bajo ", "_", said, flags=re.IGNORECASE)
    return re.sub(r" guion ", "-", said, flags=re.IGNORECASE)


def _bare(text: str) -> str:
    """Without accents, each letter at its place."""
    return text.translate(str.maketrans("áéíóúÁÉÍÓÚ", "aeiouAEIOU"))


def _digits(spoken: str) -> str:
    """ "Seiscientos doce, treinta y cuatro" is 61234: what may be one number is one."""
    groups: list[int] = []
    joins = False
    for word in _WORD.findall(spoken.lower()):
        number = _NUMBERS.get(word)
        if number is None:
            joins = word == "y"
            continue
        last = groups[-1] if groups else 0
        fits = last >= 100 and last % 100 == 0 and 0 < number < 100
        if groups and (fits or (joins and last % 10 == 0 and 0 < number < 10)):
            groups[-1] += number
        else:
            groups.append(number)
        joins = False
    sign = "+" if re.match(r"m[aá]s\b", spoken, re.IGNORECASE) else ""
    return sign + "".join(map(str, groups))


def _is_phone(said: str, country: str) -> bool:
    """Whether it could be called: dates and prices have too few digits or another form."""
    if not 7 <= sum(map(str.isdigit, said)) <= 15:
        return False
    try:
        number = phonenumbers.parse(said, country)
    except phonenumbers.NumberParseException:
        return False
    digits = re.sub(r"\D", "", said)
    return phonenumbers.is_possible_number(number) or len(digits) >= 9
