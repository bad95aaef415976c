// The page works without this file: every view is a plain page, every action a form. It adds what
// only a script can: live rows, finding while typing, copying, keys.
"use strict";

const $ = (sel, from = document) => from.querySelector(sel);
const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];
const base = "/_emulator/";
const main = $("main");
const views = { o: "", u: "users", p: "groups", c: "conversations", r: "requests", w: "webhooks", f: "faults", t: "clock" };

for (const el of $$("[data-copy], [data-pause], [data-state], [data-keys]")) el.hidden = false;
for (const el of $$("[data-noscript]")) el.hidden = true;
$(".down").hidden = false;
$(".nav a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
const bottom = () => { for (const el of $$("[data-bottom]")) el.scrollTop = el.scrollHeight; };
bottom();

let timer;
function toast(text) {
  const box = $("[data-toast]");
  box.textContent = text;
  box.classList.add("on");
  clearTimeout(timer);
  timer = setTimeout(() => box.classList.remove("on"), 1800);
}

// ---- live: the page asks for itself again and takes over what is new in it ----

let paused = false, stale = false, busy = false, last = 0;
const pause = $("[data-pause]");
const word = () => { if (pause) pause.textContent = !paused ? "Pause" : stale ? "Show new" : "Go on"; };
pause?.addEventListener("click", () => {
  paused = !paused;
  pause.classList.toggle("on", paused);
  if (!paused && stale) refresh();
  word();
});

async function page(address) {
  const res = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  return new DOMParser().parseFromString(await res.text(), "text/html");
}

// merge makes a region what it is in the new page; rows that are the same stay, so that focus and
// selection do, and rows that are new are seen to be.
function merge(old, now) {
  if (old.isEqualNode(now)) return;
  const rows = (el) => new Map($$("[data-key]", el).map((row) => [row.dataset.key, row]));
  const before = rows(old), after = rows(now);
  const focus = document.activeElement?.closest("[data-key]")?.dataset.key;
  const open = new Set($$("details[open]", old).map((el) => el.closest("[data-key]")?.dataset.key + $("summary", el)?.textContent));
  for (const [key, row] of after) {
    const known = before.get(key);
    if (known?.isEqualNode(row)) row.replaceWith(known);
    else if (!known && before.size) row.classList.add("new");
  }
  old.replaceChildren(...now.childNodes);
  for (const el of $$("details:not([open])", old)) {
    if (open.has(el.closest("[data-key]")?.dataset.key + $("summary", el)?.textContent)) el.open = true;
  }
  for (const el of $$("[data-copy]", old)) el.hidden = false;
  if (focus && !old.contains(document.activeElement)) $(`[data-key="${CSS.escape(focus)}"] a`, old)?.focus();
}

// scroller returns the element that scrolls el.
function scroller(el) {
  while (el.parentElement && !/auto|scroll/.test(getComputedStyle(el).overflowY)) el = el.parentElement;
  return el;
}

// hold gives a new list the rows of the old one, with what changed in them. It returns what waits
// above them, or "".
function hold(old, now) {
  const was = $$("[data-key]", old), is = $$("[data-key]", now);
  const fresh = new Map(is.map((row) => [row.dataset.key, row]));
  const top = was.find((row) => fresh.has(row.dataset.key));
  const count = top ? is.indexOf(fresh.get(top.dataset.key)) : is.length;
  if (!was.length || !count) return "";
  const parent = is[0].parentNode;
  const rest = [...parent.childNodes].filter((node) => !is.includes(node));
  parent.replaceChildren(...was.map((row) => fresh.get(row.dataset.key) ?? row.cloneNode(true)), ...rest);
  return count + (top ? " new" : "+ new");
}

// take makes a region what it is in the new page. A list that is scrolled away from its top stays
// where it is; a pill says what is new.
function take(old, now) {
  const box = scroller(old), scrolled = box.scrollTop, pill = $(".pill-new", old);
  const atEnd = scrolled + box.clientHeight >= box.scrollHeight - 40;
  const waits = scrolled > 0 && (old.matches("[data-rows]") || $("[data-rows]", old)) ? hold(old, now) : "";
  const focused = pill && pill === document.activeElement;
  pill?.remove();
  merge(old, now);
  if (waits) {
    const button = pill ?? document.createElement("button");
    button.type = "button";
    button.className = "btn main pill-new";
    button.textContent = waits;
    old.prepend(button);
    if (focused) button.focus();
  }
  if (!old.matches("[data-bottom]")) box.scrollTop = scrolled;
  else if (atEnd) box.scrollTop = box.scrollHeight;
}
// What waits is shown at the top of the list, however one comes there.
document.addEventListener("scroll", (e) => { if (!paused && e.target.scrollTop === 0 && $(".pill-new", e.target)) refresh(); }, true);
document.addEventListener("click", (e) => {
  if (!e.target.matches(".pill-new")) return;
  if (paused) pause.click();
  last = 0;
  scroller(e.target.parentElement).scrollTop = 0;
});

async function refresh() {
  if (busy) { stale = true; return; }
  const wait = last + 1000 - Date.now();
  busy = true;
  stale = false;
  if (wait > 0) await new Promise((done) => setTimeout(done, wait));
  last = Date.now();
  try {
    const fresh = await page(location.href);
    if (paused) { stale = true; word(); } // meanwhile
    else for (const now of $$("[data-live]", fresh)) {
      const old = document.getElementById(now.id);
      if (!old || (old.id !== "nav" && old.matches(":has(input:focus, textarea:focus, select:focus)"))) continue;
      take(old, now);
    }
    find();
  } catch { /* the stream tells that the connection is lost */ }
  busy = false;
  if (stale && !paused) refresh();
}

let stream;
const topics = (main.dataset.topics || "").split(" ").filter(Boolean);
let since = main.dataset.since;
function listen() {
  if (document.hidden || stream) return;
  stream = new EventSource(base + "events?since=" + encodeURIComponent(since));
  stream.onopen = () => { document.body.classList.remove("offline"); $("[data-live-word]").textContent = "Live"; };
  stream.onerror = () => { document.body.classList.add("offline"); $("[data-live-word]").textContent = "Lost"; if (stream.readyState === 2) { stream = null; setTimeout(listen, 1000); } };
  for (const name of ["reset", "request", "change", "delivery", "fault", "clock"]) {
    stream.addEventListener(name, (e) => {
      since = e.lastEventId;
      const changed = JSON.parse(e.data).topics;
      if (changed.includes("reset")) { if (!leaving) location.reload(); return; }
      if (paused) { stale = true; word(); return; }
      if (topics.length) refresh();
    });
  }
  stream.addEventListener("bye", () => { document.body.classList.add("offline"); });
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { stream?.close(); stream = null; } else listen();
});
addEventListener("pagehide", () => { stream?.close(); stream = null; });
addEventListener("pageshow", listen);
listen();

