import EventStreamParser from "lib/event_stream"

/**
 * One answer with events that ends, fetched and read by us. It looks like an EventSource, with two differences: it never asks
 * again, and it does not insist on the Content-Type, which some proxies remove or rewrite.
 *
 * `error` says that it is over. `readyState` is CLOSED then if the server, or somebody in its place, answered anything but
 * events; `status` is the answer's, 0 where none came.
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
      // It broke off: the next one catches up.
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
