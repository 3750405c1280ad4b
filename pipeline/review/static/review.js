// Keyboard, links between image and text, drafts that survive a lost connection, uploads.
// Text of documents is only ever set as text; every decision goes to the server as a form.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const work = () => $("#work");
  const toast = (text) => {
    const place = $("#toast");
    place.textContent = text;
    place.hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { place.hidden = true; }, 9000);
  };
  const stored = (area, key, value) => {
    try {
      if (value === undefined) return area.getItem(key);
      if (value === null) area.removeItem(key); else area.setItem(key, value);
    } catch { /* storage may be switched off */ }
    return null;
  };

  // ---- one plan: the word that is looked at ---------------------------------------------------
  let now = null;   // target of the current word
  let line = null;  // number of the current line
  const words = () => $$(".w", work() || document);
  const word = () => (now && work() ? $(`.w[data-t="${now}"]`, work()) : null);
  const shownText = (element) => (element.textContent === "∅" ? "" : element.textContent);

  const lineOf = (number) => (work() ? $(`.line[data-line="${number}"]`, work()) : null);
  const light = (number, on) => {
    const text = lineOf(number);
    if (text) text.classList.toggle("on", on);
    const box = work() && $(`.box[data-line="${number}"]`, work());
    if (box) box.classList.toggle("on", on);
    return { text, box };
  };
  const select = (element, focus = true) => {
    $$(".w.now").forEach((one) => one.classList.remove("now"));
    if (line) light(line, false);
    now = element.dataset.t;
    line = element.closest(".line").dataset.line;
    element.classList.add("now");
    const { box } = light(line, true);
    const spot = $("#spot");
    if (spot) {
      const [x0, top, x1, bottom] = (element.dataset.box || "0 0 0 0").split(" ").map(Number);
      const sides = { x: x0 - 1, y: top - 1, width: Math.max(x1 - x0 + 2, 0), height: Math.max(bottom - top + 2, 0) };
      Object.entries(sides).forEach(([name, value]) => spot.setAttribute(name, x1 ? value : 0));
      (element.dataset.box ? spot : box)?.scrollIntoView({ block: "nearest" });
    }
    if (focus) element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  };
  let going = false; // "n" was pressed at the end of a plan: once more, and the next plan opens
  const step = (by, stay = false) => {
    const all = words();
    const at = word() ? all.indexOf(word()) : (by > 0 ? -1 : all.length);
    const ahead = by > 0 ? all.slice(at + 1) : all.slice(0, Math.max(at, 0)).reverse();
    const next = ahead.find((one) => one.classList.contains("open"));
    if (next) { select(next); return; }
    if (stay) return;
    const before = all.find((one) => one.classList.contains("open"));
    const label = work().dataset;
    if (by > 0 && label.next) location.href = `${label.next}#next`;
    else if (before && before !== word()) select(before);
    else if (by < 0 || before) toast(label.none);
    else if (going && label.open) location.href = `${label.open}#next`;
    else {
      going = true;
      toast(label.open ? `${label.none} ${label.on}` : `${label.none} ${label.all}`);
    }
  };
  const beside = (where) => { if (where) location.href = where; else toast(work().dataset.last); };

  // ---- deciding -------------------------------------------------------------------------------
  const fill = (form, values) => {
    Object.entries(values).forEach(([name, value]) => { form.elements[name].value = value ?? ""; });
  };
  const wordValues = (element) => ({
    target: element.dataset.t,
    old: element.dataset.old ?? shownText(element),
    seen: element.dataset.seen ?? "0",
  });
  const decide = (value) => {
    const element = word();
    if (!element || value === undefined) return;
    const form = $("#editor");
    fill(form, { ...wordValues(element), new: value });
    form.requestSubmit();
  };
  const openWord = () => {
    const element = word();
    if (!element) return;
    const form = $("#editor");
    fill(form, { ...wordValues(element), new: element.dataset.best || shownText(element) });
    $(".raw", form).textContent = element.dataset.tip || "";
    open(form);
  };
  const openLine = (number) => {
    const element = lineOf(number || line);
    if (!element) return;
    line = element.dataset.line;
    const text = $$(".said", element).map((said) => [...said.childNodes].map((node) => (node.textContent === "∅" ? "" : node.textContent)).join("")).join("");
    fill($("#line-editor"), { page: element.dataset.page, line, seen: text, new: text });
    open($("#line-editor"));
  };
  const open = (form) => {
    $$(".editor").forEach((one) => { one.hidden = one !== form; });
    form.hidden = false;
    form.elements.new.focus();
    form.elements.new.select();
  };
  const close = () => {
    $$(".editor").forEach((one) => { one.hidden = true; });
    word()?.focus({ preventScroll: true });
  };
  const draftKey = () => `kehoach-draft-${document.body.dataset.plan}`;
  const keepDraft = (form) => stored(sessionStorage, draftKey(), JSON.stringify({ form: form.id, values: [...new FormData(form)] }));
  const restoreDraft = () => {
    const draft = JSON.parse(stored(sessionStorage, draftKey()) || "null");
    if (!draft) return;
    const form = document.getElementById(draft.form);
    const values = Object.fromEntries(draft.values);
    if (!form || values.sheet !== form.elements.sheet.value) return;
    fill(form, values);
    if (values.target) now = values.target;
    open(form);
    toast($("#toast").dataset.lost);
  };

  const does = {
    n: () => step(1),
    p: () => step(-1),
    a: () => { const w = word(); if (w) decide(shownText(w)); else step(1); },
    s: () => decide(word()?.dataset.best),
    r: () => decide(word()?.dataset.raw),
    c: openWord,
    e: () => openLine(),
    u: () => { if (!$("#undo button").disabled) $("#undo").requestSubmit(); },
    A: () => { if ($("#accept form[action] button:enabled")) $("#accept").showModal(); else step(1); },
    "]": () => beside(work().dataset.after),
    "[": () => beside(work().dataset.before),
    k: () => { const sign = $(".sign button"); sign.focus(); sign.scrollIntoView({ block: "center" }); },
    i: () => { const d = $("#d-indices"); d.open = true; $("summary", d).focus(); },
    "?": () => $("#help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (!work()) return;
    if (event.key === "Escape" && $$(".editor").some((one) => !one.hidden)) {
      stored(sessionStorage, draftKey(), null);
      close();
      return;
    }
    // a dialog that was just closed keeps the focus until the next frame: its keys are the page's
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog[open]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "?" && stored(localStorage, "kehoach-keys") === "off") return;
    // on a Vietnamese layout these two keys give letters
    const key = { BracketLeft: "[", BracketRight: "]" }[event.code] ?? event.key;
    const action = does[key];
    if (event.key !== "n") going = false;
    if (action) { event.preventDefault(); action(); }
  });
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const button = target.closest("[data-do]");
    if (button) { does[button.dataset.do](); return; }
    if (target.closest(".editor .cancel")) { stored(sessionStorage, draftKey(), null); close(); return; }
    const number = target.closest(".no");
    if (number) { openLine(number.parentElement.dataset.line); return; }
    const element = target.closest(".w");
    if (element) { if (element.dataset.t === now && $("#editor").hidden) openWord(); else select(element); return; }
    const box = target.closest(".box");
    if (box) lineOf(box.dataset.line)?.scrollIntoView({ block: "center", behavior: "smooth" });
  });
  ["mouseover", "mouseout"].forEach((name) => document.addEventListener(name, (event) => {
    const over = event.target instanceof Element && event.target.closest(".line, .box");
    if (over && over.dataset.line !== line) light(over.dataset.line, name === "mouseover");
  }));
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && event.target.matches(".w") && event.target.dataset.t !== now) select(event.target, false);
  });

  // ---- what comes back ------------------------------------------------------------------------
  const keysBox = () => $("#keys");
  const dress = () => {
    $$(".js[hidden]").forEach((one) => { one.hidden = false; });
    const label = work()?.dataset;
    words().forEach((one) => {
      const { raw, best, c, by } = one.dataset;
      const parts = [raw !== undefined && `${label.raw}: ${raw || "∅"}`, best && `${label.best}: ${best}`, c && `${c} %`, by && `✓ ${by}`].filter(Boolean);
      if (parts.length) { one.dataset.tip = parts.join(" · "); one.setAttribute("aria-description", one.dataset.tip); }
    });
    if (keysBox()) {
      keysBox().checked = stored(localStorage, "kehoach-keys") !== "off";
      keysBox().onchange = () => stored(localStorage, "kehoach-keys", keysBox().checked ? null : "off");
    }
  };
  let opened = null; // which parts of the side panel are open, so that a decision leaves them so
  const submitted = (event) => event.detail.elt.closest("form.editor");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = submitted(event);
    if (form) keepDraft(form);
    if (work()) opened = new Map($$(".side details[id]").map((one) => [one.id, one.open]));
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (opened) $$(".side details[id]").forEach((one) => { if (opened.has(one.id)) one.open = opened.get(one.id); });
    dress();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = submitted(event);
    if (!event.detail.successful) {
      const status = event.detail.xhr?.status;
      const told = $("#toast").dataset;
      toast({ 409: told.conflict, 403: told.closed }[status] ?? (status ? told.refused : told.lost));
      if (form) { open(form); return; }
    } else if (form) {
      stored(sessionStorage, draftKey(), null);
      $$(".editor").forEach((one) => { one.hidden = true; });
      const element = word();
      if (element) { select(element); if (form.id === "editor") step(1, true); }
    }
    if (event.detail.successful && $("#ingest[data-finished]") && event.detail.pathInfo?.requestPath === "/uploads") refreshFound();
  });
  document.addEventListener("htmx:configRequest", (event) => { // no address with what asks for nothing
    if (event.detail.elt.id !== "filter") return;
    for (const [name, value] of [...event.detail.formData]) if (value === "") event.detail.formData.delete(name);
  });
  const refreshFound = () => htmx.ajax("GET", location.pathname + location.search, { target: "#found", select: "#found", swap: "outerHTML" });

  // ---- uploads --------------------------------------------------------------------------------
  const drop = $("#drop");
  const entries = async (entry, path, found) => {
    if (entry.isFile) found.push([await new Promise((done, fail) => entry.file(done, fail)), path + entry.name]);
    else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done, fail) => reader.readEntries(done, fail));
        if (!some.length) break;
        for (const one of some) await entries(one, `${path}${entry.name}/`, found);
      }
    }
    return found;
  };
  const send = (file, name) => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("name", name);
    body.append("file", file);
    request.open("POST", "/upload");
    request.setRequestHeader("X-Requested-With", "kehoach");
    request.upload.onprogress = (event) => { $("#sent").value = (100 * event.loaded) / Math.max(event.total, 1); };
    request.onload = () => (request.status < 300 ? done(JSON.parse(request.response)) : fail(new Error(String(request.status))));
    request.onerror = () => fail(new Error("0"));
    request.send(body);
  });
  const sendAll = async (files) => {
    const status = $("#sending");
    const told = drop.dataset;
    const counts = { kept: 0, same: 0, passed: 0 };
    const trouble = (why, name) => { const item = document.createElement("li"); item.textContent = `${name}: ${why}`; $("#unsent").append(item); };
    $("#unsent").replaceChildren();
    $("#sent").hidden = false;
    for (const [at, [file, name]] of files.entries()) {
      status.textContent = `${told.sending} ${at + 1}/${files.length}: ${name}`;
      if (file.size > Number(told.most)) { trouble(told.toolarge, name); continue; }
      try {
        const answer = await send(file, name);
        Object.keys(counts).forEach((kind) => { counts[kind] += answer[kind]; });
      } catch (error) {
        trouble({ 413: told.toolarge, 0: told.lost }[error.message] ?? told.refused, name);
        if (error.message === "0") { files.slice(at + 1).forEach(([, left]) => trouble(told.lost, left)); break; }
      }
    }
    status.textContent = [`${told.sent}: ${counts.kept}`, counts.same && `${told.same}: ${counts.same}`, counts.passed && `${told.passed}: ${counts.passed}`].filter(Boolean).join(" · ");
    $("#sent").hidden = true;
    htmx.ajax("GET", "/uploads", { target: "#ingest", swap: "outerHTML" });
  };
  if (drop) {
    const folder = $("#folder");
    if ("webkitdirectory" in folder) folder.parentElement.hidden = false;
    drop.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = [...drop.elements.file.files].map((file) => [file, file.name]);
      sendAll([...chosen, ...[...folder.files].map((file) => [file, file.webkitRelativePath || file.name])]).then(() => { drop.elements.file.value = ""; folder.value = ""; });
    });
    ["dragover", "dragleave", "drop"].forEach((name) => document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
    }));
    document.addEventListener("drop", async (event) => {
      const items = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
      const found = [];
      for (const item of items) await entries(item, "", found);
      if (found.length) sendAll(found);
    });
  }

  const more = $(".filter .more"); // on a phone the plans come first, unless something is chosen
  if (more) {
    const fold = (on) => { $("#filter").classList.toggle("folded", on); more.setAttribute("aria-expanded", String(!on)); };
    fold(![...new URLSearchParams(location.search)].some(([name]) => name !== "at" && name !== "text"));
    more.onclick = () => fold(!$("#filter").classList.contains("folded"));
  }

  dress();
  if (work()) {
    restoreDraft();
    if (location.hash === "#next") step(1);
  }
})();
