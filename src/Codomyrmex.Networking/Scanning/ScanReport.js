"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const body = $("ports").tBodies[0];
  const rows = Array.from(body.rows).map((row, order) => ({ row, order, text: row.textContent.toLowerCase(), ...row.dataset }));
  const inputs = ["text", "state", "service", "host"].map($);

  function filter() {
    const [text, state, service, host] = inputs.map(input => input.value);
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of rows) {
      const fits = (!state || item.s === state) && (!service || item.n === service) && (!host || item.h === host) && words.every(word => item.text.includes(word));
      item.row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    $("count").textContent = shown === rows.length ? `${rows.length} ports` : `${shown} of ${rows.length} ports`;
    $("empty").hidden = shown > 0;
  }

  function sort(head) {
    const key = head.dataset.key;
    const isDown = head.getAttribute("aria-sort") === "ascending";
    document.querySelectorAll("th[aria-sort]").forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    const value = item => key === "h" ? item.order : key === "p" || key === "r" ? Number(item[key] || Infinity) : (item[key] || "\uffff").toLowerCase();
    const sign = isDown ? -1 : 1;
    rows.sort((one, other) => {
      const a = value(one), b = value(other);
      return (a < b ? -sign : a > b ? sign : 0) || one.order - other.order;
    });
    body.append(...rows.map(item => item.row));
  }

  for (const head of document.querySelectorAll("th[data-key]")) {
    head.tabIndex = 0;
    head.addEventListener("click", () => sort(head));
    head.addEventListener("keydown", event => { if (event.key === "Enter") sort(head); });
  }
  for (const input of inputs) input.addEventListener("input", filter);

  const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { $("theme").textContent = isDark() ? "Light" : "Dark"; };
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; label(); });
  $("theme").hidden = $("filters").hidden = false;
  label();
  filter();
})();
