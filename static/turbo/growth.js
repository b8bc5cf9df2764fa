import { morphElements } from "@hotwired/turbo"

/**
 * Applies <turbo-stream action="grow">: the row that it targets has a body, the element with a `data-source`, whose HTML
 * changes from some place on. `data-growth` has the revision of the row that it follows, the new one, and the length of what
 * stays. The text in the template comes behind that. A row in the template shows what else has changed in the row; the body's
 * place in it is a <slot>.
 *
 * The HTML is kept in `data-source`, and not in a variable, so that a copy of the page has it too.
 *
 * Returns false where the page shows something else than what the growth follows: it has to catch up.
 */
export default function grow(stream) {
  const row = document.getElementById(stream.target)
  const [follows, revision, kept] = stream.getAttribute("data-growth").split(" ").map(Number)
  if (!row || Number(row.dataset.revision) >= revision) return true
  const body = row.querySelector("[data-source]")
  if (!body || Number(row.dataset.revision) !== follows) return false
  const { content } = stream.templateElement
  const before = body.dataset.source
  const source = before.slice(0, kept) + textIn(content)
  const next = parsed(source)
  graft(body, parsed(before), next)
  body.dataset.source = source
  row.dataset.revision = revision
  body.dispatchEvent(new CustomEvent("turbo:morph-element", { bubbles: true, detail: { currentElement: body } }))
  if (content.firstElementChild) morphElements(row, filled(content.firstElementChild, source, next))
  return true
}

function textIn(content) {
  return [...content.childNodes].map(({ nodeType, data }) => (nodeType === Node.TEXT_NODE ? data : "")).join("")
}

function parsed(source) {
  const template = document.createElement("template")
  template.innerHTML = source
  return template.content
}

function filled(row, source, content) {
  const slot = row.querySelector("slot")
  if (slot.parentElement.hasAttribute("data-source")) slot.parentElement.dataset.source = source
  slot.replaceWith(content)
  return row
}

/**
 * Makes `live`, which shows the children of `before`, show those of `next`. What both begin with stays untouched, down to the
 * first letters of a text. So a selection in it survives, which a morph would lose.
 */
function graft(live, before, next) {
  const [nodes, old, wanted] = [live, before, next].map(({ childNodes }) => [...childNodes])
  // Somebody else's nodes may stand behind ours; anything else in between is replaced.
  if (old.some(({ nodeName }, index) => nodes[index]?.nodeName !== nodeName)) return live.replaceChildren(...copies(wanted))
  old.forEach((node, index) => renew(nodes[index], node, wanted[index]))
  const place = nodes[old.length] ?? null
  for (const node of copies(wanted.slice(old.length))) live.insertBefore(node, place)
}

function renew(live, before, next) {
  if (!next) live.remove()
  else if (before.isEqualNode(next)) return
  else if (before.nodeName !== next.nodeName) live.replaceWith(...copies([next]))
  else if (next.nodeType === Node.TEXT_NODE) retype(live, next.data)
  else if (next.nodeType === Node.ELEMENT_NODE) {
    adopt(live, before, next)
    graft(live, before, next)
  }
}

function retype(text, wanted) {
  let kept = 0
  while (kept < text.length && text.data[kept] === wanted[kept]) kept++
  text.replaceData(kept, text.length - kept, wanted.slice(kept))
}

function adopt(live, before, next) {
  for (const { name } of [...before.attributes]) if (!next.hasAttribute(name)) live.removeAttribute(name)
  for (const { name, value } of [...next.attributes]) {
    if (before.getAttribute(name) !== value) live.setAttribute(name, value)
  }
}

function copies(nodes) {
  return nodes.map((node) => document.importNode(node, true))
}
