import { dayOf, wordsFor } from "lib/days"

const TOGETHER = 5 * 60 * 1_000 // ms between two messages of one group; Message.continues has the same rule on the server

/**
 * Puts marks between the messages below `element`: a `.day` where another day begins in the reader's time zone, and a
 * `.joint` where a message belongs to the group of the one before it. Both follow from the messages alone, so their order
 * of arrival makes no difference, nor do messages that were there before.
 */
export default class Timeline {
  constructor(element) {
    this.element = element
  }

  arrange() {
    let previous = null
    for (const article of this.element.querySelectorAll("article[data-author-id]")) {
      put(markBetween(previous, article), article)
      previous = article
    }
    for (const mark of this.element.querySelectorAll(".day, .joint")) {
      if (!mark.nextElementSibling?.matches("article")) mark.remove()
    }
  }
}

function markBetween(previous, article) {
  if (!previous || dayOf(timeOf(previous)) !== dayOf(timeOf(article))) return day(timeOf(article))
  return belongTogether(previous, article) ? joint() : null
}

function belongTogether(previous, article) {
  const sameAuthor = previous.dataset.authorId === article.dataset.authorId
  return sameAuthor && Math.abs(timeOf(article) - timeOf(previous)) <= TOGETHER
}

function timeOf(article) {
  return new Date(article.querySelector("time").dateTime)
}

function day(at) {
  const mark = document.createElement("h2")
  mark.className = "day"
  mark.textContent = wordsFor(at)
  return mark
}

function joint() {
  const mark = document.createElement("span")
  mark.className = "joint"
  mark.hidden = true
  return mark
}

// Keeps the marks that are right already, so that a second run changes nothing.
function put(mark, article) {
  let found = article.previousElementSibling
  while (found?.matches(".day, .joint")) {
    const before = found.previousElementSibling
    if (mark?.isEqualNode(found)) mark = null
    else found.remove()
    found = before
  }
  if (mark) article.before(mark)
}
