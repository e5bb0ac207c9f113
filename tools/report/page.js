"use strict";
// The list of mistakes is filtered as one types; a click on a column's head sorts by it.
const rows = [...document.querySelectorAll("#errores tbody tr")];
const found = document.getElementById("encontrados");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
document.getElementById("buscar").addEventListener("input", (event) => {
  const words = plain(event.target.value).split(/\s+/);
  let shown = 0;
  for (const row of rows) {
    const text = plain(row.textContent);
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  found.textContent = shown === 1 ? "1 mensaje" : `${shown} mensajes`;
});
const value = (row, column) => row.cells[column].textContent.trim();
const number = (text) => parseFloat(text.replace(/[^\d,.-]/g, "").replace(",", "."));
for (const head of document.querySelectorAll("th")) {
  head.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const down = head.dataset.down !== "1";
    head.dataset.down = down ? "1" : "0";
    const order = (a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      const [m, n] = [number(x), number(y)];
      const numbers = !Number.isNaN(m) && !Number.isNaN(n);
      return (numbers ? m - n : x.localeCompare(y, "es")) * (down ? -1 : 1);
    };
    body.append(...[...body.rows].sort(order));
  });
}
