import { renderStreamMessage, session } from "@hotwired/turbo"
import grow from "./growth.js"
import MessageRenderer from "./message_renderer.js"

const EVENT = "turbo:before-stream-render"
let marks = {}
let missing = false

/**
 * Makes Turbo apply stream elements the moment they enter the document.
 *
 * Turbo by itself waits one animation frame (in hidden tabs: one timer) between receiving and applying. In that gap two
 * fragments can overtake each other, a page snapshot can be taken half-way, and a tab hidden at the wrong moment waits for
 * a frame that never comes. Applied at once, an event is either not yet here or completely here, whoever looks.
 *
 * It is the last listener on window. A listener that calls preventDefault has dealt with the element, and it uses a
 * `render` in the event's detail, as in Turbo's handbook.
 *
 * A listener that finds that the page lacks what an element follows sets `missing` in the event's detail. Then `apply` says so.
 *
 * A replaced element is morphed, unless the stream element says otherwise, so that focus and animations survive. An older
 * version never replaces an element with a data-revision.
 */
export function renderStreamsAtOnce() {
  session.streamMessageRenderer = new MessageRenderer()
  const first = { capture: true }
  addEventListener(EVENT, mark, first)
  // Removed and added again at the beginning of each event, to be the last listener whenever the others were added.
  addEventListener(EVENT, () => {
    removeEventListener(EVENT, render)
    addEventListener(EVENT, render)
  }, first)
}

function mark({ detail: { newStream } }) {
  for (const [name, value] of Object.entries(marks)) newStream.setAttribute(name, value)
}

function render(event) {
  if (event.detail.missing) missing = true
  if (event.defaultPrevented) return
  event.preventDefault()
  const { newStream, render } = event.detail
  if (newStream.action === "grow") {
    if (!grow(newStream)) missing = true
    return
  }
  if (newStream.action === "replace") {
    if (isOutdated(newStream)) return
    if (!newStream.hasAttribute("method")) newStream.setAttribute("method", "morph")
  }
  render(newStream).catch((error) => console.error(error))
}

function isOutdated(stream) {
  if (stream.hasAttribute("data-reset")) return false
  const shown = document.getElementById(stream.target)?.dataset.revision
  const offered = stream.templateElement.content.firstElementChild?.dataset.revision
  return Number(offered) <= Number(shown) // false where either has none
}

/**
 * Applies every <turbo-stream> in `html`, in order, before it returns. Turbo's own code runs the scripts that the page's
 * policy allows. Each element gets `attributes`, so that listeners of turbo:before-stream-render can tell its origin:
 * data-live for the page's stream, and data-reset too where the server starts anew with lower revisions.
 *
 * Returns false where one of them follows something that the page does not show.
 */
export function apply(html, attributes = {}) {
  marks = attributes
  missing = false
  try {
    renderStreamMessage(html)
  } finally {
    marks = {}
  }
  for (const node of [...document.documentElement.childNodes]) if (node.nodeType === Node.COMMENT_NODE) node.remove()
  return !missing
}
