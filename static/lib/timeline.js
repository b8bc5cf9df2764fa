import { dayOf, wordsFor } from "lib/days"

const TOGETHER = 5 * 60 * 1_000 // ms between two messages of one group; Message.continues has the same rule on the server
const MARKS = ".day, .since, .joint"

/**
 * Puts marks between the messages below `element`: a `.day` where another day begins in the reader's time zone, a `.since`
 * where the unread messages began, and a `.joint` where a message belongs to the group of the one before it. They follow
 * from the messages alone, so their order of arrival makes no difference, nor do messages that were there before.
 *
 * `isNew(article)` says which messages are unread; the first of them gets the line, as far as the page reaches back.
 */
export default class Timeline {
  constructor(element, isNew = () => false) {
    Object.assign(this, { element, isNew })
  }

  arrange() {
    const articles = [...this.element.querySelectorAll("article[data-author-id]")]
    const first = articles.find((article) => this.isNew(article))
    let previous = null
    for (const article of articles) {
      put([...marksBetween(previous, article, article === first && !this.goesOnBefore(article))], article)
      previous = article
    }
    for (const mark of this.element.querySelectorAll(MARKS)) if (!isBeforeArticle(mark)) mark.remove()
  }

  /** Where the unread messages begin: the line before them, or that of their day where it stands right before. Or null. */
  get opening() {
    const since = this.element.querySelector(".since")
    return since?.previousElementSibling?.matches(".day") ? since.previousElementSibling : since
  }

  // Unread messages that the page has not loaded: the line belongs further up.
  goesOnBefore(article) {
    return article === this.element.querySelector("article") && this.element.querySelector("turbo-frame") !== null
  }
}

function* marksBetween(previous, article, startsNew) {
  const anotherDay = !previous || dayOf(timeOf(previous)) !== dayOf(timeOf(article))
  if (anotherDay) yield mark("h2", "day", wordsFor(timeOf(article)))
  if (startsNew) yield mark("h2", "since", "New")
  if (!anotherDay && !startsNew && belongTogether(previous, article)) yield joint()
}

function belongTogether(previous, article) {
  if (isApart(article)) return false
  const sameAuthor = previous.dataset.authorId === article.dataset.authorId
  return sameAuthor && Math.abs(timeOf(article) - timeOf(previous)) <= TOGETHER
}

// In a thread, its first message stands apart from the replies.
function isApart(article) {
  let before = article.previousElementSibling
  while (before?.matches(MARKS)) before = before.previousElementSibling
  return before?.matches("hr, turbo-frame") ?? false
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

function joint() {
  const element = mark("span", "joint")
  element.hidden = true
  return element
}

// Keeps the marks that are right already, so that a second run changes nothing.
function put(marks, article) {
  const found = []
  for (let at = article.previousElementSibling; at?.matches(MARKS); at = at.previousElementSibling) found.unshift(at)
  if (found.length === marks.length && found.every((element, n) => element.isEqualNode(marks[n]))) return
  for (const element of found) element.remove()
  article.before(...marks)
}

function isBeforeArticle(mark) {
  let next = mark.nextElementSibling
  while (next?.matches(MARKS)) next = next.nextElementSibling
  return next?.matches("article") ?? false
}
