const NEAR = 80 // px from the end that count as being at the end
const MARGIN = 16 // px above an element shown at the top

const keeping = new WeakSet() // scrollers in which a change above the reader's place has just begun

/** Whether a change keeps the reader's place until the end of this turn. */
export function isKeepingPlace(scroller) {
  return keeping.has(scroller)
}

/**
 * Keeps a reader who is at the end of `scroller` at the end, whatever grows or shrinks: the messages, the composer
 * below, the keyboard of a phone. A reader further up stays there. `changed()` is called whenever one becomes the
 * other. While `hasMore()`, there is more to load below, and nobody is at the end.
 */
export default class Scroll {
  constructor(scroller, { changed, hasMore }) {
    Object.assign(this, { scroller, changed, hasMore })
    this.sizes = new ResizeObserver(() => this.follow())
  }

  start() {
    this.scroller.style.overflowAnchor = "none" // the browser's own correction would come on top of ours
    this.scroller.addEventListener("scroll", this.scrolled, { passive: true })
    window.visualViewport?.addEventListener("resize", this.follow)
    this.sizes.observe(this.scroller)
    for (const child of this.scroller.children) this.sizes.observe(child)
    this.toEnd()
  }

  stop() {
    this.scroller.removeEventListener("scroll", this.scrolled)
    window.visualViewport?.removeEventListener("resize", this.follow)
    this.sizes.disconnect()
  }

  observe(child) {
    this.sizes.observe(child)
  }

  toEnd() {
    this.atEnd = !this.hasMore()
    this.follow()
    this.changed()
  }

  /** Shows `element` near the top, unless it is in sight together with the end. */
  toTop(element) {
    const below = element.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top
    if (below >= 0) return
    this.scroller.scrollTop += below - MARGIN
    this.top = this.scroller.scrollTop
    this.atEnd = false
    this.changed()
  }

  /** Shows `element` with some of what comes before it. */
  toMiddle(element) {
    const { top, height } = element.getBoundingClientRect()
    const above = Math.max(MARGIN, (this.scroller.clientHeight - height) / 3)
    this.scroller.scrollTop += top - this.scroller.getBoundingClientRect().top - above
    this.top = this.scroller.scrollTop
    this.atEnd = this.isNearEnd
    this.changed()
  }

  follow = () => {
    if (!this.atEnd) return
    this.scroller.scrollTop = this.scroller.scrollHeight
    this.top = this.scroller.scrollTop
  }

  /**
   * Changes what is above the reader's place without moving that. Measures once everybody who observes the change has
   * added to it, because measuring a long list takes a layout.
   */
  keepingPlace(change) {
    const { scrollHeight, scrollTop } = this.scroller
    keeping.add(this.scroller)
    change()
    queueMicrotask(() => {
      keeping.delete(this.scroller)
      if (!this.atEnd) this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight
      this.top = this.scroller.scrollTop
    })
  }

  // Only moving up leaves the end: when messages arrive faster than scroll events, the distance alone would also say
  // so.
  scrolled = () => {
    const { scrollTop } = this.scroller
    const before = this.atEnd
    if (this.isNearEnd) this.atEnd = true
    else if (scrollTop < this.top) this.atEnd = false
    this.top = scrollTop
    if (this.atEnd !== before) this.changed()
  }

  get isNearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller
    return !this.hasMore() && scrollHeight - clientHeight - scrollTop <= NEAR
  }
}

/**
 * The first message below the upper edge of `scroller`. Messages are in order, so it asks only a few for their place.
 */
export function firstInSight(scroller) {
  const { top } = scroller.getBoundingClientRect()
  const articles = scroller.querySelectorAll("article")
  let from = 0
  let to = articles.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (articles[middle].getBoundingClientRect().bottom > top) to = middle
    else from = middle + 1
  }
  return articles[from] ?? null
}

/** Lets `change` alter the width of `scroller`, and keeps `element`, or else the first message in sight, where it is. */
export function keepingInSight(scroller, element, change) {
  const { top, bottom } = scroller.getBoundingClientRect()
  const isSeen = (one) => one.getBoundingClientRect().bottom > top && one.getBoundingClientRect().top < bottom
  const kept = element && isSeen(element) ? element : firstInSight(scroller)
  const before = kept?.getBoundingClientRect().top
  change()
  const moved = kept ? kept.getBoundingClientRect().top - before : 0
  if (moved) scroller.scrollTop += moved // setting it would end the momentum of a finger's scroll
}
