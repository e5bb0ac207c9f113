// The hotel's end of the line.

const { endpoint, hotel, phone } = document.body.dataset;
const KEY = `conserje:${hotel}`;
const SORRY = `No hemos podido enviarlo. Vuelve a intentarlo en un minuto o llama al ${phone}.`;

/** A message that got no answer; `reason` is a Spanish sentence for the guest. */
export class NotAnswered extends Error {
  constructor(reason, reached) {
    super(reason);
    this.reason = reason;
    this.reached = reached;
  }
}

let fresh = null; // a new id, for browsers that keep nothing

/** The guest's id, not to be guessed by others: who knows it can read the conversation. */
function guest() {
  return fresh ?? stored(() => localStorage.getItem(KEY));
}

/** Makes the guest a stranger: what was said is no longer shown here. */
export function newGuest() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = `g-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  stored(() => localStorage.setItem(KEY, id));
  fresh = id;
  return id;
}

function stored(access) {
  try {
    return access();
  } catch {
    return null; // the guest's browser allows no storage
  }
}

/** The hotel's answers to a message. Throws `NotAnswered`. */
export function say(message) {
  const body = JSON.stringify({ sender: guest() ?? newGuest(), message });
  const headers = { "Content-Type": "application/json" };
  return call("/message", { method: "POST", headers, body });
}

/** What was said before: `[{who, text, buttons, at}]`. Throws `NotAnswered`. */
export async function conversation() {
  const id = guest();
  return id ? call(`/conversation?sender=${id}`) : [];
}

async function call(path, options) {
  let answer;
  try {
    answer = await fetch(endpoint + path, options);
  } catch {
    throw new NotAnswered(navigator.onLine ? SORRY : "No tienes conexión.", false);
  }
  const json = await answer.json().catch(() => null);
  if (answer.ok && Array.isArray(json)) return json;
  throw new NotAnswered(json?.message ?? SORRY, true);
}
