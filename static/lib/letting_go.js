import { firstInSight } from "lib/scroll"

const MOST = 500 // the most messages that the page keeps, ten pages of history
const AT_ONCE = 100 // messages that it lets go of in one task
const SOON = 100 // ms, after the task that has brought messages
const IN_USE = ":popover-open, details[open], [aria-busy=true], audio, video"

/**
 * Keeps a long chat light. When the page has more than MOST messages, it removes some at the end further from the
 * reader, and puts the frame that loads them again in their place: a clone of `frames.older` or `frames.newer`, which
 * stand before or after the message 0. What the reader sees stays in place, and what the reader uses stays.
 */
export default class LettingGo {
  constructor(list, scroll, history, frames) {
    Object.assign(this, { list, scroll, history, frames })
  }

  soon() {
    if (this.list.element.childElementCount > MOST) this.timer ??= setTimeout(this.look, SOON)
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
  }

  // Waits for a page of history on its way: its place is beside messages that have to be there then.
  look = () => {
    this.timer = null
    const { articles } = this.list
    if (articles.length <= MOST || this.history.loading.size > 0) return
    this.readsSecondHalf(articles) ? this.letGoBefore(articles) : this.letGoBehind(articles)
    if (this.list.articles.length <= articles.length - AT_ONCE) this.soon()
  }

  readsSecondHalf(articles) {
    return this.scroll.atEnd || articles.indexOf(firstInSight(this.scroll.scroller)) >= articles.length / 2
  }

  letGoBefore(articles) {
    const unused = countUnused(articles)
    if (unused === 0) return
    const frame = frameFrom(this.frames.older, articles[unused])
    this.scroll.keepingPlace(() => this.list.letGoBefore(articles[unused], frame))
  }

  letGoBehind(articles) {
    const unused = countUnused([...articles].reverse())
    if (unused === 0) return
    const last = articles.at(-1 - unused)
    this.list.letGoBehind(last, frameFrom(this.frames.newer, last))
  }
}

// How many of the first AT_ONCE come before one in use.
function countUnused(articles) {
  const changing = [...document.querySelectorAll("[data-changes]")].map(({ dataset }) => dataset.changes)
  const used = articles.slice(0, AT_ONCE).findIndex((article) => isInUse(article, changing))
  return used < 0 ? AT_ONCE : used
}

// `changing` has the addresses of the forms that change a message.
function isInUse(article, changing) {
  const selection = getSelection()
  return (
    article.contains(document.activeElement) ||
    (!selection.isCollapsed && selection.containsNode(article, true)) ||
    article.querySelector(IN_USE) !== null ||
    changing.some((address) => address.endsWith(`/messages/${article.dataset.messageId}/edit`))
  )
}

function frameFrom(template, { dataset: { messageId } }) {
  const frame = template.content.firstElementChild.cloneNode(true)
  for (const element of [frame, frame.firstElementChild]) {
    for (const { name, value } of [...element.attributes]) element.setAttribute(name, value.replace(/(?<=[_=])0$/, messageId))
  }
  return frame
}
