const NAMING = ["id", "popovertarget"]

/**
 * Puts `prefix` before the ids within the messages of `root`, so that a message can be in the document twice. The
 * server always sends the ids of the chat.
 */
export function prefixIds(root, prefix) {
  if (!prefix) return
  for (const article of root.querySelectorAll("article[data-message-id]")) {
    for (const element of [article, ...article.querySelectorAll("[id], [popovertarget]")]) rename(element, prefix)
  }
}

function rename(element, prefix) {
  for (const name of NAMING) {
    if (element.hasAttribute(name)) element.setAttribute(name, prefix + element.getAttribute(name))
  }
}
