/* What every page does by itself: sends a form once, keeps what was typed, warns before the session
   ends, and shows what moves. One file, as a page may ask for eight at most. All words stand in the
   pages; without this file every page works as well, and is only less patient. */
"use strict";

/* Shows those parts of an element that are meant for one of the given moments, and hides others. */
function showWhen(element, ...moments) {
  for (const part of element.querySelectorAll("[data-when]")) part.hidden = !moments.includes(part.dataset.when);
}

/* --- A form is sent once, and its errors lead to their fields */
(() => {
  const PATIENCE = 30_000; // Milliseconds, after which a form that still stands here may go again.
  const FILE_PATIENCE = 3_000; // As long, where the answer is a file and the page stays.
  const FOCUSABLE = "input:not([type=hidden]), select, textarea, button";
  const status = document.getElementById("form-busy");

  const buttonsOf = (form) => [...form.elements].filter((each) => each.type === "submit");

  function release(form) {
    delete form.dataset.sent;
    for (const button of buttonsOf(form)) button.disabled = false;
    if (status) status.textContent = "";
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || (form.getAttribute("method") || "").toLowerCase() !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    // A button that is disabled sooner sends no value.
    setTimeout(() => {
      for (const button of buttonsOf(form)) button.disabled = true;
      if (status) status.textContent = status.dataset.busy;
    });
    setTimeout(() => release(form), "answersWithFile" in form.dataset ? FILE_PATIENCE : PATIENCE);
  });
  // Also for who comes back, and for browsers that remember over a reload what was disabled.
  window.addEventListener("pageshow", () => [...document.forms].forEach(release));

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    const goal = link && document.getElementById(link.hash.slice(1));
    const field = goal && (goal.matches(FOCUSABLE) ? goal : goal.querySelector(FOCUSABLE));
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();

/* --- What was typed or chosen outlives a session that ended: in this tab, for the same person */
(() => {
  const STORE = "drafts";
  const TEXT = ["text", "search", "email", "url", "tel", "number", "date", "datetime-local", "textarea"];
  const TICKS = ["radio", "checkbox"];
  const LISTS = ["select-one", "select-multiple"];
  const here = location.pathname + location.search;
  const { person = "", drafts: mode = "" } = document.body.dataset;
  const news = document.getElementById("form-news");

  function read() {
    try { return JSON.parse(sessionStorage.getItem(STORE)) || []; } catch { return []; }
  }

  function write(drafts) {
    try {
      if (drafts.length) sessionStorage.setItem(STORE, JSON.stringify(drafts));
      else sessionStorage.removeItem(STORE);
    } catch { /* No room, or not allowed: then nothing is kept. */ }
  }

  const forms = [...document.querySelectorAll("main form[method=post]")];
  const keyOf = (form) => `${form.getAttribute("action") || ""} ${forms.indexOf(form)}`;
  const fieldsOf = (form) => [...form.elements].filter((each) =>
    each.name && [...TEXT, ...TICKS, ...LISTS].includes(each.type) && !each.readOnly && !each.closest("[data-secret]"));

  /* What can be chosen in a field, each with what says so, and with what the page said by itself. */
  function partsOf(field) {
    if (LISTS.includes(field.type)) return [...field.options].map((each) => [each, "selected", each.defaultSelected]);
    return TICKS.includes(field.type) ? [[field, "checked", field.defaultChecked]] : [[field, "value", field.defaultValue]];
  }

  const nameOf = (field, part) => [field.name, TEXT.includes(field.type) ? "" : part.value].join("\n");
  const statesOf = (form) => fieldsOf(form).flatMap((field) =>
    partsOf(field).map(([part, state, byItself]) => ({ name: nameOf(field, part), part, state, byItself })));

  function keep(form) {
    const fields = statesOf(form).map(({ name, part, state }) => [name, part[state]]);
    const others = read().filter((draft) => draft.path !== here || draft.form !== keyOf(form));
    write([...others, { person, path: here, form: keyOf(form), fields, survives: false }]);
  }

  /* Puts back what somebody did not do anew already; returns whether there was any. */
  function restore(draft) {
    const form = forms.find((each) => keyOf(each) === draft.form);
    const kept = new Map(draft.fields);
    let found = false;
    for (const { name, part, state, byItself } of form ? statesOf(form) : []) {
      if (!kept.has(name) || kept.get(name) === part[state] || part[state] !== byItself) continue;
      part[state] = kept.get(name);
      found = true;
    }
    return found;
  }

  let drafts = read();
  if (!person || mode === "survive") {
    // Nobody is logged in now, or the form was too old: what was typed is still to come back.
    for (const draft of drafts) draft.survives = true;
    if (drafts.length && news) showWhen(news, "kept");
  } else {
    drafts = drafts.filter((draft) => draft.survives && draft.person === person);
    const back = drafts.filter((draft) => draft.path === here);
    if (back.map(restore).includes(true)) showWhen(news, "back");
    // From now on it lives as long as any other text: until the next page.
    for (const draft of back) draft.survives = false;
  }
  write(drafts);

  document.addEventListener("input", (event) => {
    const { form } = event.target;
    if (person && forms.includes(form) && fieldsOf(form).includes(event.target)) keep(form);
  });
  document.addEventListener("submit", (event) => {
    if ("forgets" in event.target.dataset) write([]);
  });
})();

/* --- A warning before the session ends */
(() => {
  const dialog = document.getElementById("session-end");
  if (!dialog) return;
  const WARNED_BEFORE = 120_000; // Milliseconds.
  const EVERY = 10_000;
  const form = dialog.querySelector("form");
  let end = Date.now() + Number(dialog.dataset.seconds) * 1000;
  let told = ""; // Of what the dialog told already: a person who closes it is left alone.
  let away = false; // The portal did not answer, so the end is what this page was told before.
  let stays = false; // Somebody wants to stay, and the portal has not answered to that yet.

  function send(posts) {
    const headers = { Accept: "application/json", "HX-Request": "true" };
    const post = posts && { method: "POST", body: new FormData(form) };
    return fetch(dialog.dataset.address, { ...post, headers, signal: AbortSignal.timeout(EVERY) }).catch(() => null);
  }

  /* Returns what the portal tells; null when it does not: away, or too busy to answer. */
  async function ask(posts) {
    let answer = await send(posts);
    if (answer && answer.status === 403 && posts && await renewToken()) answer = await send(posts);
    if (answer && answer.status === 401) return { seconds: 0, may_stay: false };
    return answer && answer.ok ? answer.json().catch(() => null) : null;
  }

  /* Somebody logged in again in another tab, which made the token of this page worthless. */
  async function renewToken() {
    const { token } = await ask(false) || {};
    if (token) form.elements.csrfmiddlewaretoken.value = token;
    return Boolean(token);
  }

  async function learn(posts) {
    const answer = await ask(posts);
    away = !answer;
    if (answer) end = Date.now() + answer.seconds * 1000;
    if (answer && posts) stays = false;
    show(!answer || answer.may_stay);
  }

  function show(mayStay) {
    const left = end - Date.now();
    const trouble = away ? ["away"] : [];
    if (left <= 0) return tell("over", ...trouble);
    if (left <= WARNED_BEFORE) return tell("soon", mayStay ? "may-stay" : "may-not-stay", ...trouble);
    told = "";
    dialog.close();
  }

  function tell(what, ...moments) {
    showWhen(dialog, what, ...moments);
    if (what !== told && !dialog.open) dialog.showModal();
    told = what;
  }

  /* The portal knows best: another tab may have stayed, or logged out. */
  function check() {
    const left = end - Date.now();
    const due = left <= 0 ? "over" : left <= WARNED_BEFORE ? "soon" : "";
    if (due && (due !== told || away || stays)) learn(stays);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stays = true;
    learn(stays);
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (told === "over") told = ""; // Somebody may have logged in again in another tab.
    check();
  });
  setInterval(check, EVERY);
})();

