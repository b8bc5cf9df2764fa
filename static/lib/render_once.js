import { firstInSight, keepingInSight } from "lib/scroll"

const AT_ONCE = 4 // unseen elements that one frame renders
const TOGETHER = 64 // elements that become skippable again in one frame: each time that some do is a further layout

/**
 * Has elements rendered once where `content-visibility` would skip them, so that they keep a place of their true size.
 * A guess would move what the reader sees when they come into sight. The nearest come first, at once, and the others in
 * the frames that follow, so that no frame has too much to do. What the reader sees in `scroller` stays in its place.
 */
export default async function renderOnce(elements, scroller) {
  // Hidden until then: an element that has just become "auto" has one size in this task and another one in its first
  // frame.
  for (const element of elements.slice(AT_ONCE)) element.style.contentVisibility = "hidden"
  show(elements.slice(0, AT_ONCE))
  for (let to = AT_ONCE; to < elements.length; ) {
    await new Promise(requestAnimationFrame)
    if (to % TOGETHER === 0) release(elements.slice(to - TOGETHER, to))
    keepingInSight(scroller, null, () => show(elements.slice(to, (to += AT_ONCE))))
  }
  release(elements.slice(-TOGETHER))
}

/** `elements` of `scroller`, which are in order: from those in sight on towards both ends. */
export function nearestFirst(elements, scroller) {
  const near = Math.max(0, elements.indexOf(firstInSight(scroller)))
  const [below, above] = [elements.slice(near), elements.slice(0, near).reverse()]
  return Array.from({ length: Math.max(below.length, above.length) }, (_, n) => [below[n], above[n]]).flat().filter(Boolean)
}

/** The same, all at once: for a list whose opening place is not yet known. */
export function render(elements) {
  show(elements)
  release(elements)
}

function show(elements) {
  for (const element of elements) element.style.contentVisibility = "visible"
}

// The browser remembers their sizes at the end of the next frame.
function release(elements) {
  requestAnimationFrame(() => requestAnimationFrame(() => elements.forEach((element) => element.removeAttribute("style"))))
}
