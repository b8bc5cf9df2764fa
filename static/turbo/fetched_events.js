import EventStreamParser from "./event_stream.js"

/**
 * Fetches and reads one answer with events that ends. It looks like an EventSource, with two differences: it never asks
 * again, and it does not insist on the Content-Type, which some proxies remove or rewrite.
 *
 * It dispatches `error` at its end. `readyState` is then CLOSED if the server, or somebody in its place, answered anything
 * but events. `status` is that of the answer, or 0 without one.
 */
export default class FetchedEvents extends EventTarget {
  readyState = EventSource.CONNECTING
  status = 0

  constructor(url) {
    super()
    this.abort = new AbortController()
    this.read(url)
  }

  close() {
    this.closed = true
    this.abort.abort()
  }

  async read(url) {
    try {
      const response = await fetch(url, {
        headers: { Accept: "text/event-stream" }, cache: "no-store", redirect: "manual", signal: this.abort.signal,
      })
      this.status = response.status
      if (response.status === 200) await this.parse(response.body)
      else this.readyState = EventSource.CLOSED
    } catch {
      // The answer broke off; the next one catches up.
    }
    this.tell(new Event("error"))
  }

  async parse(body) {
    const parser = new EventStreamParser(({ type, ...event }) => this.tell(new MessageEvent(type, event)))
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    for (let piece; !(piece = await reader.read()).done; ) parser.push(piece.value)
  }

  tell(event) {
    if (!this.closed) this.dispatchEvent(event)
  }
}
