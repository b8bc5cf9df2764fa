import { morphElements } from "@hotwired/turbo"

/**
 * The messages of a chat on the page: in the order of their ids, each in its newest revision, the removed ones gone for
 * good, in whatever order the news arrive. News come by the stream, in answers to the reader's own requests, and with pages of history.
 *
 * A page that a link to a message has opened may end before the newest messages. It then has a gap at its end: the frame that
 * loads the next ones. What is said meanwhile belongs behind the gap.
 */
export default class MessageList {
  removed = new Set() // element ids
  homeless = null // while history loads: element id, or selector of quotes → a newer version of what may be in it

  /** `element` is a function, because the whole list may be replaced. `cursor` gives the page's revision. */
  constructor({ element, cursor }) {
    Object.assign(this, { find: element, cursor })
  }

  get element() {
    return this.find()
  }

  /** The frame for the messages that follow on the last one of the page; null where the page reaches to the end. */
  get gap() {
    return this.element.querySelector(":scope > .messages__newer")
  }

  /**
   * Shows a message. Returns "shown" for a new one, "behind" for a new one behind the gap, and null otherwise.
   *
   * What a request answers may be older than what the stream has told since. So where `live` is false, a message that the
   * page should have by its cursor and has not was removed in the meantime, and stays so.
   */
  append(article, { live, reset }) {
    if (this.removed.has(article.id)) return null
    const shown = this.shown(article.id)
    if (shown) return this.update(shown, article, reset)
    if (!live && revision(article) <= this.cursor()) return null
    if (this.gap && idOf(article) > this.lastId) return this.leaveBehind(article)
    return this.insert(article)
  }

  // The page that fills the gap brings it along, unless that page is on its way already.
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

  /** Renews what the quotes that `selector` finds say of one message, except where they know more already. */
  requote(selector, quote) {
    this.homeless?.set(selector, newer(quote, this.homeless.get(selector)))
    renew(this.element, selector, quote)
  }

  /** Whether a message may be in the history that is on its way: nothing can be added to it yet. */
  awaits(id) {
    return this.homeless !== null && !this.removed.has(id) && !this.shown(id)
  }

  remove(id) {
    this.removed.add(id)
    const shown = this.shown(id)
    if (shown?.contains(document.activeElement)) this.neighbour(shown).focus({ preventScroll: true })
    shown?.remove()
  }

  /** The whole list comes anew; a database restored from a backup may give removed ids to new messages. */
  forget() {
    this.removed.clear()
    this.homeless = null
  }

  /** Puts a page of history in. What changed while it was on its way wins. */
  take(articles) {
    for (const article of articles) {
      const newest = newer(article, this.homeless?.get(article.id))
      for (const [key, news] of this.homeless ?? []) if (key.startsWith(".")) renew(newest, key, news)
      this.append(newest, { live: true })
    }
  }

  /** The page reaches to the end now: shows what was said while its last messages were on their way. */
  takeRest() {
    this.take([...(this.homeless?.values() ?? [])].filter((article) => idOf(article) > this.lastId))
  }

  // In place, so that a selection, the focus and a running animation survive while an answer grows.
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

  // The next focus when the focused message disappears: the next message, else the previous one, else the list.
  neighbour(article) {
    const all = [...this.element.querySelectorAll(":scope > [data-message-id]")]
    const index = all.indexOf(article)
    return all[index + 1] ?? all[index - 1] ?? this.element.parentElement
  }

  get lastId() {
    const [last] = this.fromTheEnd()
    return last ? idOf(last) : 0
  }

  shown(id) {
    return this.element.querySelector(`:scope > #${CSS.escape(id)}`)
  }
}

// In place, because one of them may have the focus. A quote that is no link any more cannot keep it.
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
