import { whenAdded } from "lib/added"
import { daysAgo, onNewDay } from "lib/days"
import { forgetFormats, inFull, words } from "lib/moments"

const MOMENTS = "time[data-moment]"
const TIME = { timeStyle: "short" }
const WEEKDAY = { weekday: "long", hour: "numeric", minute: "2-digit" }
const DATE = { dateStyle: "medium" }

/**
 * Shows moments in the reader's own zone and language, by `data-moment`. "near" shows the time alone for today, with
 * the weekday for this week, and the date for earlier days and the future. "time" shows the time alone, below a line
 * that names the day. "title" keeps the words, and only the title says when.
 */
export function localizeTimes() {
  whenAdded(MOMENTS, show)
  document.addEventListener("turbo:before-morph-element", keep)
  document.addEventListener("turbo:morph-element", ({ target }) => target.matches(MOMENTS) && show(target))
  onNewDay(() => {
    forgetFormats()
    document.querySelectorAll(MOMENTS).forEach(show)
  })
}

function show(element) {
  const at = new Date(element.dateTime)
  const { moment } = element.dataset
  if (moment !== "title") element.textContent = moment === "time" ? words(at, TIME) : near(at)
  element.title = inFull(at)
}

// A newer version of the same message comes with the server's words for the same moment.
function keep(event) {
  const { target, detail } = event
  if (target.matches(MOMENTS) && detail.newElement?.dateTime === target.dateTime) event.preventDefault()
}

function near(at) {
  const days = daysAgo(at)
  if (days < 0) return words(at, { ...DATE, ...TIME }) // still to come
  if (days === 0) return words(at, TIME)
  return days <= 6 ? words(at, WEEKDAY) : words(at, DATE)
}
