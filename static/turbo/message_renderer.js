/**
 * Applies the stream elements of a message, in Turbo's place (`session.streamMessageRenderer`). It promises what Turbo does:
 * `data-turbo-permanent` keeps an element, the focus stays where it was, and `autofocus` gets it where nothing has it.
 *
 * Turbo decides about the focus one frame after it has applied the elements, and gives it back to the element that had it
 * before. A reader who pressed Tab or tapped in that frame is thrown back, and on a phone the keyboard opens again. Here all is
 * decided before `render` returns.
 */
export default class MessageRenderer {
  render({ fragment }) {
    const { activeElement: focused } = document
    const permanents = permanentsIn(fragment)
    const autofocused = nameAutofocused(fragment)
    document.documentElement.appendChild(fragment)
    for (const permanent of permanents) if (!permanent.isConnected) again(permanent)?.replaceWith(permanent)
    if (document.activeElement === document.body) (again(focused) ?? byId(autofocused))?.focus({ preventScroll: true })
  }
}

/** The elements of the document that the fragment must not replace. */
function permanentsIn(fragment) {
  const ids = new Set(elementsIn(fragment, "[data-turbo-permanent][id]").map(({ id }) => id))
  if (ids.size === 0) return [] // most have none, and the document may be long
  return [...document.querySelectorAll("[data-turbo-permanent][id]")].filter(({ id }) => ids.has(id))
}

/** The id of the first element that wants the focus. It gets one if it has none, because templates are copied. */
function nameAutofocused(fragment) {
  const [first] = elementsIn(fragment, "[autofocus]")
  if (first) first.id ||= `autofocus-${crypto.getRandomValues(new Uint32Array(1))}`
  return first?.id
}

function elementsIn(fragment, selector) {
  const templates = [...fragment.querySelectorAll("turbo-stream > template")]
  return templates.flatMap(({ content }) => [...content.querySelectorAll(selector)])
}

/** The element itself where it still is, else the one that has come in its place. */
function again(element) {
  if (element === document.body) return null
  return element?.isConnected ? element : byId(element?.id)
}

function byId(id) {
  return id ? document.getElementById(id) : null
}
