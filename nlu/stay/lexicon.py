"""The closed vocabulary: numbers, months, weekdays, spellings of one word, and mended typos.

All keys are normalised: lower case, no accents ("ano" is "año", "manana" is "mañana").
"""

from __future__ import annotations

from functools import lru_cache

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene",
            "febrero feb febr",
            "marzo",
            "abril abr",
            "mayo may",
            "junio jun",
            "julio jul",
            "agosto ago",
            "septiembre setiembre sep sept set",
            "octubre oct",
            "noviembre nov",
            "diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
"""Unmistakable names of months; "mar" is also the sea and Tuesday, so the grammar decides."""

SHORT_MONTHS = frozenset(name for name in MONTHS if len(name) <= 4 and name != "mayo")

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lunes lun",
            "martes",
            "miercoles mie mier",
            "jueves jue",
            "viernes vie vier",
            "sabado sab",
            "domingo dom",
        )
    )
    for name in names.split()
}

_UNITS = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
_TENS = {
    "veinte": 20,
    "treinta": 30,
    "cuarenta": 40,
    "cincuenta": 50,
    "sesenta": 60,
    "setenta": 70,
    "ochenta": 80,
    "noventa": 90,
}
UNITS = {word: number for number, word in enumerate(_UNITS.split()) if 0 < number < 10} | {
    "un": 1,
    "una": 1,
}

STEMS = {"dieci": 10, "veinti": 20}


def _number_words() -> dict[str, int]:
    words = {word: number for number, word in enumerate(_UNITS.split())} | dict(_TENS)
    words |= {"un": 1, "primero": 1, "ventiuno": 21, "ventidos": 22, "venticinco": 25}
    for unit, value in UNITS.items():
        for stem, ten in STEMS.items():
            words[stem + unit] = ten + value
        for ten_word, ten in _TENS.items():
            words[f"{ten_word[:-1]}i{unit}"] = ten + value
            words[f"{ten_word}i{unit}"] = ten + value
            words[f"{ten_word}y{unit}"] = ten + value
    for wrong in ("dieciuno", "diecidos", "diecitres", "diecicuatro", "diecicinco"):
        del words[wrong]
    return words


NUMBERS = _number_words()
TENS = frozenset(_TENS)

