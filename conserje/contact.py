"""A guest's name, e-mail and phone: from what guests type to what a PMS takes."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import Leniency, PhoneNumberMatcher

Field = Literal["name", "email", "phone"]
Reason = Literal[
    "empty",
    "digits",
    "characters",
    "too_long",
    "missing_last_name",
    "not_a_name",
    "not_an_email",
    "not_a_phone",
]

NAME_PART_LENGTH = 32
"""Characters of a first name, and of a surname, that QloApps takes."""
_EMAIL_LENGTH = 128
_NAME_WORDS = 12


class InvalidContact(Exception):
    """What was given cannot be used. Never holds the text itself."""

    def __init__(self, field: Field, reason: Reason) -> None:
        super().__init__(f"{field}: {reason}")
        self.field: Field = field
        self.reason: Reason = reason


@dataclass(frozen=True)
class Name:
    first: str
    last: str


# Names

_BEFORE_A_NAME = re.compile(
    r"(?:(?:hola|buen[oa]s(?: d[ií]as| tardes| noches)?|s[ií]|vale|ok|claro)(?:[,.!:]+\s*|\s+)"
    r"|(?:(?:(?:el|mi|a|al|su) )?nombre(?: completo)?(?: es| de| ser[ií]a)?"
    r"|(?:la )?reserva(?: es)?(?= a nombre)|(?:yo )?soy|me llamo|se llama|es|ser[ií]a)"
    r"(?:\s*:\s*|\s+)"
    r"|(?:el |la )?(?:don|do[ñn]a|d\.|d[ñn]a\.|sr\.?|sra\.?|srta\.?|señora?|señorita|dra?\.)\s+)",
    re.IGNORECASE,
)
_AFTER_A_NAME = re.compile(
    r"(?:[,.!]\s*|(?<=\w)\s+)(?:(?:muchas )?gracias|por favor|un saludo|saludos)[\s.!]*$"
    r"|[\s,;!.]+$",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    re.findall(r"\w+", "de del la las los da das do dos di du van von der den ter le san santa")
)
_CONJUNCTIONS = frozenset("yei")
# Second given names that are hardly ever surnames: "Ana María Ruiz" has one surname,
# "Ana Ruiz Gómez" two.
_SECOND_NAMES = frozenset(
    re.findall(
        r"\w+",
        "maria mª jose jesus luis carlos antonio manuel miguel angel angeles juan pablo carmen "
        "isabel teresa pilar ana luisa elena cristina rosa mercedes dolores javier francisco "
        "ignacio alberto eduardo enrique fernando fernanda alejandro andres pedro rafael ramon "
        "belen victoria soledad ines paula beatriz eugenia mar rocio nieves julia sofia daniel "
        "david laura marta lucia guadalupe esperanza",
    )
)


def parse_name(text: str) -> Name:
    """First name(s) and surname(s) of "Ana María Ruiz de la Torre", "RUIZ, ANA", "soy ana ruiz".

    Raises `InvalidContact` ("name"): empty, digits, characters, too_long, missing_last_name,
    not_a_name.
    """
    text = _without_courtesy(_clean(text))
    check_name_characters(text.replace(",", " "))
    before, comma, after = (part.split() for part in text.partition(","))
    if comma and before and after and _plain(before[0]) not in _SECOND_NAMES:
        return _name(_cased(after), _cased(before))
    words = _cased(text.replace(",", " ").split())
    if len(words) > _NAME_WORDS:
        raise InvalidContact("name", "not_a_name")
    units = _units(words)
    if len(units) < 2:
        raise InvalidContact("name", "missing_last_name")
    splits = [(units[:at], units[at:]) for at in _surnames_from(units)]
    fitting = [(first, last) for first, last in splits if _fits(first) and _fits(last)]
    return _name(*(fitting or splits)[0])


def check_name_characters(text: str) -> None:
    """Refuses what QloApps does not take in a name, and what is no part of one.

    Raises `InvalidContact` ("name"): empty, digits, characters.
    """
    if not any(character.isalpha() for character in text):
        digits = any(character.isdigit() for character in text)
        raise InvalidContact("name", "digits" if digits else "empty")
    if any(character.isnumeric() for character in text):
        raise InvalidContact("name", "digits")
    if not all(_in_a_name(character) for character in text):
        raise InvalidContact("name", "characters")


def check_name_part(text: str) -> None:
    """Whether `text` may be sent as first name or surname as it is.

    Raises `InvalidContact` ("name"): empty, digits, characters, too_long.
    """
    check_name_characters(text)
    if len(text) > NAME_PART_LENGTH:
        raise InvalidContact("name", "too_long")


def _in_a_name(character: str) -> bool:
    # QloApps' tables hold no character beyond the basic plane: a name is cut off there.
    if ord(character) > 0xFFFF:
        return False
    return character in " '-.·" or unicodedata.category(character)[0] in "LM"


def _without_courtesy(text: str) -> str:
    while True:
        shorter = _BEFORE_A_NAME.sub("", text, count=1) if _BEFORE_A_NAME.match(text) else text
        thanked = _AFTER_A_NAME.sub("", shorter)
        # "Gracias" is somebody's surname too.
        shorter = thanked if " " in thanked or "gracias" not in shorter.lower() else shorter
        if shorter == text:
            return text
        text = shorter


def _cased(words: Sequence[str]) -> list[str]:
    """Title case for what was typed all lower or all upper; "García-Lorca" stays as it is."""
    shouted = "".join(words).isupper()
    return [_cased_word(word) if shouted or word.islower() else word for word in words]


def _cased_word(word: str) -> str:
    if word.lower() in (_PARTICLES | _CONJUNCTIONS) - {"san", "santa"}:
        return word.lower()
    return re.sub(r"[^\s'.\-]+", lambda part: part[0].capitalize(), word)


def _units(words: Sequence[str]) -> list[str]:
    """What belongs together: "Ana", "María", "Ruiz", "de la Torre"; "Ortega y Gasset"."""
    units: list[str] = []
    joins = False
    for word in words:
        joins = joins or (bool(units) and word.lower() in _CONJUNCTIONS)
        if joins:
            units[-1] += f" {word}"
        else:
            units.append(word)
        joins = word.lower() in _PARTICLES | _CONJUNCTIONS
    if joins and len(units) > 1:  # "Ana de": a surname that was not finished
        unfinished = units.pop()
        units[-1] += f" {unfinished}"
    return units


def _surnames_from(units: Sequence[str]) -> list[int]:
    """Where the surnames may begin, the likeliest first."""
    if len(units) > 3:
        likeliest = len(units) - 2
    elif len(units) == 3 and _plain(units[1].split()[-1]) in _SECOND_NAMES:
        likeliest = 2
    else:
        likeliest = 1
    return sorted(range(1, len(units)), key=lambda at: abs(at - likeliest))


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _fits(units: Sequence[str]) -> bool:
    return len(" ".join(units)) <= NAME_PART_LENGTH


def _name(first: Sequence[str], last: Sequence[str]) -> Name:
    if not (_fits(first) and _fits(last)):
        raise InvalidContact("name", "too_long")
    return Name(" ".join(first), " ".join(last))


# E-mail

_SPOKEN = (
    (re.compile(r"\s*(?:[(\[]\s*(?:at|arroba)\s*[)\]]|\barroba\b)\s*"), "@"),
    (re.compile(r"\s+gui[oó]n\s+bajo\s+|\s+barra\s+baja\s+"), "_"),
    (re.compile(r"\s+gui[oó]n(?:\s+medio)?\s+"), "-"),
    (re.compile(r"\s+punto\s+"), "."),
    (re.compile(r"\s*@\s*"), "@"),
    (re.compile(r"\s*\.\s*(?=\S)"), "."),
)
_BEFORE_AN_EMAIL = re.compile(
    r"(?:hola|s[ií]|vale|claro|mi|el|es|ser[ií]a|al?|correo|e-?mail|mail|electr[oó]nico"
    r"|direcci[oó]n|escr[ií]beme|apunta|mailto)(?:[:,.]*\s+|[:,]+)"  # not of "vale.paz@…"
)
_AFTER_AN_EMAIL = re.compile(r"[\s,.]+(?:muchas\s+)?(?:gracias|por\s+favor)[\s.!]*$")


def parse_email(text: str) -> str:
    """The address in lower case; also of "ana @ gmail . com", "ana arroba gmail punto com".

    The domain is checked for its form only. Raises `InvalidContact` ("email"): empty,
    too_long, not_an_email.
    """
    text = unicodedata.normalize("NFKC", _clean(text)).lower()
    if not text:
        raise InvalidContact("email", "empty")
    bracketed = re.search(r"<([^<>]*)>", text)
    text = bracketed[1] if bracketed else text
    text = _AFTER_AN_EMAIL.sub("", text)
    for spoken, written in _SPOKEN:
        text = spoken.sub(written, text)
    text = text.strip(" \t.,;:!?¡¿<>()[]\"'")
    while (opening := _BEFORE_AN_EMAIL.match(text)) and "@" in text[opening.end() :]:
        text = text[opening.end() :]
    return _valid_email(text)


def _valid_email(text: str) -> str:
    if len(text) > _EMAIL_LENGTH:
        raise InvalidContact("email", "too_long" if "@" in text else "not_an_email")
    try:
        # "test_environment" lets the reserved domain .test pass, nothing else.
        valid = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise InvalidContact("email", "not_an_email") from None
    if not re.search(r"\.\w\w", valid.domain):
        raise InvalidContact("email", "not_an_email")
    return valid.normalized.lower()


# Phone


def parse_phone(text: str, country: str) -> str:
    """The number in E.164 (`+34600111222`), read as dialled in `country` (ISO 3166, "ES").

    Raises `InvalidContact` ("phone"): empty, not_a_phone.
    """
    text = unicodedata.normalize("NFKC", _clean(text)).lower()
    text = re.sub(r"\bm[aá]s\s*(?=\d)", "+", text)
    if not text:
        raise InvalidContact("phone", "empty")
    # With a "+", a number that the library's tables do not know yet is the guest's own affair.
    leniency = Leniency.POSSIBLE if "+" in text else Leniency.VALID
    found = {_e164(match.number) for match in PhoneNumberMatcher(text, country, leniency)}
    found = found or _without_plus(text)
    if len(found) != 1:
        raise InvalidContact("phone", "not_a_phone")
    return found.pop()


def _without_plus(text: str) -> set[str]:
    """A foreign number typed with its country's code but no "+" or "00"."""
    digits = re.sub(r"\D", "", text)
    # Shorter ones are rather a number of this country with a digit missing.
    if len(digits) < 11 or re.search(r"[^\W\d]", text):
        return set()
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return set()
    return {_e164(number)} if phonenumbers.is_valid_number(number) else set()


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _clean(text: str) -> str:
    """Without emoji and invisible characters; single spaces, straight apostrophes."""
    text = unicodedata.normalize("NFC", re.sub(r"[’‘´`]", "'", text))
    return " ".join("".join(c for c in text if c.isspace() or not _ornament(c)).split())


def _ornament(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Cc", "Cf", "So")
        or "\ufe00" <= character <= "\ufe0f"  # forms of an emoji
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )
