"""What guests type as name, e-mail and phone is understood, or refused with the reason."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conserje.contact import (
    InvalidContact,
    Name,
    check_name_part,
    parse_email,
    parse_name,
    parse_phone,
)

FORBIDDEN_BY_QLOAPPS = set('!<>,;?=+()@#"°{}_$%:¤|0123456789')


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("Ana Ruiz", "Ana", "Ruiz"),
        ("ana ruiz", "Ana", "Ruiz"),
        ("  ANA   RUIZ. ", "Ana", "Ruiz"),
        ("Ana Ruiz Gómez", "Ana", "Ruiz Gómez"),
        ("Gabriel García Márquez", "Gabriel", "García Márquez"),
        ("Juan Pablo Montoya", "Juan Pablo", "Montoya"),
        ("María José García", "María José", "García"),
        ("Mª José Sanz", "Mª José", "Sanz"),
        ("Ana María Ruiz de la Torre", "Ana María", "Ruiz de la Torre"),
        ("ANA MARÍA RUIZ DE LA TORRE", "Ana María", "Ruiz de la Torre"),
        ("maría del carmen gómez lópez", "María del Carmen", "Gómez López"),
        ("María de los Ángeles Pérez", "María de los Ángeles", "Pérez"),
        ("José Luis de la Fuente Pérez", "José Luis", "de la Fuente Pérez"),
        ("Ana de Armas", "Ana", "de Armas"),
        ("elena san martín", "Elena", "San Martín"),
        ("José Ortega y Gasset", "José", "Ortega y Gasset"),
        ("lluís companys i jover", "Lluís", "Companys i Jover"),
        ("Sinéad O’Connor", "Sinéad", "O'Connor"),
        ("sinéad o'connor", "Sinéad", "O'Connor"),
        ("federico garcía-lorca", "Federico", "García-Lorca"),
        ("Federico GarcíaLorca", "Federico", "GarcíaLorca"),
        ("J.L. Borges", "J.L.", "Borges"),
        ("Li Wu", "Li", "Wu"),
        ("Al Gore", "Al", "Gore"),
        ("Esteban Gracias", "Esteban", "Gracias"),
        ("Jose\u0301 Pen\u0303a", "José", "Peña"),
        ("Ruiz Gómez, Ana", "Ana", "Ruiz Gómez"),
        ("Ana, Ruiz Gómez", "Ana", "Ruiz Gómez"),
        ("de la Torre, Inés María", "Inés María", "de la Torre"),
        ("soy Ana Ruiz", "Ana", "Ruiz"),
        ("Hola, me llamo ana ruiz", "Ana", "Ruiz"),
        ("Mi nombre es Ana Ruiz", "Ana", "Ruiz"),
        ("Nombre: Ana Ruiz", "Ana", "Ruiz"),
        ("a nombre de Lucía Peña, gracias", "Lucía", "Peña"),
        ("la reserva a nombre de Lucía Peña por favor", "Lucía", "Peña"),
        ("Don Antonio Pérez", "Antonio", "Pérez"),
        ("soy la señora Carmen Vidal", "Carmen", "Vidal"),
        ("Ana Ruiz 😊", "Ana", "Ruiz"),
    ],
)
def test_a_name_is_split_as_spanish_speakers_would(typed: str, first: str, last: str) -> None:
    assert parse_name(typed) == Name(first, last)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("...", "empty"),
        ("👍", "empty"),
        ("600111222", "digits"),
        ("Ana Ruiz 2", "digits"),
        ("An4 Ruiz", "digits"),
        ("Ana", "missing_last_name"),
        ("soy Ana", "missing_last_name"),
        ("Don Antonio", "missing_last_name"),
        ("Ana y Luis", "missing_last_name"),
        ("Ana de", "missing_last_name"),
        ("ana@gmail.com", "characters"),
        ("Ana_Ruiz", "characters"),
        ("¿cuánto cuesta?", "characters"),
        ("<b>Ana</b> Ruiz", "characters"),
        ("Ana " + "Ruiz" * 9, "too_long"),
        ("Ruiz, " + "Ana" * 11, "too_long"),
        (" ".join(["ana"] * 14), "not_a_name"),
    ],
)
def test_what_is_no_full_name_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidContact) as caught:
        parse_name(typed)
    assert (caught.value.field, caught.value.reason) == ("name", reason)


def test_a_long_name_is_split_where_both_parts_fit() -> None:
    name = parse_name("María de los Ángeles Fernández de Córdoba y Álvarez de Toledo")

    assert f"{name.first} {name.last}" == (
        "María de los Ángeles Fernández de Córdoba y Álvarez de Toledo"
    )
    check_name_part(name.first)
    check_name_part(name.last)


@given(st.text(max_size=80))
def test_whatever_is_typed_a_parsed_name_is_one_that_qloapps_takes(typed: str) -> None:
    try:
        name = parse_name(typed)
    except InvalidContact:
        return
    for part in (name.first, name.last):
        assert 0 < len(part) <= 32
        assert not FORBIDDEN_BY_QLOAPPS & set(part)
        assert part == part.strip()


@pytest.mark.parametrize(
    "typed",
    [
        "ana.ruiz@gmail.com",
        "Ana.Ruiz@Gmail.COM",
        "ana.ruiz@gmail.com.",
        "ana.ruiz@gmail.com, gracias",
        "ana.ruiz @ gmail . com",
        "ana.ruiz@gmail. com",
        "mailto:ana.ruiz@gmail.com",
        "<ana.ruiz@gmail.com>",
        "Ana Ruiz <ana.ruiz@gmail.com>",
        "(ana.ruiz@gmail.com)",
        "mi correo es ana.ruiz@gmail.com",
        "Correo electrónico: ana.ruiz@gmail.com",
        "sí, es ana.ruiz@gmail.com",
        "escríbeme a ana.ruiz@gmail.com por favor",
        "ana.ruiz(at)gmail.com",
        "ana.ruiz arroba gmail punto com",
        "Ana punto Ruiz arroba Gmail punto com",
        "ana.ruiz\u200b@gmail.com\u00a0",
        "ana.ruiz＠gmail.com",
        "ana.ruiz@gmail.com 😊",
    ],
)
def test_an_address_is_read_however_loosely_it_was_typed(typed: str) -> None:
    assert parse_email(typed) == "ana.ruiz@gmail.com"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ana guion bajo ruiz arroba hotmail punto es", "ana_ruiz@hotmail.es"),
        ("ana guión ruiz arroba correo punto com punto mx", "ana-ruiz@correo.com.mx"),
        ("ana+hotel@gmail.com", "ana+hotel@gmail.com"),
        ("es@correo.es", "es@correo.es"),
        ("mi@mail.es", "mi@mail.es"),
        ("info@españa.es", "info@españa.es"),
        ("ana@hotel.example", "ana@hotel.example"),
        ("ana@hotel.test", "ana@hotel.test"),
    ],
)
def test_unusual_addresses_are_kept_as_they_are(typed: str, address: str) -> None:
    assert parse_email(typed) == address


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" ", "empty"),
        ("no tengo", "not_an_email"),
        ("ana", "not_an_email"),
        ("ana@gmail", "not_an_email"),
        ("ana@test", "not_an_email"),
        ("ana@gmail.c", "not_an_email"),
        ("@gmail.com", "not_an_email"),
        ("ana@@gmail.com", "not_an_email"),
        ("ana..ruiz@gmail.com", "not_an_email"),
        ("ana@gmail,com", "not_an_email"),
        ("ana ruiz@gmail.com", "not_an_email"),
        ("ana@gmail.com o luis@gmail.com", "not_an_email"),
        ("josé@gmail.com", "not_an_email"),
        ("ana@[127.0.0.1]", "not_an_email"),
        ('"ana ruiz"@gmail.com', "not_an_email"),
        ("ana@gma_il.com", "not_an_email"),
        ("600111222", "not_an_email"),
        ("ana@" + "hotel." * 22 + "com", "too_long"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidContact) as caught:
        parse_email(typed)
    assert (caught.value.field, caught.value.reason) == ("email", reason)


@given(st.text(max_size=60) | st.emails())
def test_whatever_is_typed_a_parsed_address_stays_the_same_when_parsed_again(typed: str) -> None:
    try:
        address = parse_email(typed)
    except InvalidContact:
        return
    assert parse_email(address) == address
    assert len(address) <= 128


@pytest.mark.parametrize(
    "typed",
    [
        "600111222",
        "600 111 222",
        "600-11-12-22",
        "600.111.222",
        "6 0 0 1 1 1 2 2 2",
        "+34600111222",
        "+34 600 111 222",
        "(+34) 600 111 222",
        "0034 600 111 222",
        "34600111222",
        "más 34 600 111 222",
        "mi teléfono es el 600111222, gracias",
        "tlf.: 600 111 222.",
        "600111222 📱",
    ],
)
def test_a_number_of_the_hotels_country_is_read_however_it_was_typed(typed: str) -> None:
    assert parse_phone(typed, "ES") == "+34600111222"


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("922 000 222", "ES", "+34922000222"),
        ("+1 (415) 555-2671", "ES", "+14155552671"),
        ("0049 1511 2345678", "ES", "+4915112345678"),
        ("4915112345678", "ES", "+4915112345678"),
        ("+44 7700 900123", "ES", "+447700900123"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("+34 600 111 222", "MX", "+34600111222"),
        ("310 123 4567", "CO", "+573101234567"),
    ],
)
def test_numbers_of_other_countries_are_read_too(typed: str, country: str, number: str) -> None:
    assert parse_phone(typed, country) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("no", "not_a_phone"),
        ("600 111 22", "not_a_phone"),
        ("600 111 2222", "not_a_phone"),
        ("123456789", "not_a_phone"),
        ("112", "not_a_phone"),
        ("+34 600", "not_a_phone"),
        ("600111222 o 600333444", "not_a_phone"),
        ("seis cero cero", "not_a_phone"),
        ("del 5 al 8 de marzo de 2027", "not_a_phone"),
        ("ana@gmail.com", "not_a_phone"),
    ],
)
def test_what_is_no_phone_number_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidContact) as caught:
        parse_phone(typed, "ES")
    assert (caught.value.field, caught.value.reason) == ("phone", reason)


@given(st.text(max_size=40))
def test_whatever_is_typed_a_parsed_number_is_plus_and_digits(typed: str) -> None:
    try:
        number = parse_phone(typed, "ES")
    except InvalidContact:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{6,16}", number)


def test_a_refusal_does_not_repeat_what_the_guest_typed() -> None:
    with pytest.raises(InvalidContact) as caught:
        parse_email("secreto de ana")
    assert "secreto" not in str(caught.value)
