/* Sends the chosen files one after the other, with progress, and tries again by itself.

   Without it the form sends them all at once; both ways end on the page that shows what was found.
   A drop on the zone fills the same field that a person fills by choosing. */
(() => {
  "use strict";
  const form = document.getElementById("send-form");
  if (!form) return;
  const field = form.elements.file;
  const zone = document.getElementById("drop-zone");
  const panel = document.getElementById("uploads");
  const status = document.getElementById("upload-status");
  const list = document.getElementById("upload-list");
  const goOn = document.getElementById("upload-go-on");
  const back = document.getElementById("upload-back");
  const texts = document.getElementById("upload-texts").dataset;
  const pauses = [2, 5, 15, 30, 60]; // Seconds before each further try.
  const language = document.documentElement.lang;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const inWords = (bytes) => {
    const mega = bytes >= 1e6;
    const number = (bytes / (mega ? 1e6 : 1e3)).toLocaleString(language, { maximumFractionDigits: mega ? 1 : 0 });
    return fill(mega ? texts.megabytes : texts.kilobytes, { number });
  };

  /* --- The drop zone */

  zone.querySelector(".drop-words").hidden = false;
  const hovering = (on) => zone.classList.toggle("drop-zone-over", on);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); hovering(true); });
  zone.addEventListener("dragleave", () => hovering(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    hovering(false);
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });

  /* --- One file */

  class Upload {
    constructor(file) {
      this.file = file;
      this.state = "waiting";
      this.tries = 0;
      const row = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
      this.words = row.querySelector(".upload-state");
      this.bar = row.querySelector(".upload-bar");
      this.cancelButton = row.querySelector(".upload-cancel");
      this.againButton = row.querySelector(".upload-again");
      row.querySelector(".upload-name").textContent = file.name;
      this.bar.setAttribute("aria-label", fill(texts.label, { file: file.name }));
      this.cancelButton.setAttribute("aria-label", fill(texts.cancelLabel, { file: file.name }));
      this.againButton.setAttribute("aria-label", fill(texts.againLabel, { file: file.name }));
      this.cancelButton.addEventListener("click", () => this.cancel());
      this.againButton.addEventListener("click", () => this.again());
      this.become("waiting", texts.waiting);
      list.append(row);
    }

    become(state, words) {
      this.state = state;
      this.words.textContent = words;
      this.cancelButton.hidden = !["waiting", "going", "pausing"].includes(state);
      this.againButton.hidden = !["failed", "cancelled"].includes(state);
      this.bar.hidden = ["failed", "cancelled"].includes(state);
    }

    start() {
      this.began = performance.now();
      this.told = 0; // Seconds after the beginning at which a screen reader last heard of it.
      this.bar.value = 0;
      this.become("going", "");
      const data = new FormData();
      for (const name of ["csrfmiddlewaretoken", "submission", "account"]) data.append(name, new FormData(form).get(name) || "");
      data.append("file", this.file);
      data.append("complete", "1");
      const request = (this.request = new XMLHttpRequest());
      request.open("POST", location.pathname);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => this.progress(event.loaded, event.total));
      request.addEventListener("load", () => this.answered(request));
      request.addEventListener("error", () => this.broke());
      request.send(data);
    }

    progress(loaded, total) {
      const percent = Math.floor((100 * loaded) / total);
      const seconds = (performance.now() - this.began) / 1000;
      const speed = loaded / Math.max(seconds, 0.001);
      const left = (total - loaded) / speed;
      this.bar.value = percent;
      const minutes = Math.ceil(left / 60);
      const text = seconds < 1 ? texts.going : minutes > 1 ? texts.minutes : texts.seconds;
      this.words.textContent = loaded === total ? texts.checking : fill(text, { percent, minutes, speed: inWords(speed) });
      if (seconds > this.told + 15) {
        this.told = seconds;
        status.textContent = `${this.file.name}: ${this.words.textContent}`;
      }
    }

    answered(request) {
      const json = (request.getResponseHeader("Content-Type") || "").startsWith("application/json");
      const answer = json ? JSON.parse(request.responseText) : {};
      if (request.status === 201) {
        goOn.href = answer.review;
        this.bar.value = 100;
        this.become("done", texts.done);
        return next();
      }
      // Without a session the portal leads to its login page, which a request follows silently.
      const elsewhere = new URL(request.responseURL).pathname !== location.pathname;
      if (request.status === 403 || elsewhere) return this.fail(texts.session, refresh);
      if ([502, 503, 504].includes(request.status)) return this.broke();
      return this.fail(answer.errors ? answer.errors.join(" ") : texts.refused);
    }

    /* A connection that breaks is tried again; a file that changed on the disk is not. */
    async broke() {
      try {
        await this.file.slice(0, 1).arrayBuffer();
      } catch {
        return this.fail(texts.changed);
      }
      if (this.tries >= pauses.length) return this.fail(texts.lost);
      const seconds = pauses[this.tries++];
      this.become("pausing", fill(texts.broken, { seconds }));
      this.timer = setTimeout(() => this.state === "pausing" && this.start(), seconds * 1000);
    }

    fail(words, mend = null) {
      this.mend = mend;
      this.become("failed", words);
      next();
      status.textContent = `${this.file.name}: ${words}`;
    }

    async again() {
      if (this.mend) await this.mend();
      this.tries = 0;
      this.become("waiting", texts.waiting);
      next();
    }

    cancel() {
      clearTimeout(this.timer);
      if (this.request) this.request.abort();
      this.become("cancelled", texts.cancelled);
      next();
    }
  }

  /* --- All of them, one after the other */

  let uploads = [];

  function next() {
    if (uploads.some((upload) => ["going", "pausing"].includes(upload.state))) return;
    const done = uploads.filter((upload) => upload.state === "done").length;
    const waiting = uploads.find((upload) => upload.state === "waiting");
    if (done) status.textContent = fill(texts.progress, { done, count: uploads.length });
    if (waiting) return waiting.start();
    if (done === uploads.length) return location.assign(goOn.href);
    goOn.hidden = !done;
    back.hidden = false;
  }

  /* Somebody who logged in again in another window has another token there. */
  async function refresh() {
    const answer = await fetch(location.pathname).catch(() => null);
    const page = new DOMParser().parseFromString(answer ? await answer.text() : "", "text/html");
    const fresh = page.querySelector("#send-form [name=csrfmiddlewaretoken]");
    if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
  }

  form.addEventListener("submit", (event) => {
    if (!field.files.length) return;
    event.preventDefault();
    list.replaceChildren();
    status.textContent = "";
    goOn.hidden = back.hidden = true;
    form.hidden = true;
    panel.hidden = false;
    panel.focus();
    uploads = Array.from(field.files, (file) => new Upload(file));
    next();
  });

  function startOver() {
    uploads = [];
    panel.hidden = true;
    form.hidden = false;
    field.value = "";
  }

  back.addEventListener("click", () => { startOver(); field.focus(); });
  // Somebody who comes back from the next page finds the form, not what was on its way.
  window.addEventListener("pageshow", (event) => event.persisted && startOver());
  window.addEventListener("beforeunload", (event) => {
    if (uploads.some((upload) => ["going", "pausing", "waiting"].includes(upload.state))) event.preventDefault();
  });
})();
