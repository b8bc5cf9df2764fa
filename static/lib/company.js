/**
 * Who is here, as the server said last. It outlives the visits of this document, so that marks do not blink between pages.
 * `known` has the ids of people by the names of the page's streams; null where nobody knows.
 */
class Company extends EventTarget {
  known = null
  told = false

  tell(known) {
    this.known = known
    this.told = true
    this.dispatchEvent(new Event("change"))
  }

  /** Whether this person is here: as the people of `stream` are told, or of any. Undefined where that was never said. */
  has(id, stream) {
    if (this.known === null) return this.told ? null : undefined
    if (stream && !(stream in this.known)) return undefined
    return Object.values(this.known).some((ids) => ids.includes(id))
  }

  /** How many people of `stream` are here, besides the reader. */
  count(stream) {
    return this.known?.[stream]?.length ?? 0
  }
}

export default new Company()
