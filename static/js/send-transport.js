/* Carries one file to the portal in parts, and goes on where it broke off (tus 1.0). */
(() => {
  "use strict";
  /* In bytes. A proxy that keeps a request until it is whole loses no more than this when it breaks,
     and few of them refuse a body of this size. */
  const PART = 8 * 1024 * 1024;
  const PAUSES = [2, 5, 15, 30, 60, 60, 60, 60, 60, 60]; // Seconds before each further try.
  /* Seconds in which nothing moves, after which a connection counts as broken though nobody said so;
     the second while the portal checks the whole file. */
  const STILL = 60;
  const CHECKING = 660;
  // Answers after which it is worth trying again: the upload stands elsewhere, or is worked on.
  const PASSING = [0, 409, 410, 423, 502, 503, 504];

  class Transport {
    /* `place` says where to: endpoint, form, account, token(), and the known address of a part.
       `events` is told: progress(sent, total), begun(address), pausing(seconds, isBusy),
       failed(reason, words) and done(review). */
    constructor(file, place, events) {
      this.file = file;
      this.events = events;
      this.tries = 0;
      this.isNew = !place.address;
      this.accepted = 0; // Bytes of which the portal said that they are there.
      this.acceptedAtBreak = 0;
      this.upload = new tus.Upload(file, {
        endpoint: new URL(place.endpoint, location.href).href,
        uploadUrl: place.address ? new URL(place.address, location.href).href : null,
        chunkSize: PART,
        retryDelays: null, // Below, as it has to be said in words.
        storeFingerprintForResuming: false, // The portal knows what is there, for this person alone.
        metadata: { filename: file.name, account: place.account, modified: String(file.lastModified) },
        headers: { Accept: "application/json", "Upload-Form": place.form },
        onBeforeRequest: (request) => {
          if (request.getMethod() !== "DELETE") this.answer = { status: 0, method: request.getMethod() };
          request.setHeader("X-CSRFToken", place.token());
        },
        onAfterResponse: (request, response) => this.look(request, response),
        onUploadUrlAvailable: () => events.begun(new URL(this.upload.url).pathname),
        onProgress: (sent, total) => {
          this.watch(sent === total ? CHECKING : STILL);
          events.progress(sent, total);
        },
        onSuccess: ({ lastResponse }) => {
          clearTimeout(this.watching);
          events.done(lastResponse.getHeader("Upload-Review"));
        },
        onError: () => this.broke(),
      });
    }

    start() {
      this.stopped = false;
      this.watch(STILL);
      this.upload.start();
    }

    watch(seconds) {
      clearTimeout(this.watching);
      this.watching = setTimeout(() => {
        this.upload.abort();
        this.answer = { status: 0 };
        this.broke();
      }, seconds * 1000);
    }

    /* Begin a new row of tries; what is there stays there. */
    again() {
      this.tries = 0;
      this.start();
    }

    /* Returns whether the upload is taken back too: one of which nothing came takes no place there. */
    stop() {
      this.stopped = true;
      clearTimeout(this.timer);
      clearTimeout(this.watching);
      const isTakenBack = this.isNew && !this.accepted;
      this.upload.abort(isTakenBack).catch(() => {});
      return isTakenBack;
    }

    /* Raises an error for an answer that the client would take for "there is no such upload". */
    look(request, response) {
      if (request.getMethod() === "DELETE") return; // Nobody waits for that.
      const landed = new URL(response.getUnderlyingObject().responseURL).pathname;
      // Without a session the portal leads to its login page, which a request follows silently.
      const isElsewhere = landed !== new URL(request.getURL(), location.href).pathname;
      const status = isElsewhere ? 403 : response.getStatus();
      this.answer = { status, method: request.getMethod(), body: response.getBody() };
      if (request.getMethod() === "HEAD" && (status === 403 || status >= 500)) throw new Error("unknown");
      if (isElsewhere) throw new Error("no session");
      const accepted = Number(response.getHeader("Upload-Offset"));
      if (accepted > this.accepted) this.accepted = accepted;
    }

    /* A connection that breaks is tried again; a file that changed on the disk is not. */
    async broke() {
      clearTimeout(this.watching);
      const { status, method, body } = this.answer;
      try {
        await this.file.slice(0, 1).arrayBuffer();
      } catch {
        return this.events.failed("changed");
      }
      if (this.stopped) return;
      if (status === 403) return this.events.failed("session");
      // A part that was removed meanwhile is begun anew; an account that is gone is not.
      const passes = PASSING.includes(status) || (status === 404 && method === "PATCH");
      if (!passes) return this.events.failed("refused", inWords(body));
      if (this.accepted > this.acceptedAtBreak) this.tries = 0;
      this.acceptedAtBreak = this.accepted;
      if (this.tries >= PAUSES.length) return this.events.failed("lost");
      const seconds = PAUSES[this.tries++];
      this.events.pausing(seconds, status === 423);
      this.timer = setTimeout(() => this.start(), seconds * 1000);
    }
  }

  function inWords(body) {
    try {
      return JSON.parse(body).errors.join(" ");
    } catch {
      return "";
    }
  }

  sending.Transport = Transport;
})();
