const wanted = new Map() // selector → what to do with an element that it finds
const additions = new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) look(node)
  }
})

/**
 * Calls `found(element)` for each element of the document that matches `selector`, and for each one that comes later,
 * before it is painted. It is for parts of every message: a controller for each would cost more than the message
 * itself.
 */
export function whenAdded(selector, found) {
  if (wanted.size === 0) additions.observe(document, { childList: true, subtree: true })
  wanted.set(selector, found)
  document.querySelectorAll(selector).forEach(found)
}

function look(root) {
  for (const [selector, found] of wanted) {
    if (root.matches(selector)) found(root)
    root.querySelectorAll(selector).forEach(found)
  }
}
