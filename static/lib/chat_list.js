import { hasDraft } from "lib/drafts"
import { newestMention, pairs, sum, unread, words } from "lib/unread"

const MOVE = { duration: 180, easing: "ease-out" } // ms

/**
 * The list of chats as one reader sees it. Heads arrive the same for everybody, and marks arrive apart from them. This
 * adds what follows from both: the order, the counts, and which chat is open.
 */
export default class ChatList {
  constructor(element, readerId) {
    Object.assign(this, { element, readerId })
  }

  /**
   * Writes only what has changed. Returns the unread messages of all chats but muted ones, in words, and whether a
   * mention is new.
   */
  update() {
    const lines = [...this.element.children].map((item) => this.line(item))
    for (const line of lines) this.fill(line)
    const sorted = [...lines].sort(byPlace).map(({ item }) => item)
    if (sorted.some((item, n) => item !== this.element.children[n])) this.arrange(sorted)
    const counted = lines.filter(({ item, muted }) => !item.hidden && !muted)
    const count = words(sum(counted.map((line) => line.unread)))
    const lookedId = Number(this.element.dataset.lookedId)
    return { count, mentions: lines.some(({ mention, mark }) => mention > Math.max(mark, lookedId)) }
  }

  line(item) {
    const head = item.querySelector("[data-head]")
    const { readId, seenId = 0, mentionedId, favourite, muted } = item.querySelector("[data-read-id]").dataset
    const newest = pairs(head.dataset.newest)
    // Messages that this page has just shown count as read until the server says what is read.
    const mark = Math.max(Number(readId), Number(seenId))
    const mention = newestMention(Number(mentionedId), head.dataset.forAll ?? "", this.readerId)
    const own = { favourite: favourite !== undefined, muted: muted !== undefined }
    return { item, head, newest, mark, mention, ...own, unread: unread(newest, this.readerId, mark) }
  }

  fill({ item, head, mark, mention, favourite, muted, unread }) {
    item.hidden = head.hasAttribute("data-archived")
    item.toggleAttribute("data-favourite", favourite)
    item.toggleAttribute("data-muted", muted)
    write(item.querySelector(".chats__own"), [favourite && "Favourite", muted && "Muted"].filter(Boolean).join(", "))
    const count = words(unread)
    item.toggleAttribute("data-unread", count !== "")
    write(item.querySelector(".chats__unread"), count, " unread")
    item.toggleAttribute("data-mentioned", mention > mark)
    write(item.querySelector(".chats__mention"), mention > mark ? "@" : "", " mentions you")
    const drafted = !head.hasAttribute("aria-current") && hasDraft(this.readerId, `${head.pathname}/messages`)
    item.toggleAttribute("data-draft", drafted)
    write(item.querySelector(".chats__draft"), drafted ? "Draft" : "")
  }

  // The line with the focus stays where it is and the others move around it, because a moved element loses the focus.
  arrange(items) {
    const before = new Map(items.map((item) => [item, item.offsetTop]))
    const fixed = items.find((item) => item.contains(document.activeElement))
    const index = items.indexOf(fixed)
    for (const item of items.slice(0, Math.max(index, 0))) fixed.before(item)
    this.element.append(...items.slice(index + 1))
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return
    for (const [item, top] of before) glide(item, top - item.offsetTop)
  }
}

function byPlace(one, other) {
  return (
    isPressing(other) - isPressing(one) ||
    other.favourite - one.favourite ||
    newestId(other) - newestId(one) ||
    Number(other.item.dataset.chatId) - Number(one.item.dataset.chatId)
  )
}

// An unread direct chat that is not muted. models/chat_list.py has the same order.
function isPressing({ head, unread, muted }) {
  return head.hasAttribute("data-direct") && unread.count > 0 && !muted
}

function newestId({ newest }) {
  return newest[0]?.[1] ?? 0
}

function write(element, text, meaning = "") {
  if (!element) return // during a deploy the previous release sends lists without a place for some marks
  if (element.firstChild?.textContent === text || (!text && !element.firstChild)) return
  element.replaceChildren(...(text ? [text, ...(meaning ? [hidden(meaning)] : [])] : []))
}

function hidden(text) {
  const element = document.createElement("span")
  element.className = "visually-hidden"
  element.textContent = text
  return element
}

function glide(item, distance) {
  if (distance) item.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], MOVE)
}
