import Connection from "./connection.js"
import checkPage from "./page_check.js"
import Presence from "./presence.js"
import { apply } from "./render.js"

const AFTER = /<!--after (\d+)-->$/ // how a change says which revision it follows; a full list follows any

/**
 * The live side of one page: applies what the server sends and keeps the page's cursor, the revision that its DOM shows.
 *
 * The cursor lives in the page itself, as the `revision` of the address in `element`'s data-stream-url-value. So a copy of
 * the page, be it a Turbo snapshot or one from the browser's back-forward cache, carries the cursor of exactly what it
 * shows, and catching up from it is always right.
 *
 * `report(state)` is told "streaming", "long-poll", "short-poll", "offline", or what `check()` found instead of the page: see
 * page_check.js. `hiddenAfter` is in seconds; see presence.js.
 */
export default class Stream {
  constructor({ element, report, hiddenAfter = 30, check = checkPage }) {
    this.element = element
    const { address, deliver, reached } = this
    this.connection = new Connection({ address, deliver, reached, report, check })
    this.presence = new Presence({
      after: hiddenAfter,
      sleep: () => this.connection.stop(),
      wake: (absence) => this.wake(absence),
    })
  }

  start() {
    addEventListener("online", this.reconnect)
    addEventListener("offline", this.suspect)
    addEventListener("pagehide", this.leave)
    addEventListener("pageshow", this.comeBack)
    this.presence.start()
  }

  stop() {
    removeEventListener("online", this.reconnect)
    removeEventListener("offline", this.suspect)
    removeEventListener("pagehide", this.leave)
    removeEventListener("pageshow", this.comeBack)
    this.presence.stop()
    this.connection.stop()
  }

  // Sockets of a page in the background may be dead without a word (iOS does this), so a longer absence means a new one.
  wake(absence) {
    if (this.connection.running && absence < 5_000) return
    this.connection.reconnect()
  }

  reconnect = () => {
    if (this.connection.running || !document.hidden) this.connection.reconnect()
  }

  suspect = () => this.connection.lost()

  // An open connection or a held lock would keep the page out of the back-forward cache.
  leave = () => {
    this.presence.stop()
    this.connection.stop()
  }

  comeBack = ({ persisted }) => {
    if (persisted) this.presence.start()
  }

  address = (wait, beat) => {
    const url = this.url
    if (beat !== undefined) url.searchParams.set("beat", beat)
    if (wait !== undefined) url.searchParams.set("wait", wait)
    return url.href
  }

  // Returns false for a change that does not fit: one before it was lost or overtaken. One that comes late is part of what
  // the page shows. A frame without an id (somebody types) repeats the last id, so the cursor stays. After the database
  // was restored from a backup the ids go down, and the server says so by sending the whole list: that is right, whatever
  // the revisions on the page claim.
  deliver = ({ data, lastEventId }) => {
    const after = AFTER.exec(data)?.[1]
    if (after && !this.reached(after)) return false
    const older = Number(lastEventId || this.cursor) < this.cursor
    if (after && older) return true
    const reset = older && data.endsWith("<!--full-->")
    apply(data, reset ? { "data-live": "", "data-reset": "" } : { "data-live": "" })
    if (lastEventId !== "" && (reset || !older)) this.cursor = lastEventId
    return true
  }

  /** Whether the page shows everything up to `revision`. One whose cursor is no number asks for the whole list anyway. */
  reached = (revision) => !(Number(revision) > this.cursor)

  /** The network holds streams back; if not, and it polls all the same, other tabs have the connections. */
  get networkHolds() {
    return this.connection.polling.held
  }

  get cursor() {
    return Number(this.url.searchParams.get("revision"))
  }

  set cursor(revision) {
    const url = this.url
    url.searchParams.set("revision", revision)
    this.element.setAttribute("data-stream-url-value", url.pathname + url.search)
  }

  get url() {
    return new URL(this.element.getAttribute("data-stream-url-value"), location.href)
  }
}
