/**
 * A queue for what is drawn in one place: one request at a time, and of those
 * that come meanwhile only the latest. A request of another key than the one
 * under way makes that one stale: it is aborted and never shown. One of the
 * same key (a slider that moves) lets it be shown on the way.
 */
export function lane() {
  let running = null;
  let next = null;

  async function go() {
    while (next) {
      running = next;
      next = null;
      const { signal } = running.controller;
      try {
        const answer = await running.work(signal);
        if (!signal.aborted) running.show(answer);
      } catch (error) {
        if (!signal.aborted) running.fail(error);
      }
    }
    running = null;
  }

  return {
    push(key, work, show, fail) {
      next = { key, work, show, fail, controller: new AbortController() };
      if (running && running.key !== key) running.controller.abort();
      if (!running) go();
    },
    drop() {
      next = null;
      running?.controller.abort();
    },
  };
}
