"""The report as one HTML page in Spanish: what stands where, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from string import Template
from xml.etree.ElementTree import Element

from tools.report import charts, figures
from tools.report.charts import percent
from tools.report.html import tag, written
from tools.report.results import Case, Message, Origin, Results, Story

Row = list[Element | str]

_FOLDER = Path(__file__).parent
_ORIGINS: tuple[tuple[Origin, str], ...] = (
    ("apartados", "Mensajes apartados"),
    ("cruzada", "Validación cruzada"),
)
_FIRST_CONFUSIONS = 8
_MEANINGFUL = 0.0005
"""Differences below this are not told."""

# Key, name, whether more is better.
_CARDS = (
    ("apart_right", "Intenciones bien", True),
    ("cross_right", "Bien en validación cruzada", True),
    ("entities_f1", "Entidades (F1 medio)", True),
    ("fechas y grupo_right", "Fechas y grupo", True),
    ("stories_right", "Historias", True),
    ("foreign_refused", "Fuera de tema, rechazado", True),
    ("wishes_refused", "Buenos, rechazados", False),
    ("calibration", "Error de confianza", False),
    ("milliseconds", "Tiempo por mensaje", False),
)


def page(results: Results) -> str:
    """The whole page, which needs nothing from any network."""
    sections = (
        _summary(results),
        _changes(results),
        _first_things(results.messages),
        _intents(results),
        _wrong(results.messages),
        _matrix(results.messages),
        _confidence(results.messages),
        _entities(results),
        _cases(results.cases),
        _stories(results.stories),
        _origins(results.messages),
    )
    menu = tag("nav", (_link(one) for one in sections), aria_label="Secciones")
    template = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        script=(_FOLDER / "page.js").read_text(encoding="utf-8"),
        made=_when(results.run.made),
        model=results.run.model.removesuffix(".tar.gz"),
        seconds=f"{results.seconds:.0f}",
        menu=written(menu),
        body="\n".join(written(one) for one in sections),
    )


def _section(key: str, title: str, about: str, *parts: Element | Iterable[Element]) -> Element:
    head = tag("h2", title)
    return tag("section", head, tag("p", about, class_="about"), *parts, id=key, data_title=title)


def _link(section: Element) -> Element:
    return tag("a", section.get("data-title", ""), href=f"#{section.get('id')}")


def _when(made: str) -> str:
    return datetime.fromisoformat(made).strftime("%d/%m/%Y, %H:%M")


# ------------------------------------------------------------------ summary


def _summary(results: Results) -> Element:
    before = results.history[-1] if results.history else None
    runs = [*results.history, results.run]
    cards = [
        _card(
            name,
            key,
            results.run.figures[key],
            before.figures.get(key) if before else None,
            [run.figures[key] for run in runs if key in run.figures],
            more,
        )
        for key, name, more in _CARDS
        if key in results.run.figures
    ]
    about = f"Comparado con el informe del {_when(before.made)}." if before else "Primer informe."
    return _section("resumen", "Resumen", about, tag("div", cards, class_="cards"))


def _card(
    name: str, key: str, value: float, before: float | None, trend: list[float], more: bool
) -> Element:
    card = tag(
        "div",
        tag("span", name, class_="name"),
        tag("strong", _figure(key, value)),
        _difference(key, value, before, more),
        class_="card",
    )
    if len(trend) > 1:
        card.append(charts.trend(trend))
    return card


def _figure(key: str, value: float) -> str:
    if key == "milliseconds":
        return f"{value:.1f} ms".replace(".", ",")
    return f"{value:.3f}".replace(".", ",") if "f1" in key else percent(value, 1)


def _difference(key: str, value: float, before: float | None, more: bool = True) -> Element:
    if before is None:
        return tag("span", "nuevo", class_="same")
    change = value - before
    threshold = 0.05 if key == "milliseconds" else _MEANINGFUL
    if abs(change) < threshold:
        return tag("span", "= igual", class_="same")
    good = (change > 0) == more or (key == "milliseconds" and abs(change) < 1)
    sign = "▲ +" if change > 0 else "▼ −"
    told = _figure(key, abs(change))
    if "%" in told:
        told = told.replace("%", "puntos")
    return tag("span", f"{sign}{told}", class_="better" if good else "worse")


# ------------------------------------------------------------------ what changed


def _changes(results: Results) -> Element:
    now = figures.mistakes(results.messages, results.stories, results.cases)
    known = set(results.mistakes_before)
    fresh = [one for one in now if one not in known]
    mended = [one for one in results.mistakes_before if one not in set(now)]
    if not results.history:
        parts = [tag("p", "Desde el próximo informe, aquí saldrá lo que se arregla y se tuerce.")]
    else:
        parts = [
            _folded(f"Ahora sale mal ({len(fresh)})", _listed(fresh), open_=bool(fresh)),
            _folded(f"Arreglado ({len(mended)})", _listed(mended)),
        ]
    about = "Lo que va distinto que en el informe anterior. Lo que se quitó cuenta como arreglado."
    return _section("cambios", "Qué ha cambiado", about, parts)


def _listed(lines: Sequence[str]) -> Element:
    return tag("ul", (tag("li", line) for line in lines) if lines else tag("li", "Nada."))


def _folded(title: str, *parts: Element | Iterable[Element], open_: bool = False) -> Element:
    folded = tag("details", tag("summary", title), *parts)
    if open_:
        folded.set("open", "")
    return folded


# ------------------------------------------------------------------ where to begin


def _first_things(messages: list[Message]) -> Element:
    """The pairs most often confused, with the messages that show it."""
    found = figures.confusions(messages)[:_FIRST_CONFUSIONS]
    parts = [
        _folded(
            f"{meant} se entiende como {got} · {len(some)} "
            + ("mensaje" if len(some) == 1 else "mensajes"),
            tag("ul", (tag("li", _quoted(one)) for one in some[:12])),
        )
        for meant, got, some in found
    ]
    about = (
        "Las confusiones más frecuentes. Añade ejemplos a la intención de la izquierda, o decide "
        "si los dos mensajes piden de verdad cosas distintas."
    )
    return _section("empezar", "Por dónde empezar", about, parts or [tag("p", "No hay ninguna.")])


def _quoted(one: Message) -> str:
    where = " · ".join(part for part in (one.country, one.channel) if part)
    return f"«{one.text}» ({percent(one.confidence)}{', ' + where if where else ''})"


# ------------------------------------------------------------------ intents


def _intents(results: Results) -> Element:
    before = results.history[-1].figures if results.history else {}
    about = (
        "Precisión: de lo que se entiende así, cuánto lo es. Cobertura: de lo que lo es, cuánto se "
        "entiende así. F1 junta las dos. Los apartados no los ha visto el modelo nunca; en la "
        "validación cruzada cada ejemplo lo lee un modelo entrenado sin él."
    )
    return _section(
        "intenciones",
        "Intenciones",
        about,
        _tabs(
            "intents",
            lambda origin: _intent_table(figures.of(results.messages, origin), origin, before),
        ),
    )


def _intent_table(messages: list[Message], origin: Origin, before: dict[str, float]) -> Element:
    prefix = "apart" if origin == "apartados" else "cross"
    rows: list[Row] = []
    for one in figures.intents(messages):
        key = f"{prefix}_f1:{one.name}"
        confused = ", ".join(f"{name} ({count})" for name, count in one.confused)
        rows.append(
            [
                tag("code", one.name),
                _meter(one.f1),
                _difference(key, one.f1, before.get(key)),
                str(one.support),
                percent(one.precision),
                percent(one.recall),
                confused or "—",
            ]
        )
    heads = ("Intención", "F1", "Cambio", "Mensajes", "Precisión", "Cobertura", "Se confunde con")
    return _table(heads, rows)


def _meter(value: float) -> Element:
    level = "good" if value >= 0.9 else "middling" if value >= 0.75 else "bad"
    bar = tag("i", class_=level, style=f"width:{100 * value:.0f}%")
    return tag(
        "span", tag("span", bar, class_="bar"), f"{value:.2f}".replace(".", ","), class_="meter"
    )


def _table(heads: Sequence[str], rows: Iterable[Row]) -> Element:
    head = tag("tr", (tag("th", name, scope="col") for name in heads))
    body = (tag("tr", (tag("td", cell) for cell in row)) for row in rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", body)), class_="scroll")


def _tabs(name: str, show: Callable[[Origin], Element]) -> Element:
    """The same for both kinds of messages, one at a time; without scripts."""
    parts: list[Element] = []
    for number, (origin, title) in enumerate(_ORIGINS):
        button = tag("input", type="radio", name=name, id=f"{name}-{origin}")
        if number == 0:
            button.set("checked", "")
        parts += [button, tag("label", title, for_=f"{name}-{origin}")]
    parts += [tag("div", show(origin), class_="pane") for origin, _ in _ORIGINS]
    return tag("div", parts, class_="tabs")


# ------------------------------------------------------------------ every mistake


def _wrong(messages: list[Message]) -> Element:
    wrong = sorted((one for one in messages if not one.right), key=lambda one: -one.confidence)
    rows: list[Row] = [
        [
            percent(one.confidence),
            one.text,
            tag("code", one.meant),
            tag("span", tag("code", one.understood), " · no contesta" if one.refused else ""),
            " · ".join(part for part in (one.country, one.channel) if part) or "—",
            "apartado" if one.origin == "apartados" else "ejemplo",
        ]
        for one in wrong
    ]
    heads = ("Confianza", "Mensaje", "Es", "Se entiende", "País y canal", "De")
    about = (
        "Primero aquellos de los que más seguro estaba: suelen ser ejemplos mal puestos o "
        "intenciones que se pisan."
    )
    search = tag(
        "input",
        type="search",
        id="buscar",
        placeholder="Filtra por palabra, intención, país…",
        aria_label="Filtrar los mensajes",
        autocomplete="off",
    )
    found = tag("p", f"{len(wrong)} mensajes", id="encontrados", class_="about", role="status")
    return _section(
        "errores", "Todos los mensajes mal entendidos", about, [search, found, _table(heads, rows)]
    )


# ------------------------------------------------------------------ pictures


def _matrix(messages: list[Message]) -> Element:
    about = (
        "En filas lo que es; en columnas lo que se entiende. Cuanto más rojo fuera de la diagonal, "
        "mayor parte de los mensajes se pierde ahí. Toca una casilla para ver cuántos."
    )

    def show(origin: Origin) -> Element:
        some = figures.of(messages, origin)
        counts = Counter((one.meant, one.understood) for one in some)
        names = sorted({name for pair in counts for name in pair})
        return tag("div", charts.matrix(names, counts), class_="scroll")

    return _section("matriz", "Matriz de confusión", about, _tabs("matrix", show))


def _confidence(messages: list[Message]) -> Element:
    about = (
        "Primero, cuántos mensajes hay con cada confianza (verde, bien; rojo, mal). Después, si la "
        "confianza dice la verdad: sobre la diagonal, de los mensajes con un 80 % de confianza "
        "acierta el 80 %; por debajo, se fía demasiado de sí mismo."
    )

    def show(origin: Origin) -> Element:
        some = figures.bins(figures.of(messages, origin))
        return tag("div", charts.histogram(some), charts.reliability(some), class_="pair")

    return _section("confianza", "Confianza", about, _tabs("confidence", show))


# ------------------------------------------------------------------ entities


def _entities(results: Results) -> Element:
    before = results.history[-1].figures if results.history else {}
    about = (
        "En los mensajes apartados. Una entidad cuenta como encontrada si lo marcado y lo "
        "encontrado se tocan."
    )
    apart = figures.of(results.messages, "apartados")
    rows: list[Row] = [
        [
            tag("code", one.name),
            _meter(one.f1),
            _difference(f"entity_f1:{one.name}", one.f1, before.get(f"entity_f1:{one.name}")),
            str(one.support),
            percent(one.precision),
            percent(one.recall),
        ]
        for one in figures.entities(apart)
    ]
    heads = ("Entidad", "F1", "Cambio", "Marcas", "Precisión", "Cobertura")
    wrong = [line for one in apart for line in _entity_mistakes(one)]
    return _section(
        "entidades",
        "Entidades",
        about,
        [
            _table(heads, rows),
            _folded(f"Lo que falta y lo que sobra ({len(wrong)})", _listed(wrong)),
        ],
    )


def _entity_mistakes(one: Message) -> list[str]:
    faults = [("falta", figures.missed(one)), ("sobra", figures.surplus(one))]
    return [
        f"{what} {name} «{one.text[start:end]}» en «{one.text}»"
        for what, spans in faults
        for name, start, end in spans
    ]


# ------------------------------------------------------------------ dates, stories


def _cases(cases: list[Case]) -> Element:
    about = "Las frases de tests/nlu/stay/cases, con lo que se esperaba y lo que se entiende."
    parts: list[Element] = []
    for suite, some in figures.grouped(cases, lambda case: case.suite).items():
        wrong = [one for one in some if one.fault is not None]
        parts.append(
            tag("p", f"{suite.capitalize()}: {len(some) - len(wrong)} de {len(some)} bien.")
        )
        parts += [_folded(one.name, tag("pre", one.fault or "")) for one in wrong]
    return _section("fechas", "Fechas y grupo", about, parts)


def _stories(stories: list[Story]) -> Element:
    wrong = [one for one in stories if not one.right]
    about = (
        f"{len(stories) - len(wrong)} de {len(stories)} van como están escritas en tests/stories. "
        "Las que no, paso a paso."
    )
    rest = [f"{one.title} ({one.file})" for one in stories if one.right]
    parts = [
        *(_folded(f"{one.title} · {one.file}", _story(one), open_=True) for one in wrong),
        _folded(f"Las que van bien ({len(rest)})", _listed(rest)),
    ]
    return _section("historias", "Historias", about, parts)


def _story(story: Story) -> Element:
    return tag(
        "ol",
        (
            tag(
                "li",
                tag("b", step.who),
                f" «{step.said}»" if step.said else "",
                tag("code", step.expected),
                *([] if step.right else [tag("span", " sale ", tag("code", step.got))]),
                class_="right" if step.right else "wrong",
            )
            for step in story.steps
        ),
        class_="story",
    )


# ------------------------------------------------------------------ countries and channels


def _origins(messages: list[Message]) -> Element:
    about = "Los mensajes apartados, por el país del huésped y por dónde escribe."
    apart = figures.of(messages, "apartados")
    return _section(
        "paises",
        "Por país y canal",
        about,
        tag(
            "div",
            [
                _shares("País", apart, lambda one: one.country),
                _shares("Canal", apart, lambda one: one.channel),
            ],
            class_="pair",
        ),
    )


def _shares(title: str, messages: list[Message], key: Callable[[Message], str | None]) -> Element:
    groups = figures.grouped(messages, lambda one: key(one) or "sin decir")
    rows = [
        (name, sum(one.right for one in some), len(some))
        for name, some in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]
    return tag("figure", tag("figcaption", title), charts.shares(rows))
