import { beside } from "lib/placement"

const WORDS = {
  "a[data-pin]": (article) => (article.hasAttribute("data-pinned") ? "Unpin" : "Pin"),
  "a[data-bookmark]": (article) => (article.hasAttribute("data-bookmarked") ? "Remove bookmark" : "Bookmark"),
}

// The words of the actions change while they are shown.
const changes = new MutationObserver((records) => records.forEach(({ target }) => putInWords(target)))

// Where a mouse can hover, the actions stand in a row. Elsewhere they are a menu.
const inARow = matchMedia("(hover: hover)")

/**
 * Puts the actions of a message beside it when the reader points at it, moves the focus into it or opens its menu. They
 * stand once in the page, in layouts/_actions.html, and not in each message.
 */
export function offerActions() {
  document.addEventListener("pointerover", ({ target }) => actionsOf(messageAt(target)))
  document.addEventListener("focusin", focused)
  document.addEventListener("click", chosen)
}

/** The element with the actions of a message of the page, or null where it has none. */
export function actionsOf(article) {
  const place = article?.querySelector(".actions")
  if (!place) return null
  if (place.childElementCount === 1) fill(place, article)
  return place.querySelector(".actions__list")
}

function messageAt(target) {
  return target.closest?.("article[data-message-id]")
}

function fill(place, article) {
  const template = document.getElementById("actions")
  if (!template) return
  const list = template.content.firstElementChild.cloneNode(true)
  const address = place.querySelector("a").getAttribute("href").replace(/\/actions$/, "")
  for (const link of list.querySelectorAll("a")) link.setAttribute("href", address + link.getAttribute("href"))
  layAway(list, article.hasAttribute("data-answer"))
  place.append(list)
  putInWords(article)
  changes.observe(article, { attributeFilter: ["data-pinned", "data-bookmarked"] })
}

// Beside answers, rarely used actions have a menu of their own. In the menu of a phone all actions are one list.
function layAway(list, isLong) {
  const more = list.querySelector("button")
  const rest = list.querySelector(".actions__rest")
  if (!isLong) {
    more.remove()
    rest.remove()
    return
  }
  rest.append(...list.querySelectorAll("a[data-rest]"))
  more.popoverTargetElement = rest
  rest.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") beside(rest, more.getBoundingClientRect())
  })
}

function putInWords(article) {
  for (const [selector, words] of Object.entries(WORDS)) {
    const link = article.querySelector(selector)
    if (link) link.title = link.querySelector(".actions__word").textContent = words(article)
  }
}

function focused({ target }) {
  const list = actionsOf(messageAt(target))
  if (list && inARow.matches && target.matches(".actions__more")) stepInto(list)
}

function chosen(event) {
  const more = event.target.closest?.("a.actions__more")
  const list = more && !event.metaKey && !event.ctrlKey && actionsOf(messageAt(more))
  if (!list) return
  event.preventDefault()
  if (inARow.matches) stepInto(list)
  else list.togglePopover()
}

// The row takes the place of the link, which is hidden from now on.
function stepInto(list) {
  const offered = [...list.children].find((link) => link.getClientRects().length)
  offered?.focus({ preventScroll: true })
}
