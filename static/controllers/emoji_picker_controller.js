import { Controller } from "@hotwired/stimulus"
import { emojiList } from "lib/emoji_source"
import { beside } from "lib/placement"
import { recentEmoji, rememberEmoji } from "lib/recent_emoji"

const LOADING = "Loading…"
const FAILED = "The list did not arrive. Close this and try again."

// The picker of all emoji. It opens for the message whose "React" was chosen, and loads its list when it is first opened.
export default class extends Controller {
  static targets = ["form", "recent", "note"]
  static values = { url: String }

  connect() {
    document.addEventListener("pointerdown", this.pressed)
    document.addEventListener("click", this.clicked)
  }

  disconnect() {
    document.removeEventListener("pointerdown", this.pressed)
    document.removeEventListener("click", this.clicked)
  }

  // A press beside the picker closes it. On the link that opened it, the click that follows must not open it again.
  pressed = () => (this.pressedFor = this.isOpen ? this.link : null)

  clicked = (event) => {
    const link = event.target.closest?.("a[data-react]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    if (link !== this.pressedFor || event.detail === 0) this.open(link)
  }

  open(link) {
    this.link = link
    this.message = link.closest("article").id
    this.formTarget.action = link.href.replace(/\/new$/, "")
    const anchor = link.getBoundingClientRect()
    this.element.showPopover()
    this.dispatch("opened")
    this.showRecent()
    beside(this.element, anchor)
    this.begin()
    this.load()
  }

  // On a touch screen no text field takes the focus: the keyboard would cover the emoji that most people choose.
  begin() {
    const first = matchMedia("(hover: hover)").matches ? this.element.querySelector("input") : this.formTarget.querySelector("button")
    first.focus({ preventScroll: true })
  }

  async load() {
    if (this.formTarget.querySelector(".emoji-list__all")) return
    Object.assign(this.noteTarget, { textContent: LOADING, hidden: false })
    try {
      const list = await emojiList(this.urlValue)
      if (this.formTarget.querySelector(".emoji-list__all")) return
      this.noteTarget.before(list)
      this.noteTarget.hidden = true
      this.showRecent()
      this.dispatch("loaded")
    } catch {
      this.noteTarget.textContent = FAILED
    }
  }

  remember({ submitter }) {
    if (submitter.parentElement.matches(".emoji-list__grid--usual")) return
    rememberEmoji(submitter.value)
  }

  showRecent() {
    const buttons = recentEmoji().map((emoji) => this.formTarget.querySelector(`.emoji-list__all [value="${CSS.escape(emoji)}"]`))
    const copies = buttons.filter((button) => button).map((button) => button.cloneNode(true))
    this.recentTarget.querySelector(".emoji-list__grid").replaceChildren(...copies)
    this.recentTarget.hidden = copies.length === 0
  }

  // The browser gives the focus back to the link, unless that is gone, or is in a closed menu.
  toggled({ newState }) {
    if (newState !== "closed" || document.activeElement !== document.body) return
    const message = document.getElementById(this.message)
    const more = message?.querySelector(".actions__more")
    const next = more?.getClientRects().length ? more : message
    next?.focus({ preventScroll: true })
  }

  get isOpen() {
    return this.element.matches(":popover-open")
  }
}
