import { backoff } from "turbo/backoff"
import { getPage } from "lib/request"

const GONE = "These replies are gone, or you are no longer a member."

/**
 * Gets a thread from the server, and tries again until it is there. `show(column, missed)` takes it, with the stream
 * elements that came while it was on its way; `refuse(words)` says why there is none. `element` is busy meanwhile,
 * which Turbo's copy of the page also shows.
 */
export default class ThreadLoader {
  failures = 0

  constructor(element, { show, refuse }) {
    Object.assign(this, { element, show, refuse })
  }

  async load(address) {
    this.stop()
    this.element.setAttribute("aria-busy", "true")
    const missed = (this.missed = [])
    const column = await find(address).catch((error) => error)
    if (this.missed !== missed) return // stopped, or begun anew
    if (column instanceof Error && column.status !== 404) return this.tryAgain(address)
    this.end()
    column instanceof Error ? this.refuse(GONE) : this.show(column, missed)
  }

  /** Remembers a stream element that the thread on its way may not know. */
  note(stream) {
    this.missed?.push(stream)
  }

  tryAgain(address) {
    this.missed = null
    this.timer = setTimeout(() => this.load(address), backoff(this.failures++))
  }

  end() {
    this.stop()
    this.failures = 0
    this.element.removeAttribute("aria-busy")
  }

  stop() {
    clearTimeout(this.timer)
    this.missed = null
  }

  /** Whether this is a copy of a page that the reader left while a thread was loading. */
  get wasInterrupted() {
    return this.element.hasAttribute("aria-busy")
  }
}

async function find(address) {
  const column = (await getPage(address)).querySelector(".replies__column")
  if (!column) throw new Error("Another release answers.")
  return document.importNode(column, true)
}
