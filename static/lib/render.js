import { renderStreamMessage } from "@hotwired/turbo"

const EVENT = "turbo:before-stream-render"
let marks = {}

/**
 * Makes Turbo apply stream elements the moment they enter the document.
 *
 * Turbo by itself waits one animation frame (in hidden tabs: one timer) between receiving and applying. In that gap two
 * fragments can overtake each other, a page snapshot can be taken half-way, and a tab hidden at the wrong moment waits for
 * a frame that never comes. Applied at once, an event is either not yet here or completely here, whoever looks.
 *
 * Listens on window, after everybody: whoever calls preventDefault has dealt with the element, and a `render` that somebody
 * has put into the event's detail is used, as Turbo's handbook has it.
 *
 * What is replaced is morphed, unless the element says otherwise, so that focus and animations survive; and what carries a
 * data-revision is never replaced by an older one.
 */
export function renderStreamsAtOnce() {
  const first = { capture: true }
  addEventListener(EVENT, mark, first)
  // To be the last listener, whenever the others came: taken away and added anew at the beginning of each event.
  addEventListener(EVENT, () => {
    removeEventListener(EVENT, render)
    addEventListener(EVENT, render)
  }, first)
}

function mark({ detail: { newStream } }) {
  for (const [name, value] of Object.entries(marks)) newStream.setAttribute(name, value)
}

function render(event) {
  if (event.defaultPrevented) return
  event.preventDefault()
  const { newStream, render } = event.detail
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
 * Applies every <turbo-stream> in `html`, in order, before it returns, by Turbo's own way: it keeps the focus, heeds
 * `autofocus` and `data-turbo-permanent`, and runs scripts that the page's policy allows. `attributes` are set on each
 * element, so that listeners of turbo:before-stream-render can tell where it came from: data-live on what the page's stream
 * told, data-reset too where the server starts anew with lower revisions.
 */
export function apply(html, attributes = {}) {
  marks = attributes
  try {
    renderStreamMessage(html)
  } finally {
    marks = {}
  }
  for (const node of [...document.documentElement.childNodes]) if (node.nodeType === Node.COMMENT_NODE) node.remove()
}
