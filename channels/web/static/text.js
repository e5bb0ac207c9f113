// What the hotel says, as elements: paragraphs, lists, *bold* and links. Never as HTML.

const INLINE = new RegExp(
  [
    String.raw`(?<bold>(?<![\p{L}\p{N}*])(?<mark>\*\*?)(?=[^\s*])[^*\n]*[^\s*]\k<mark>(?![\p{L}\p{N}*]))`,
    String.raw`(?<url>https:\/\/[^\s<>"']*[^\s<>"'.,;:!?)])`,
    String.raw`(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)`,
    String.raw`(?<phone>\+\d[\d ]{6,16}\d)`,
  ].join("|"),
  "gu",
);
const ITEM = /^\s*[-•·]\s+/;

/** The blocks of a text: a `ul` for lines that begin with a dash or a dot, else a `p`. */
export function blocks(text) {
  const made = [];
  for (const line of text.trim().split("\n")) {
    if (!line.trim()) made.push(null);
    else if (ITEM.test(line)) listAtEnd(made).append(filled("li", line.replace(ITEM, "")));
    else made.push(paragraphAtEnd(made, line));
  }
  return made.filter(Boolean);
}

function listAtEnd(made) {
  if (made.at(-1)?.localName !== "ul") made.push(document.createElement("ul"));
  return made.at(-1);
}

function paragraphAtEnd(made, line) {
  if (made.at(-1)?.localName !== "p") return filled("p", line);
  const paragraph = made.pop();
  paragraph.append(document.createElement("br"), ...inline(line));
  return paragraph;
}

function filled(name, text) {
  const element = document.createElement(name);
  element.append(...inline(text));
  return element;
}

function inline(text) {
  const made = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    made.push(text.slice(end, match.index), special(match[0], match.groups));
    end = match.index + match[0].length;
  }
  return [...made, text.slice(end)];
}

function special(text, { bold, mark, url, mail }) {
  if (bold) return filled("strong", bold.slice(mark.length, -mark.length));
  const link = document.createElement("a");
  link.textContent = text;
  if (url) Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
  else link.href = mail ? `mailto:${mail}` : `tel:${text.replaceAll(" ", "")}`;
  return link;
}
