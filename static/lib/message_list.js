import { morphElements } from "@hotwired/turbo"

/**
 * The messages of a chat on the page: in the order of their ids, each in its newest revision, the removed ones gone for
 * good, in whatever order the news arrives. News comes by the stream, in answers to the reader's own requests, and with
 * pages of history.
 *
 * A page opened by a link to a message may end before the newest messages. It then has a gap at its end: the frame that
 * loads the next ones. Newer messages belong after the gap.
 */
export default class MessageList {
  removed = new Set() // element ids
  homeless = null // while history loads: element id, or selector of quotes → a newer version of something in it

  /** `element` is a function, because the whole list may be replaced. `cursor` gives the page's revision. */
  constructor({ element, cursor }) {
    Object.assign(this, { find: element, cursor })
  }

  get element() {
    return this.find()
  }

  /** The frame for the messages after the last one on the page; null where the page reaches to the end. */
  get gap() {
    const last = this.element.lastElementChild
    return last?.matches(".messages__newer") ? last : null
  }

  /**
   * Shows a message. Returns "shown" for a new one, "behind" for a new one after the gap, and null otherwise.
   *
   * The answer to a request may be older than what the stream has told since. So where `live` is false, a message that
   * the page should have by its cursor, but has not, was removed in the meantime, and stays removed.
   */
  append(article, { live, reset }) {
    if (this.removed.has(article.id)) return null
    const shown = this.shown(article.id)
    if (shown) return this.update(shown, article, reset)
    if (!live && revision(article) <= this.cursor()) return null
    if (this.gap && idOf(article) > this.lastId) return this.leaveBehind(article)
    return this.insert(article)
  }

  // The page that fills the gap brings it along, unless that page is already on its way.
  leaveBehind(article) {
    this.homeless?.set(article.id, newer(article, this.homeless.get(article.id)))
    return "behind"
  }

  replace(article, { reset }) {
    if (this.removed.has(article.id)) return
    const shown = this.shown(article.id)
    if (shown) this.update(shown, article, reset)
    else this.homeless?.set(article.id, newer(article, this.homeless.get(article.id)))
  }

  /** Renews what the quotes matching `selector` say of one message, except where they are newer. */
  requote(selector, quote) {
    this.homeless?.set(selector, newer(quote, this.homeless.get(selector)))
    renew(this.element, selector, quote)
  }

  /** Whether a message may be in the history on its way: nothing can be added to it yet. */
  awaits(id) {
    return this.homeless !== null && !this.removed.has(id) && !this.shown(id)
  }

  remove(id) {
    this.removed.add(id)
    const shown = this.shown(id)
    if (shown?.contains(document.activeElement)) this.neighbour(shown).focus({ preventScroll: true })
    shown?.remove()
  }

  /** The whole list is replaced. A database restored from a backup may give removed ids to new messages. */
  forget() {
    this.removed.clear()
    this.homeless = null
  }

  /**
   * Puts a page of history, the messages and marks in `nodes`, in place of its `frame`. `next`, the frame for what
   * comes `beyond`, goes to their far side. All at once, because everybody who observes the list looks at each
   * insertion. Returns the new messages.
   */
  take(nodes, frame, next, beyond) {
    const fragment = document.createDocumentFragment()
    for (const node of nodes) fragment.append(...(node.dataset.messageId ? this.stillToShow(node) : [node]))
    const articles = [...fragment.children].filter(({ dataset }) => dataset.messageId)
    if (next) fragment[beyond === "before" ? "prepend" : "append"](next)
    frame.replaceWith(fragment)
    return articles
  }

  // What changed while it was on its way wins.
  stillToShow(article) {
    const newest = newer(article, this.homeless?.get(article.id))
    for (const [key, news] of this.homeless ?? []) if (key.startsWith(".")) renew(newest, key, news)
    if (this.removed.has(newest.id)) return []
    const shown = this.shown(newest.id)
    if (shown) this.update(shown, newest)
    return shown ? [] : [newest]
  }

  /** The page reaches to the end now: shows messages that were written while its last ones were on their way. */
  takeRest() {
    const rest = [...(this.homeless?.values() ?? [])].filter((article) => idOf(article) > this.lastId)
    for (const article of rest) for (const shown of this.stillToShow(article)) this.insert(shown)
  }

  get articles() {
    return [...this.element.querySelectorAll(":scope > [data-message-id]")]
  }

  /** Removes all before `article`; `frame` loads them again. The marks of `article` go with them and come back. */
  letGoBefore(article, frame) {
    const range = document.createRange()
    range.setStart(this.element, 0)
    range.setEndBefore(article)
    range.deleteContents()
    this.element.prepend(frame)
  }

  /** Removes all after `article`. Newer messages belong after the gap from now on. */
  letGoBehind(article, frame) {
    const range = document.createRange()
    range.setStartAfter(article)
    range.setEnd(this.element, this.element.childNodes.length)
    range.deleteContents()
    this.element.append(frame)
  }

  // Changes it in place, so that a selection, the focus and a running animation survive while an answer grows.
  update(shown, article, reset) {
    if (reset || revision(article) > revision(shown)) morphElements(shown, article)
    return null
  }

  insert(article) {
    let next = this.gap
    for (const other of this.fromTheEnd()) {
      if (idOf(other) < idOf(article)) break
      next = other
    }
    this.element.insertBefore(article, next)
    return "shown"
  }

  *fromTheEnd() {
    for (let child = this.element.lastElementChild; child; child = child.previousElementSibling) {
      if (child.dataset.messageId) yield child
    }
  }

  // The next focus when the focused message disappears: the next message, or the previous one, or the list.
  neighbour(article) {
    const all = this.articles
    const index = all.indexOf(article)
    return all[index + 1] ?? all[index - 1] ?? this.element.parentElement
  }

  get lastId() {
    const [last] = this.fromTheEnd()
    return last ? idOf(last) : 0
  }

  shown(id) {
    const found = document.getElementById(id)
    return found?.parentElement === this.element ? found : null
  }
}

// In place, because one of them may have the focus. A quote that is not a link any more cannot keep it.
function renew(element, selector, quote) {
  for (const shown of element.querySelectorAll(selector)) {
    if (revision(quote) <= revision(shown)) continue
    const hadFocus = shown === document.activeElement
    morphElements(shown, quote.cloneNode(true))
    if (hadFocus && !shown.href) shown.closest("article").focus({ preventScroll: true })
  }
}

function idOf(article) {
  return Number(article.dataset.messageId)
}

function revision(element) {
  return Number(element.dataset.revision)
}

function newer(element, other) {
  return other && revision(other) > revision(element) ? other : element
}