_SPELLINGS = """
adelantar: adelantalo adelantala adelanta adelanten adelantad adelantame adelantenme adelanto
adelantar: adelantamos adelantarla adelantarlo adelante adelantaria
atrasar: correr correrla corrernos corre corres corran corren corra corremos retrasaran retrasen
atrasar: atrasen atrasalo atrasala retrasalo retrasala atrasa atrasad atrasame retrasa retrasad
atrasar: retrasame pospon pospongan posterga recorrer recorrerla recorrernos recorran recorra
atrasar: atrasarla retrasarla atraso atrasamos retrasar retraso retrasamos posponer pospongo
atrasar: postergar aplazar demorar
alargar: alarga alarguen alargad alargame extiende extiendan amplia amplien prolonga sumale sumarle
alargar: agregale anadele anadirle agregarle agrega agregame agreguen agregad anade anademe anadan
alargar: anadid suma sume sumen incluye alargalo alargala extiendelo extiendela ampliala incluir
alargar: incluyan incluyeme alargo alargamos extender extiendo extendemos prolongar prolongo
alargar: prolongamos ampliar amplio ampliamos agregar anadir sumar agrego anado agregamos anadimos
alargar: aumentar extenderla alargarla
noche: noches nochecita nochecitas nts nt nch nches nche noxe noxes nox noc nocs
dia: dias diita diitas
semana: semanas semanita semanitas sem
mes: meses
quincena: quincenas
finde: fnde fnd findee findes findesemana fds weekend finsemana fdsemana
puente: puentes puentazo
feriado: feriados festivo festivos
ano: anos anitos anito anyos
euro: euros eur
peso: pesos mxn cop clp ars usd dolar dolares sol soles quetzal quetzales lempiras colones
hora: horas hrs hs hr
minuto: minutos min mins
persona: personita personitas per prs personas pers persnas prsonas
pax: paxs
adulto: ad ads adul adts adt adl adls adultos adulta adultas adult adults mayores
huesped: ingenieros tecnicos trabajadores trabajadoras obreros operarios estudiantes alumnos alumnas
huesped: jubilados jubiladas profesores profesoras docentes medicos musicos jugadores jugadoras
huesped: deportistas ciclistas motociclistas peregrinos peregrinas turistas scouts funcionarios
huesped: viejitos viejitas muchachos muchachas mujeres hombres varones caballeros damas senores
huesped: senoras jovenes ancianos asistentes integrantes miembros comensal individuos huespedes
huesped: viajero viajeros pasajero pasajeros comensales ocupantes ocupante invitados
amigo: cuate cuates pana panas parcero parceros compa compas amigos amiga amigas companeros
amigo: companeras companero companera colegas
nino: ninos nina ninas hijo hijos hija hijas hijito hijitos hijita hijitas nene nenes nena nenas
nino: peque peques pequeno pequenos pequena pequenas menor menores infante infantes chiquillo
nino: chiquillos chiquilla nietos nieto nieta nietas sobrino sobrinos sobrina sobrinas chamaco
nino: chamacos chamaca crio crios criatura criaturas chavito chavitos adolescente adolescentes pibe
nino: pibes piba pibas chiquito chiquitos chiquita chiquitas guri gurises patojo patojos chaval
nino: chavales nin chd chld kid kids ninito ninitos ninita ninitas enano enanos chicos chico
bebe: bebes bebito bebita bebitos guagua guaguas wawa wawas lactante lactantes bb baby
habitacion: habitaciones hab habs cuarto cuartos pieza piezas recamara recamaras room rooms
habitacion: habitacio alcoba alcobas hbitacion abitacion abitaciones
estudio: estudios
apartamento: apartamentos departamento departamentos depto deptos apto aptos
suite: suites
el: els pal pa'l pa’l
para: pa pra xa pa' pa’
por: x
que: q ke
de: d
proximo: proxima prox proximos proximas
siguiente: siguientes
primero: primer primera
ultimo: ultima
segundo: segunda
tercero: tercer tercera
cuarto: cuarta
finales: final fines
principios: principio comienzo comienzos inicio inicios
mediados: mediado
este: esta
un: una
mismo: misma
adicional: adicionales
extra: extras
quitar: quita quitale quitame quiten quitarle quitarme quitamos quito quite quitenle resta restar
quitar: restale restarle resten recortar recorta recortame recorten recortarle recortamos reducir
quitar: quitad reduce reducirle descontar descuenta
entrante: entra
llegada: in arrival ing arribo llegar llego llegamos llegaria llegariamos llegando llegare
llegada: llegaremos llega llegan lleguemos arribamos arribar entro entramos entrando entrar entraria
llegada: entrariamos ingreso ingresamos ingresar ingresando ingresaria entrada checkin chekin
llegada: arribaria arribariamos entraremos llegariamo
salida: out departure egr salir salgo salimos saldria saldriamos saldre saldremos sale salen
salida: saliendo checkout chekout regreso regresamos vuelvo volvemos egreso retiro retiramos partida
salida: partimos retirandonos retirandome volviendo regresando yendonos marchandonos salgamos
salida: volveriamos volveria regresaria regresariamos regresar volver marcho marchamos marcharnos
salida: irme irnos irse egresamos retirada salga
quedar: quedo quedamos quedarme quedarnos quedaria quedariamos quedarse estar estamos estaria
quedar: estariamos estaremos estare estancia estadia alojarme alojarnos alojamos
cama: camas
estrella: estrellas
piso: pisos
planta: plantas
vez: veces
hoy: oy hoi
manana: mnn mnna mana mannana manyana mannhana
semanasanta: semanasanta
hasta: asta hsta
desde: desd dsd dsde dde
dejar: dejamos dejo dejaria dejariamos dejaremos dejare dejando
nochevieja: nochebieja
carnaval: carnavales
"""
LEMMAS = {
    spelling: lemma
    for line in _SPELLINGS.strip().splitlines()
    for lemma, spellings in [line.split(": ")]
    for spelling in spellings.split()
}
SIGNS = {"–": "-", "—": "-", "−": "-", "→": "-", "‐": "-", "€": "euro", "$": "peso", "￥": "peso"}

