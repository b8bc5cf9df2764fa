/**
 * Whether two elements are on the same side of the page. A chat and the panel with a thread stand beside each other, and each
 * has messages and a composer.
 */
export function onSameSide(element, other) {
  return sideOf(element) === sideOf(other)
}

/** The panel that `node` is in; null for everything else. */
export function sideOf(node) {
  return node.closest?.(".replies--panel") ?? null
}
