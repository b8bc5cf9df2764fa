const GAP = 8 // px, to the anchor and to the edges of the window

/** Puts `element`, which is shown, below `anchor` (a DOMRect), or above it where there is more room, and inside the window. */
export function beside(element, anchor) {
  const { width, height } = element.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const below = anchor.bottom + GAP
  const fits = below + height + GAP <= clientHeight || anchor.top < clientHeight - anchor.bottom
  const top = fits ? below : anchor.top - GAP - height
  element.style.setProperty("--place-x", `${within(anchor.left, width, clientWidth)}px`)
  element.style.setProperty("--place-y", `${within(top, height, clientHeight)}px`)
}

function within(start, size, room) {
  return Math.max(GAP, Math.min(start, room - size - GAP))
}