/* --- What moves on a page is asked for again, and put in place piece by piece */
(() => {
  const region = document.getElementById("live");
  if (!region || !region.hasAttribute("hx-get") || !window.htmx) return;
  const trouble = document.getElementById("live-trouble");
  const news = document.getElementById("live-news");
  // How often, and after how many seconds, as long as nothing changes.
  const PACES = [[6, 10], [10, 30], [Infinity, 120]];
  const SLOWER = 6; // From so many quiet looks on.
  const MOST_TOLD = 3;
  let quiet = 0;
  let failures = 0;
  let due = 0;
  let timer = 0;
  let ended = false;
  let asking = false;
  let held = null; // What is to be shown as soon as nobody works in what it takes away.

  function pace() {
    let looks = quiet;
    for (const [times, seconds] of PACES) {
      if (looks < times) return seconds * 1000;
      looks -= times;
    }
    return 0;
  }

  function plan() {
    due = Date.now() + pace();
    wait();
  }

  function wait() {
    clearTimeout(timer);
    if (!ended && !document.hidden) timer = setTimeout(look, Math.max(0, due - Date.now()));
  }

  function look() {
    if (asking || ended) return;
    asking = true;
    window.htmx.trigger(region, "look");
  }

  function stop(...moments) {
    ended = true;
    clearTimeout(timer);
    if (moments.length) showWhen(trouble, ...moments);
  }

  /* Returns the region of an answer; null when it is anything else, such as a login page. */
  function regionOf(request) {
    const elsewhere = request.responseURL && new URL(request.responseURL).pathname !== location.pathname;
    if (elsewhere || ![200, 286].includes(request.status)) return null;
    return new DOMParser().parseFromString(request.responseText, "text/html").getElementById("live");
  }

  function answered(request) {
    asking = false;
    const fresh = regionOf(request);
    if (fresh) {
      quiet = 0;
      show(fresh);
      if (request.status === 286) stop();
    } else if (request.status === 304) {
      quiet += 1;
    } else if (request.status === 401) {
      return stop("out");
    } else if (request.status >= 500 || !request.status) {
      failures += 1;
      quiet = Math.max(quiet, SLOWER);
      if (failures > 1) showWhen(trouble, "away");
      return plan();
    } else {
      return stop("stale");
    }
    if (failures) showWhen(trouble, ...(held ? ["held"] : []));
    failures = 0;
    plan();
  }

  function show(fresh) {
    const works = isWorkedIn(region, fresh);
    if (works !== Boolean(held)) showWhen(trouble, ...(works ? ["held"] : []));
    held = works ? fresh : null;
    if (works) return;
    const told = newsIn(fresh);
    const focused = document.activeElement;
    change(region, fresh);
    // Moving an element takes the focus from it.
    if (focused !== document.activeElement && region.contains(focused)) focused.focus({ preventScroll: true });
    tell(told);
  }

  /* --- What is read aloud */

  const toldBy = (root) => [...root.querySelectorAll("[data-told]")];

  /* Returns the sentences that are new. A row that only moved up from a further page is no news. */
  function newsIn(fresh) {
    const known = new Set(toldBy(region).map((each) => each.dataset.told));
    const ids = new Set(toldBy(region).map((each) => each.id).filter(Boolean));
    const isNews = (each) => !each.id || ids.has(each.id) || !joinedAtTheEnd(each, ids);
    const found = toldBy(fresh).filter((each) => !known.has(each.dataset.told) && isNews(each));
    const came = toldBy(fresh).some((each) => each.dataset.gone && !ids.has(each.id));
    // Who joins a short list may push another off it, which then did not end.
    const gone = came ? [] : [...region.querySelectorAll("[data-gone]")].filter((each) => !fresh.querySelector(`#${CSS.escape(each.id)}`));
    return [...gone.map((each) => each.dataset.gone), ...found.map((each) => each.dataset.told)];
  }

  function joinedAtTheEnd(element, ids) {
    const row = [...element.parentElement.children];
    const lastKnown = row.map((each) => ids.has(each.id)).lastIndexOf(true);
    return lastKnown >= 0 && row.indexOf(element) > lastKnown;
  }

  function tell(sentences) {
    if (!sentences.length) return;
    const many = news.dataset.many.replace("{number}", sentences.length);
    news.textContent = "";
    setTimeout(() => { news.textContent = sentences.length > MOST_TOLD ? many : sentences.join(" "); }, 100);
  }

  /* --- Putting it in place: what is the same stays the same element, with its focus and its text */

  // Not looked into: people change these themselves.
  const KEPT = "textarea, select, [data-live-keep]";
  const OWN_ATTRIBUTES = new Set(["open", "value", "checked", "disabled"]);
  const NAMES = ["id", "aria-labelledby", "href", "action", "name", "value"];

  const nameOf = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE || node.type === "hidden") return "";
    const attribute = NAMES.find((each) => node.hasAttribute(each));
    return attribute ? `${attribute} ${node.getAttribute(attribute)}` : "";
  };
  const isSame = (one, other) => one.nodeName === other.nodeName && nameOf(one) === nameOf(other);

  /* Returns each child of `fresh` with the child of `old` that it stands for, if there is one. */
  function pairs(old, fresh) {
    const left = [...old.childNodes];
    return [...fresh.childNodes].map((child) => {
      const at = left.findIndex((each) => isSame(each, child));
      return [child, at < 0 ? null : left.splice(at, 1)[0]];
    });
  }

  function change(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (old.isEqualNode(fresh)) return;
    changeAttributes(old, fresh);
    if (old.matches(KEPT)) return;
    const found = pairs(old, fresh);
    const stays = new Set(found.map(([, known]) => known));
    for (const child of [...old.childNodes]) if (!stays.has(child)) child.remove();
    let place = old.firstChild;
    for (const [child, known] of found) {
      const node = known || document.importNode(child, true);
      if (known) change(known, child);
      if (node === place) place = place.nextSibling;
      else old.insertBefore(node, place);
    }
  }

  function changeAttributes(old, fresh) {
    const isOwn = (name) => OWN_ATTRIBUTES.has(name) && old.type !== "hidden";
    for (const { name, value } of [...fresh.attributes]) if (!isOwn(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!isOwn(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }

  /* Says whether `fresh` would take away what has the focus, or what somebody typed or chose. */
  function isWorkedIn(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE || old.matches(KEPT)) return false;
    const found = pairs(old, fresh);
    const stays = new Set(found.map(([, known]) => known));
    const goes = [...old.childNodes].filter((child) => !stays.has(child) && child.nodeType === Node.ELEMENT_NODE);
    return goes.some(isInUse) || found.some(([child, known]) => known && isWorkedIn(known, child));
  }

  function isInUse(element) {
    const fields = [element, ...element.querySelectorAll("*")].filter((each) => each.matches("input:not([type=hidden]), textarea"));
    const isChanged = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
    return element.contains(document.activeElement) || fields.some(isChanged);
  }

  /* --- When */

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === region) event.detail.shouldSwap = false;
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === region) answered(event.detail.xhr);
  });
  region.addEventListener("focusout", () => setTimeout(() => held && show(held)));
  document.addEventListener("visibilitychange", wait);
  window.addEventListener("online", wait);
  plan();
})();
