"use strict";
// Everything that a document said is set as text (textContent), never as HTML.
(() => {
  const { cards, years, texts, required } = JSON.parse(document.getElementById("data").textContent);
  const rows = [...document.querySelectorAll("tr.plan")];
  const LIMIT = 100; // cards opened by one click: more would stall the page
  const fill = (key, values) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key === "class") element.className = value;
      else element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  };
  const chip = (mark) =>
    make("span", { class: `chip ${mark}` }, `${texts[`mark.${mark}.symbol`]} ${texts[`mark.${mark}.label`]}`);
  const block = (title, ...children) => make("div", {}, make("h4", {}, title), ...children);
  const list = (values, name) => make("ul", { class: name }, ...values.map((value) => make("li", {}, value)));

  // The words that name the index stand out: they may run over several pieces.
  const named = (quote, name) => {
    const whole = quote.map(([text]) => text).join(" ");
    const at = name ? whole.indexOf(name) : -1;
    return at < 0 ? [0, 0] : [at, at + name.length];
  };
  const quotation = (name) => (found) => {
    const mark = make("mark");
    const [from, to] = named(found.quote, name);
    let at = 0;
    const put = (parent, text) => {
      const cuts = [0, from - at, to - at, text.length].map((cut) => Math.min(Math.max(cut, 0), text.length));
      parent.append(text.slice(0, cuts[1]));
      if (cuts[2] > cuts[1]) parent.append(make("b", {}, text.slice(cuts[1], cuts[2])));
      parent.append(text.slice(Math.max(cuts[1], cuts[2])));
      at += text.length;
    };
    found.quote.forEach(([text, raw], number) => {
      if (number) put(mark, " ");
      if (raw === undefined) put(mark, text);
      else {
        const label = `${texts["report.raw_text"]}: ${raw || "–"}`;
        const ins = make("ins", { "data-raw": label, title: label, tabindex: "0" });
        put(ins, text);
        mark.append(ins);
      }
    });
    const sure = fill("report.confidence", { percent: found.sure });
    return [
      make("blockquote", {}, found.before, mark, found.after),
      make("cite", {}, `${found.where} · ${sure}`),
    ];
  };

  const finding = (index, mark, data) => {
    const head = make("header", {}, make("b", {}, index), chip(mark), make("span", { class: "reason" }, data.reason));
    const more = data.more ? make("cite", {}, fill("report.more_evidence", { count: data.more })) : null;
    return make("div", { class: "finding" }, head, ...data.evidence.flatMap(quotation(data.name)), more);
  };

  const page = (number) => (number ? ` (${fill("workbook.page", { page: number })})` : "");
  const profile = (lines) =>
    make("dl", { class: "profile" }, ...lines.flatMap(([title, value]) => [make("dt", {}, title), make("dd", {}, value)]));
  const quality = (card) => {
    const [words, edited, uncertain] = card.quality.map((count) => count.toLocaleString(document.documentElement.lang));
    const line = fill("report.quality_line", { words, edited, uncertain });
    return make("p", {}, `${card.damage.join(", ")} · ${line}`);
  };

  const grouped = (channels) => {
    const modes = new Map();
    for (const channel of channels) modes.set(channel[1], [...(modes.get(channel[1]) ?? []), channel]);
    return modes;
  };

  // What changed since the plan of the year before: one line for each difference.
  const since = (data) => {
    const line = ([compared, change, subject, before, after]) => {
      const said = [before, after].map((text, at) => text && make(at ? "ins" : "del", { class: "year" }, text));
      const head = [change, subject].filter(Boolean).join(": ");
      return make("li", {}, make("b", {}, compared), ` · ${head}`, ...said.filter(Boolean).flatMap((part) => [" ", part]));
    };
    const earlier = make("a", { href: `#p${data.row + 1}` }, String(data.year));
    const more = data.more ? make("p", { class: "note" }, fill("years.more", { count: data.more })) : null;
    return make("div", {}, make("h4", {}, `${texts["report.since"]} `, earlier),
      make("ul", { class: "plain since" }, ...data.lines.map(line)), more);
  };

  const article = (card, compared) => {
    const file = card.href ? make("a", { href: card.href, rel: "noreferrer" }, card.path) : card.path;
    const repaired = card.indices.some((i) => i.evidence.some((e) => e.quote.some((piece) => piece.length > 1)));
    const areas = make("ul", { class: "tags" }, ...card.areas.map(([name, on, where]) =>
      make("li", on ? {} : { class: "off" }, `${on ? "✓" : "✗"} ${name}${page(where)}`)));
    const modes = grouped(card.channels);
    const channels = [...modes].map(([mode, found]) =>
      block(`${texts["report.channels"]} – ${mode.toLowerCase()}`, list(found.map(([name, , where]) => `${name}${page(where)}`), "tags")));
    const missing = card.missing.length
      ? list(card.missing, "tags")
      : make("p", {}, texts["report.nothing_missing"]);
    return make("article", {},
      make("div", {}, make("h3", {}, card.title || card.unit), make("p", { class: "file" }, file)),
      block(texts["report.evidence"],
        ...card.indices.map((data, at) => finding(required[at], card.marks[at], data)),
        repaired ? make("p", { class: "note" }, texts["report.repaired_hint"]) : null),
      compared ? since(compared) : null,
      make("div", { class: "two" },
        make("div", { class: "stack" },
          block(texts["report.profile"], profile(card.profile)),
          block(texts["report.quality"], quality(card))),
        make("div", { class: "stack" },
          block(texts["report.missing"], missing),
          card.areas.length ? block(texts["report.areas"], areas) : null,
          ...channels,
          card.leftovers.length ? block(texts["report.leftovers"], list(card.leftovers, "plain")) : null,
          card.unassigned.length ? block(texts["report.unassigned"], list(card.unassigned, "plain")) : null,
          card.issues.length ? block(texts["report.issues"], list(card.issues, "plain")) : null)));
  };

  const isOpen = (row) => row.nextElementSibling?.classList.contains("card") ?? false;
  // A narrow screen hides columns: a card that spanned them would add empty ones.
  const columns = (row) => [...row.cells].filter((cell) => getComputedStyle(cell).display !== "none").length;
  const open = (row) => {
    if (isOpen(row)) return;
    const at = rows.indexOf(row);
    const cell = make("td", { colspan: String(columns(row)) }, article(cards[at], years[at]));
    row.after(make("tr", { class: "card" }, cell));
    row.querySelector(".unit").setAttribute("aria-expanded", "true");
  };
  const close = (row) => {
    if (isOpen(row)) row.nextElementSibling.remove();
    row.querySelector(".unit").setAttribute("aria-expanded", "false");
  };

  // Search: diacritics and case do not matter, every word must be found.
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  const haystacks = new Array(cards.length);
  const haystack = (at) => {
    if (haystacks[at] === undefined) {
      const card = cards[at];
      const quotes = card.indices.flatMap((i) => i.evidence.flatMap((e) => e.quote.map(([text]) => text)));
      haystacks[at] = fold([card.unit, card.title, card.path, ...card.profile.map(([, value]) => value), ...quotes].join(" "));
    }
    return haystacks[at];
  };
  const lacking = (mark) => ["citation_only", "thematic_only", "absent"].includes(mark);
  const keeps = {
    all: () => true,
    gap: (marks) => marks.some(lacking),
    review: (marks) => marks.includes("to_review") || marks.includes("unsure"),
    complete: (marks) => marks.every((mark) => mark === "covered"),
    lacks: (marks, at) => lacking(marks[at]),
  };
  const search = document.getElementById("search");
  const filter = document.getElementById("filter");
  const visible = () => rows.filter((row) => !row.hidden);
  const apply = () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    const [kind, at] = filter.value.split(":");
    rows.forEach((row, number) => {
      const kept = keeps[kind](cards[number].marks, Number(at)) && words.every((word) => haystack(number).includes(word));
      row.hidden = !kept;
      if (isOpen(row)) row.nextElementSibling.hidden = !kept;
    });
    const shown = visible().length;
    document.getElementById("shown").textContent = fill("report.shown", { shown, all: rows.length });
    document.getElementById("none").hidden = shown > 0;
  };

  if (!rows.length) return;
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  filter.addEventListener("change", apply);
  document.querySelector("table.matrix tbody").addEventListener("click", (event) => {
    const row = event.target.closest("tr.plan");
    if (!row || (!event.target.closest(".unit") && !event.target.closest("td.m"))) return;
    if (isOpen(row)) close(row);
    else open(row);
  });
  document.getElementById("open").addEventListener("click", () => {
    const shown = visible();
    shown.slice(0, LIMIT).forEach(open);
    if (shown.length > LIMIT) document.getElementById("shown").textContent = fill("report.open_limit", { count: LIMIT });
  });
  document.getElementById("close").addEventListener("click", () => rows.forEach(close));
  document.getElementById("print").addEventListener("click", () => window.print());
  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  const jump = () => {
    const row = /^#p\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
    if (row) { open(row); row.scrollIntoView(); }
  };
  document.querySelector(".tools").hidden = false;
  addEventListener("hashchange", jump);
  addEventListener("resize", () => {
    for (const card of document.querySelectorAll("tr.card > td")) card.colSpan = columns(card.parentElement.previousElementSibling);
  });
  const spread = () => document.querySelectorAll("tr.card > td").forEach((card) => { card.colSpan = rows[0].cells.length; });
  addEventListener("beforeprint", spread);
  apply();
  jump();
})();
