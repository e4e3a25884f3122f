/* Sends the chosen files one after the other, and shows how far each of them is. */
(() => {
  "use strict";
  const { form } = sending;
  const field = form.elements.file;
  const panel = document.getElementById("uploads");
  const status = document.getElementById("upload-status");
  const list = document.getElementById("upload-list");
  const goOn = document.getElementById("upload-go-on");
  const back = document.getElementById("upload-back");
  const texts = document.getElementById("upload-texts").dataset;
  const language = document.documentElement.lang;
  const BUSY = ["waiting", "going", "pausing"];

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const inWords = (bytes) => {
    const mega = bytes >= 1e6;
    const number = (bytes / (mega ? 1e6 : 1e3)).toLocaleString(language, { maximumFractionDigits: mega ? 1 : 0 });
    return fill(mega ? texts.megabytes : texts.kilobytes, { number });
  };
  const chosenAccount = () => new FormData(form).get("account") || "";

  /* --- One file */

  class Row {
    constructor(file) {
      this.file = file;
      this.account = chosenAccount();
      const row = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
      this.words = row.querySelector(".upload-state");
      this.note = row.querySelector(".upload-note");
      this.bar = row.querySelector(".upload-bar");
      this.cancelButton = row.querySelector(".upload-cancel");
      this.againButton = row.querySelector(".upload-again");
      this.link = row.querySelector(".upload-review");
      this.link.textContent = fill(texts.alone, { file: file.name });
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
      this.cancelButton.hidden = !BUSY.includes(state);
      this.againButton.hidden = !["failed", "cancelled"].includes(state);
      this.bar.hidden = ["failed", "cancelled"].includes(state);
    }

    /* The part, or the whole, of this very file that is here already. */
    get known() {
      return sending.known.find((each) => this.isOf(each) && each.size === this.file.size && each.modified === this.file.lastModified);
    }

    isOf(known) {
      return known.name === this.file.name && known.account === this.account;
    }

    /* Whether it is a part of another file of this name; not every browser tells when it was changed. */
    isOther(known) {
      const isChanged = known.modified !== null && known.modified !== this.file.lastModified;
      return !known.review && this.isOf(known) && (isChanged || known.size !== this.file.size);
    }

    start() {
      this.began = 0;
      this.told = 0; // Seconds after the beginning at which a screen reader last heard of it.
      this.become("going", "");
      const known = this.known;
      if (known?.review) return this.done(known.review);
      if (!known && sending.known.some((each) => this.isOther(each))) this.say(texts.other);
      this.transport ??= new sending.Transport(this.file, this.place(known), this);
      this.transport.again();
    }

    place(known) {
      return {
        endpoint: texts.endpoint,
        address: known?.address,
        form: form.elements.submission.value,
        account: this.account,
        token: () => form.elements.csrfmiddlewaretoken.value,
      };
    }

    say(words) {
      this.note.textContent = words;
      this.note.hidden = false;
    }

    begun(address) {
      if (sending.known.some((each) => each.address === address)) return;
      const { name, size, lastModified: modified } = this.file;
      sending.known.push({ address, name, size, modified, account: this.account });
    }

    progress(loaded, total) {
      if (this.state === "pausing") this.become("going", "");
      // What was here before tells nothing of the speed.
      if (!this.began) [this.began, this.first] = [performance.now(), loaded];
      const percent = Math.floor((100 * loaded) / total);
      const seconds = (performance.now() - this.began) / 1000;
      const speed = (loaded - this.first) / Math.max(seconds, 0.001);
      const minutes = Math.ceil((total - loaded) / Math.max(speed, 1) / 60);
      this.bar.value = percent;
      const text = seconds < 1 ? texts.going : minutes > 1 ? texts.minutes : texts.seconds;
      this.words.textContent = loaded === total ? texts.checking : fill(text, { percent, minutes, speed: inWords(speed) });
      if (seconds > this.told + 15) {
        this.told = seconds;
        this.tell(this.words.textContent);
      }
    }

    pausing(seconds, isBusy) {
      this.began = 0;
      this.become("pausing", isBusy ? texts.checking : fill(texts.broken, { seconds }));
      if (!isBusy) this.tell(this.words.textContent);
    }

    done(review) {
      if (!review) return this.failed("refused");
      if (this.known) sending.forget(this.known.address);
      this.review = goOn.href = review;
      this.bar.value = 100;
      this.become("done", texts.done);
      next();
    }

    showLink(shown) {
      this.link.href = this.review;
      this.link.hidden = !shown;
    }

    failed(reason, words) {
      this.reason = reason;
      this.become("failed", words || texts[reason]);
      next();
      this.tell(this.words.textContent);
    }

    tell(words) {
      status.textContent = `${this.file.name}: ${words}`;
    }

    async again() {
      if (this.reason === "session") await refresh();
      this.reason = null;
      this.become("waiting", texts.waiting);
      next();
    }

    cancel() {
      if (this.transport?.stop() && this.known) sending.forget(this.known.address);
      this.become("cancelled", texts.cancelled);
      next();
    }
  }

  /* --- All of them, one after the other */

  let rows = [];

  function next() {
    if (rows.some((row) => ["going", "pausing"].includes(row.state))) return;
    const here = rows.filter((row) => row.state === "done");
    const done = here.length;
    const waiting = rows.find((row) => row.state === "waiting");
    if (done) status.textContent = fill(texts.progress, { done, count: rows.length });
    if (waiting) return waiting.start();
    // One that was sent from another window meanwhile is not among the others on the next page.
    const apart = here.some((row) => row.review !== here[0].review);
    if (done && done === rows.length && !apart) return location.assign(goOn.href);
    if (apart) status.textContent = texts.apart;
    for (const row of here) row.showLink(apart);
    goOn.hidden = !done || apart;
    back.hidden = false;
  }

  /* Somebody who logged in again in another window has another token there. */
  async function refresh() {
    const answer = await fetch(location.href).catch(() => null);
    const page = new DOMParser().parseFromString(answer ? await answer.text() : "", "text/html");
    const fresh = page.querySelector("#send-form [name=csrfmiddlewaretoken]");
    if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
  }

  sending.start = () => {
    // A reload finds the same form again, and with it what came of it.
    const query = new URLSearchParams({ form: form.elements.submission.value, account: chosenAccount() });
    history.replaceState(null, "", `?${query}`);
    list.replaceChildren();
    status.textContent = "";
    goOn.hidden = back.hidden = true;
    showForm(false);
    panel.focus();
    rows = Array.from(field.files, (file) => new Row(file));
    next();
  };

  function showForm(shown) {
    form.hidden = !shown;
    panel.hidden = shown;
    sending.showKnown(shown);
  }

  function startOver() {
    rows = [];
    showForm(true);
    field.value = "";
  }

  back.addEventListener("click", () => { startOver(); field.focus(); });
  // Somebody who comes back from the next page finds the form, not what was on its way.
  window.addEventListener("pageshow", (event) => event.persisted && startOver());
  window.addEventListener("beforeunload", (event) => {
    if (rows.some((row) => BUSY.includes(row.state))) event.preventDefault();
  });
})();