# Words one letter away from the vocabulary that mean something else.
_OTHER_WORDS_TEXT = """
    abrir mayor mayores vienes vieron martas marte marco marzal partes antes junto juntos junta
    jugos luces lentes nuevas nueve nueves nuevos jueces juegos seria semanal semanales mananero
    manzana ventana sabados domingos sabana sabanas sabado llegado llegados salidas agotado agota
    agosta puentes fuente puesto febrera noches nochera persona personal adulta nina hijos
    salido saludo saldo saluda entradas quincenal vierne mares mayas maya mejor julia julian junior
    entero pagado perdona perdonas perdone domino dominio salita saliva salada sabida solida lunas
    abrio agoto angosto sabido sacado salado finge parado pasando pasada pasados nidos llevada
    entraba entrara llegara vente salida llegaba paseado
    veinti dieci enera primeros primeras navidad pasado pesado paseado proxima
"""
_OTHER_WORDS = frozenset(_OTHER_WORDS_TEXT.split())

_NO_THINGS_TEXT = """
    tenes tienes teneis tendrias tendriais tendras podes puedes podeis podrias podriais haces haceis
    harias hariais dais darias cobras cobrais manejas ofreces ofreceis crees quedas quedais sabes
    reservas reservais dejas dejais ustedes vosotros nosotros nosotras ellos ellas saludos porfis
    porfas plis entonces juntos juntas solos solas buenas buenos gracias despues menos ademas apenas
    quizas jamas atras somos seremos seriamos vamos estamos queremos buscamos necesitamos llegamos
    preferimos viajamos estaremos tenemos podemos quisieramos personitas
"""
NO_THINGS = frozenset(_NO_THINGS_TEXT.split())
"""Words in -s after a number that are not what is counted: "para dos, tenés lugar?"."""
_TYPO_TARGETS = tuple(
    word
    for word in (
        *MONTHS,
        *WEEKDAYS,
        "noche",
        "noches",
        "semana",
        "semanas",
        "manana",
        "finde",
        "pasado",
        "personas",
        "adultos",
        "adulto",
        "persona",
        "ninos",
        "quincena",
        "navidad",
        "puente",
        "habitacion",
        "habitaciones",
        "llegada",
        "entrada",
        "salida",
        "proximo",
        "proxima",
        *(number for number in NUMBERS if len(number) >= 6 and NUMBERS[number] <= 31),
    )
    if len(word) >= 4
)


def _deletes(word: str) -> set[str]:
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _near() -> dict[str, set[str]]:
    near: dict[str, set[str]] = {}
    for target in _TYPO_TARGETS:
        for key in _deletes(target):
            near.setdefault(key, set()).add(target)
    return near


_NEAR = _near()


@lru_cache(maxsize=4096)
def mended(word: str) -> str:
    """The one word of the vocabulary that is one slip away (same first letter), or `word`."""
    if len(word) < 5 or word in _OTHER_WORDS or word in NUMBERS or word in _TYPO_TARGETS:
        return word
    found = {target for key in _deletes(word) for target in _NEAR.get(key, ())}
    close = [target for target in found if target[0] == word[0] and _one_slip(word, target)]
    lemmas = {LEMMAS.get(target, target) for target in close}
    return close[0] if len(lemmas) == 1 else word


def _one_slip(word: str, target: str) -> bool:
    """One letter missing, extra, wrong, or two neighbours swapped."""
    start = 0
    while start < min(len(word), len(target)) and word[start] == target[start]:
        start += 1
    rest, goal = word[start:], target[start:]
    return (
        rest[1:] == goal[1:]
        or rest[1:] == goal
        or rest == goal[1:]
        or (rest[:2] == goal[1::-1] and rest[2:] == goal[2:])
    )
