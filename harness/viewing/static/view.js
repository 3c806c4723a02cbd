"use strict";
// Filters apply as they change, and keys move. Without this file every page still works.

const form = document.querySelector("form[data-live]");
let asked = 0;

function address() {
  const said = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) said.append(name, value);
  return `?${said}`;
}

async function apply({ replace }) {
  const to = address();
  const number = ++asked;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  let text;
  try {
    const reply = await fetch(to);
    if (!reply.ok) return location.reload();
    text = await reply.text();
  } catch {
    return document.querySelector("#count").replaceChildren("The server does not answer; is harness view running?");
  }
  if (number !== asked) return; // a later change is under way
  const page = new DOMParser().parseFromString(text, "text/html");
  const results = page.querySelector("#results");
  if (!results) return location.reload();
  document.querySelector("#results").replaceWith(results);
  document.querySelector("#count").textContent = page.querySelector("#count").textContent;
  const clear = document.querySelector("#clear");
  if (clear) clear.hidden = page.querySelector("#clear").hidden;
}

if (form) {
  let timer = 0;
  let typing = false;
  form.addEventListener("input", (event) => {
    if (event.target.matches("select, [type=checkbox]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => { apply({ replace: typing }); typing = true; }, 200);
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("select, [type=checkbox]")) return;
    typing = false;
    if (event.target.matches("[data-reload]")) location.assign(address());
    else apply({ replace: false });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    apply({ replace: typing });
  });
  // The form must say again what the address says.
  addEventListener("popstate", () => location.reload());
}

for (const button of document.querySelectorAll("button[data-all]")) {
  const all = () => [...document.querySelectorAll(button.dataset.all)];
  button.hidden = all().length === 0;
  button.addEventListener("click", () => {
    const open = all().some((each) => !each.open);
    for (const each of all()) each.open = open;
    button.textContent = open ? "Close all prompts" : "Open all prompts";
  });
}

function move(step) {
  const links = [...document.querySelectorAll("[data-row] [data-open]")];
  const row = document.activeElement?.closest?.("[data-row]");
  const at = row ? links.findIndex((link) => row.contains(link)) : step > 0 ? -1 : links.length;
  const link = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  link?.focus();
  link?.closest("[data-row]").scrollIntoView({ block: "nearest" });
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (link) link.click();
  return Boolean(link);
}

const keys = {
  j: () => follow("[data-next]") || move(1),
  k: () => follow("[data-prev]") || move(-1),
  ArrowDown: () => !document.querySelector("[data-next], [data-prev]") && onRow() && (move(1), true),
  ArrowUp: () => !document.querySelector("[data-next], [data-prev]") && onRow() && (move(-1), true),
  ArrowRight: () => follow("[data-next]"),
  ArrowLeft: () => follow("[data-prev]"),
  n: () => follow(".pager [rel=next]"),
  p: () => follow(".pager [rel=prev]"),
  u: () => follow("[data-up]"),
  e: () => { document.querySelector("button[data-all]")?.click(); },
  "/": () => { document.querySelector("#search")?.focus(); document.querySelector("#search")?.select(); },
};

function onRow() {
  return Boolean(document.activeElement?.closest?.("[data-row]"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  if (act && act() !== false) event.preventDefault();
});
