import { StreamElement } from "@hotwired/turbo"

/**
 * Makes Turbo apply stream elements the moment they enter the document.
 *
 * Turbo by itself waits one animation frame (in hidden tabs: one timer) between receiving and applying. In that gap two
 * fragments can overtake each other, a page snapshot can be taken half-way, and a tab hidden at the wrong moment waits for
 * a frame that never comes. Applied at once, an event is either not yet here or completely here, whoever looks.
 *
 * Listens on window, after everybody on document: whoever calls preventDefault there has dealt with the element.
 *
 * What is replaced is morphed, unless the element says otherwise, so that focus and animations survive; and what carries a
 * data-revision is never replaced by an older one.
 */
export function renderStreamsAtOnce() {
  addEventListener("turbo:before-stream-render", (event) => {
    if (event.defaultPrevented) return
    event.preventDefault()
    const { newStream, render } = event.detail
    if (newStream.action === "replace") {
      if (isOutdated(newStream)) return
      if (!newStream.hasAttribute("method")) newStream.setAttribute("method", "morph")
    }
    render(newStream).catch((error) => console.error(error))
  })
}

function isOutdated(stream) {
  if (stream.hasAttribute("data-reset")) return false
  const shown = document.getElementById(stream.target)?.dataset.revision
  const offered = stream.templateElement.content.firstElementChild?.dataset.revision
  return Number(offered) <= Number(shown) // false where either has none
}

/**
 * Applies every <turbo-stream> in `html`, in order, before it returns. `attributes` are set on each of them, so that
 * listeners of turbo:before-stream-render can tell where it came from: data-live on what the page's stream told,
 * data-reset too where the server starts anew with lower revisions.
 */
export function apply(html, attributes = {}) {
  const template = document.createElement("template")
  template.innerHTML = html
  const fragment = document.importNode(template.content, true)
  for (const stream of fragment.querySelectorAll("turbo-stream")) {
    if (!(stream instanceof StreamElement)) continue
    for (const [name, value] of Object.entries(attributes)) stream.setAttribute(name, value)
    document.documentElement.append(stream)
  }
}
