import { NotAnswered, conversation, newGuest, say } from "./server.js";
import { blocks } from "./text.js";

const $ = (id) => document.getElementById(id);
const log = $("log");
const box = $("text");
const hotelName = document.querySelector("h1").textContent;
const byTouch = matchMedia("(pointer: coarse)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

// ---- what is shown -------------------------------------------------------------------------

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

let place = $("live");

function show(who, content, at = new Date()) {
  showDay(at);
  const name = who === "guest" ? "Tú: " : `${hotelName}: `;
  const speaker = element("span", { className: "hidden" }, name);
  const bubble = element("div", { className: "bubble" }, speaker, ...content);
  const clock = at.toLocaleTimeString("es-ES", { hour: "2-digit", minute: "2-digit" });
  const time = element("time", { dateTime: at.toISOString() }, clock);
  const message = element("div", { className: `message ${who}` }, bubble, time);
  place.append(message);
  follow();
  return message;
}

let day = new Date().toDateString();

function showDay(at) {
  if (at.toDateString() === day) return;
  day = at.toDateString();
  const name = at.toLocaleDateString("es-ES", { weekday: "long", day: "numeric", month: "long" });
  place.append(element("p", { className: "day" }, name));
}

function showGuest(text, at) {
  for (const group of log.querySelectorAll(".options")) {
    if (group.id === "starters") group.hidden = true;
    else if ([...group.children].some((button) => button.textContent === text)) group.remove();
  }
  return show("guest", [element("p", {}, text)], at);
}

function showHotel({ text, image, buttons = [] }, at) {
  const content = blocks([text, image].filter(Boolean).join("\n\n"));
  if (content.length) show("hotel", content, at);
  if (buttons.length) showOptions(buttons);
}

function showOptions(buttons) {
  log.querySelector(".options:not(#starters)")?.remove(); // only the last question is open
  const group = element("div", { className: "options" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Respuestas");
  for (const { title, payload } of buttons) {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => choose(title, payload));
    group.append(button);
  }
  place.append(group);
  follow();
}

/** Shows what was said before, above what is being said now. */
function showPast(said) {
  log.setAttribute("aria-live", "off"); // a screen reader need not read it all aloud again
  $("past").replaceChildren();
  place = $("past");
  for (const { who, at, ...answer } of said) {
    if (who === "guest") showGuest(answer.text, new Date(at));
    else showHotel(answer, new Date(at));
  }
  place = $("live");
  answered = said.filter(({ who }) => who === "guest").length;
  heard = sinceGuest(said).length;
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

function follow() {
  log.scrollTo({ top: log.scrollHeight, behavior: calm.matches ? "instant" : "smooth" });
}

// ---- sending, one message after the other ---------------------------------------------------

let last = Promise.resolve();
let waiting = 0;
let answered = 0; // of the guest's messages
let heard = 0; // of the hotel's messages, since the guest's last

function send(text, payload = text) {
  const message = showGuest(text);
  inTurn(() => deliver(message, payload));
}

function choose(title, payload) {
  keepFocus();
  send(title, payload);
}

/** A pressed button goes away: focus must not get lost with it, nor a phone's keyboard pop up. */
function keepFocus() {
  (byTouch.matches ? log : box).focus();
}

function inTurn(work) {
  typing(+1);
  last = last.then(work).finally(() => typing(-1));
}

async function deliver(message, payload) {
  try {
    const answers = await say(payload);
    answered += 1;
    heard = answers.length;
    for (const answer of answers) showHotel(answer);
    if (!answers.length) note(message, "Recibido");
  } catch (error) {
    failed(message, payload, error);
  }
}

/** Sends again what may have arrived the first time: then its answer is shown, not asked twice. */
async function deliverAgain(message, payload) {
  try {
    const said = await conversation();
    const arrived = said.filter(({ who }) => who === "guest").length > answered;
    if (!arrived) return await deliver(message, payload);
    $("live").replaceChildren();
    showPast(said);
  } catch (error) {
    failed(message, payload, error);
  }
}

function failed(message, payload, error) {
  if (!(error instanceof NotAnswered)) throw error;
  if (error.reached) showHotel({ text: error.reason });
  const again = element("button", { type: "button" }, "Reintentar");
  again.addEventListener("click", () => {
    keepFocus();
    again.parentElement.remove();
    inTurn(() => deliverAgain(message, payload));
  });
  note(message, error.reached ? "Sin respuesta. " : `No enviado. ${error.reason} `, again);
}

function note(message, ...content) {
  message.append(element("p", { className: "note" }, ...content));
  follow();
}

function typing(change) {
  waiting += change;
  const sign = $("typing");
  sign.firstElementChild.textContent = waiting ? `${hotelName} está escribiendo` : "";
  sign.classList.toggle("on", waiting > 0);
}

// ---- what the hotel says by itself -----------------------------------------------------------

const LISTEN_EVERY = 5_000; // milliseconds

function sinceGuest(said) {
  return said.slice(said.findLastIndex(({ who }) => who === "guest") + 1);
}

/** Shows what has come since; not while an answer is under way, which would be shown twice. */
async function listen() {
  if (document.hidden || waiting) return;
  try {
    const said = await conversation();
    const inStep = said.filter(({ who }) => who === "guest").length === answered;
    if (waiting || !inStep) return;
    const news = sinceGuest(said).slice(heard);
    heard += news.length;
    for (const { at, ...message } of news) showHotel(message, new Date(at));
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error; // the next time, perhaps
  }
}

// ---- the guest's hands ----------------------------------------------------------------------

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  fit();
  send(text);
});

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("form").requestSubmit();
});

box.addEventListener("input", fit);

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

for (const starter of $("starters").children) {
  starter.addEventListener("click", () => choose(starter.textContent, starter.textContent));
}

$("restart").addEventListener("click", () => $("ask-restart").showModal());
$("ask-restart").addEventListener("close", ({ target }) => {
  if (target.returnValue !== "yes") return;
  newGuest();
  location.reload();
});

// ---- what happens around --------------------------------------------------------------------

function tellConnection() {
  $("offline").textContent = navigator.onLine ? "" : "No tienes conexión a internet.";
}

addEventListener("online", tellConnection);
addEventListener("offline", tellConnection);

// A phone's keyboard covers the page unless the page makes room for it.
visualViewport?.addEventListener("resize", () => {
  document.documentElement.style.setProperty("--height", `${visualViewport.height}px`);
  follow();
});

async function recall() {
  try {
    const said = await conversation();
    showPast(said);
    $("starters").hidden = said.length > 0 || $("live").childElementCount > 0;
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error;
    const again = element("button", { type: "button" }, "Reintentar");
    const notice = element("p", { className: "notice" }, "No podemos mostrar lo que hablamos antes. ");
    notice.append(again);
    again.addEventListener("click", () => {
      keepFocus();
      notice.remove();
      inTurn(recall);
    });
    $("past").before(notice);
  }
}

tellConnection();
if (!byTouch.matches) box.focus();
inTurn(recall);
setInterval(listen, LISTEN_EVERY);
document.addEventListener("visibilitychange", listen);
