import { apply } from "./render.js"

/**
 * A part of the page that one stream keeps live. It applies the changes of that stream and keeps its cursor, the revision
 * that its DOM shows.
 *
 * The cursor lives in the page itself, as the `revision` of the address in `element`'s data-stream-url-value. So a copy of
 * the page, be it a Turbo snapshot or one from the browser's back-forward cache, carries the cursor of exactly what it
 * shows, and catching up from it is always right.
 *
 * `name` is that of the stream, such as "post:7". The only region of a page needs none. `report(state)` is told
 * "streaming", "long-poll", "short-poll", "offline", "gone", or what else `check()` of live.js found instead of the page.
 * `hiddenAfter` is in seconds; see presence.js.
 */
export default class Region {
  constructor({ element, name, report = () => {}, hiddenAfter = 30 }) {
    Object.assign(this, { element, name, report, hiddenAfter })
  }

  // Returns false for a change that does not fit: one before it was lost or overtaken, or a row is not as it
  // has to be for it to grow. One that comes late is part of what
  // the page shows. After the database was restored from a backup the ids go down, and the server says so by sending the
  // whole list: that is right, whatever the revisions on the page claim.
  receive(html, { after, full }, position = this.cursor) {
    if (after && !this.reached(after)) return false
    const older = position < this.cursor
    if (older && !full) return true
    const marks = full && this.startsAnew(position) ? { "data-live": "", "data-reset": "" } : { "data-live": "" }
    if (!apply(html, marks)) return false
    this.moveTo(position, full)
    return true
  }

  /** Whether the page shows everything up to `position`. One whose cursor is no number asks for the whole list anyway. */
  reached(position) {
    return !(Number(position) > this.cursor)
  }

  startsAnew(position) {
    return position < this.cursor
  }

  moveTo(position) {
    const { url } = this
    url.searchParams.set("revision", position)
    this.element.setAttribute("data-stream-url-value", url.pathname + url.search)
  }

  get cursor() {
    return Number(this.url.searchParams.get("revision"))
  }

  /** The address of this region's stream alone. */
  get url() {
    return new URL(this.element.getAttribute("data-stream-url-value"), location.href)
  }
}
