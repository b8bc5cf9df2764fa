import { dayOf, wordsFor } from "lib/days"

const TOGETHER = 5 * 60 * 1_000 // ms between two messages of one group; Message.continues has the same rule on the server
const MARKS = ".day, .since, .joint, .lead"
const ARTICLES = "article[data-author-id]"

/**
 * Puts marks between the messages below `element`: a `.day` where another day begins in the reader's time zone, a
 * `.since` where the unread messages began, a `.joint` where a message belongs to the group of the one before it, and a
 * `.lead` where the next one belongs to its group. They follow from the messages alone, so their order of arrival makes
 * no difference, nor do earlier messages.
 *
 * `isNew(article)` says which messages are unread; the first of them gets the line, as far as the page reaches back.
 */
export default class Timeline {
  constructor(element, isNew = () => false) {
    Object.assign(this, { element, isNew })
    const accept = (node) => (node.matches(ARTICLES) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP)
    this.walker = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT, accept)
  }

  /** Looks at all messages. Returns the marks to put, and where, for `put`. */
  all() {
    const articles = [...this.element.querySelectorAll(ARTICLES)]
    this.first = articles.find(this.isNew)
    return { ...this.amiss(articles), strays: this.strays(this.element.querySelectorAll(MARKS)) }
  }

  /** Looks at the messages that the changes of a MutationObserver concern, and their neighbours, however long the list is. */
  around(changes) {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes].flatMap(articlesIn))
    const places = changes.flatMap(({ previousSibling, nextSibling }) => [previousSibling, nextSibling])
    const known = places.filter((node) => node instanceof Element && this.element.contains(node))
    const found = new Set([...added, ...known.flatMap((node) => [this.at(node), this.before(node)])])
    for (const article of this.findFirst(added)) found.add(article)
    for (const article of [...found]) if (article?.isConnected) found.add(this.before(article)).add(this.after(article))
    const articles = [...found].filter((article) => article && this.element.contains(article))
    return { ...this.amiss(articles), strays: this.strays(known.flatMap(withMarksBefore)) }
  }

  put({ wrong, strays }) {
    for (const [article, marks] of wrong) {
      for (const mark of marksOf(article)) mark.remove()
      article.before(...marks)
    }
    for (const mark of strays) if (!leadsToArticle(mark)) mark.remove()
  }

  /** Where the unread messages begin: the line before them, or the line of their day right before it. Or null. */
  get opening() {
    const since = this.element.querySelector(".since")
    return since?.previousElementSibling?.matches(".day") ? since.previousElementSibling : since
  }

  // Keeps the marks that are right already, so that a second run changes nothing.
  amiss(articles) {
    const wrong = new Map()
    for (const article of articles) {
      const marks = this.marksFor(article)
      const found = marksOf(article)
      const isRight = found.length === marks.length && found.every((mark, n) => mark.isEqualNode(marks[n]))
      if (!isRight) wrong.set(article, marks)
    }
    return { wrong }
  }

  strays(nodes) {
    return [...nodes].filter((node) => node.matches(MARKS) && !leadsToArticle(node))
  }

  // Another mark before a message also says that it leads.
  marksFor(article) {
    const marks = []
    const previous = this.before(article)
    if (isAnotherDay(previous, article)) marks.push(mark("h2", "day", wordsFor(timeOf(article))))
    if (this.startsNew(article)) marks.push(mark("h2", "since", "New"))
    if (this.joins(previous, article)) marks.push(hiddenMark("joint"))
    if (!this.joins(article, this.after(article))) return marks
    if (marks.length === 0) return [hiddenMark("lead")]
    marks.at(-1).classList.add("lead")
    return marks
  }

  joins(previous, article) {
    if (!previous || !article || isApart(article)) return false
    if (isAnotherDay(previous, article) || this.startsNew(article)) return false
    const sameAuthor = previous.dataset.authorId === article.dataset.authorId
    return sameAuthor && Math.abs(timeOf(article) - timeOf(previous)) <= TOGETHER
  }

  // Where the page has not loaded earlier unread messages, the line belongs further up.
  startsNew(article) {
    return article === this.first && !beforeMarks(article)?.matches("turbo-frame")
  }

  // Returns the articles that begin the unread messages now, or did so before.
  findFirst(added) {
    const { first } = this
    if (first && !first.isConnected) this.first = [...this.element.querySelectorAll(ARTICLES)].find(this.isNew)
    else this.first = [first, ...added.filter(this.isNew)].reduce(earlier, undefined)
    return first === this.first ? [] : [first, this.first]
  }

  // The node itself if it is an article, or the article after it.
  at(node) {
    return node.matches(ARTICLES) ? node : this.after(node)
  }

  before(node) {
    this.walker.currentNode = node
    return this.walker.previousSibling()
  }

  after(node) {
    this.walker.currentNode = node
    return this.walker.nextSibling()
  }
}

function earlier(one, other) {
  return one && (!other || one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) ? one : other
}

function articlesIn(node) {
  if (!(node instanceof Element)) return []
  return node.matches(ARTICLES) ? [node] : [...node.querySelectorAll(ARTICLES)]
}

function isAnotherDay(previous, article) {
  return !previous || dayOf(timeOf(previous)) !== dayOf(timeOf(article))
}

// In a thread, its first message stands apart from the replies.
function isApart(article) {
  return beforeMarks(article)?.matches("hr, turbo-frame") ?? false
}

function beforeMarks(article) {
  let before = article.previousElementSibling
  while (before?.matches(MARKS)) before = before.previousElementSibling
  return before
}

function marksOf(article) {
  const found = []
  for (let at = article.previousElementSibling; at?.matches(MARKS); at = at.previousElementSibling) found.unshift(at)
  return found
}

function withMarksBefore(node) {
  return [...marksOf(node), node]
}

function timeOf(article) {
  return new Date(article.querySelector("time").dateTime)
}

function mark(tag, name, words = "") {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = words
  return element
}

function hiddenMark(name) {
  const element = mark("span", name)
  element.hidden = true
  return element
}

function leadsToArticle(mark) {
  let next = mark.nextElementSibling
  while (next?.matches(MARKS)) next = next.nextElementSibling
  return next?.matches("article") ?? false
}