// ---- copying, finding, asking ----

document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy]");
  if (button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast("Copied");
    } catch {
      toast("The browser does not allow copying here");
    }
  }
  const asks = e.target.closest("[data-ask]");
  if (asks && !e.ctrlKey && !e.metaKey) {
    e.preventDefault();
    const box = $("[data-asked]");
    box.replaceChildren($("#question", await page(asks.href)));
    box.showModal();
  }
  if (e.target.closest("[data-close]") && e.target.closest("dialog")) {
    e.preventDefault();
    e.target.closest("dialog").close();
  }
  const back = e.target.closest("[data-back]");
  if (back && history.length > 1) { e.preventDefault(); history.back(); }
});
document.addEventListener("change", (e) => e.target.closest("[data-auto]")?.requestSubmit());

function find() {
  const field = $("[data-find]");
  const want = field?.value.trim().toLowerCase();
  if (want === undefined) return;
  for (const row of $$("[data-rows] > [data-key]")) row.hidden = !row.textContent.toLowerCase().includes(want);
}
let asked;
document.addEventListener("input", (e) => {
  if (!e.target.matches("[data-find]")) return;
  find();
  // What is on other pages only the server can find.
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const url = new URL(location.href);
    url.searchParams.delete("page");
    url.searchParams.delete("before");
    if (e.target.value) url.searchParams.set("q", e.target.value); else url.searchParams.delete("q");
    history.replaceState(null, "", url);
    const fresh = await page(url.href);
    const list = $("#list", fresh);
    if (list) merge($("#list"), list);
    find();
  }, 250);
});

// A message is sent without leaving the page.
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.matches("form.send")) return;
  e.preventDefault();
  const res = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } });
  if (!res.ok) {
    toast($("main .body p", new DOMParser().parseFromString(await res.text(), "text/html"))?.textContent || "That did not work");
    return;
  }
  if ($("[name=_method]", form)) { location.href = res.url; return; }
  form.reset();
  last = 0;
  refresh();
});
// A reset by this page shows on the page that the form leads to.
let leaving = false;
document.addEventListener("submit", (e) => { leaving = !e.defaultPrevented; });

// ---- keys ----

let waiting = "";
addEventListener("keydown", (e) => {
  if (e.target.closest("input, textarea, select") || e.ctrlKey || e.metaKey || e.altKey) {
    if (e.key === "Escape") e.target.blur();
    if (e.key === "Enter" && !e.shiftKey && e.target.closest("form.send textarea")) { e.preventDefault(); e.target.form.requestSubmit(); }
    return;
  }
  if (waiting === "g" && e.key in views) { location.href = base + views[e.key]; return; }
  waiting = e.key === "g" ? "g" : "";
  if (e.key === "/") { e.preventDefault(); $("[data-find]")?.focus(); }
  if (e.key === "?") $("[data-help]").showModal();
  if (e.key === "p") pause?.click();
  if (e.key === "y") $("[data-copy]")?.click();
  if (e.key === "j" || e.key === "k") {
    const links = $$("[data-rows] a, .log a", main).filter((a) => a.offsetParent);
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + (e.key === "j" ? 1 : -1)))]?.focus();
  }
});

// ---- times that pass ----

setInterval(() => {
  for (const el of $$("[data-countdown]")) {
    const left = Math.max(0, el.dataset.countdown - 1);
    el.dataset.countdown = left;
    el.textContent = left ? `in ${left} s` : "now";
  }
  for (const el of $$("[data-clock]")) {
    if (!el.dataset.clock) continue;
    el.start ??= { at: Number(el.dataset.clock), seen: Date.now() };
    el.textContent = new Date(el.start.at + Date.now() - el.start.seen).toISOString().slice(11, 19);
  }
}, 1000);
