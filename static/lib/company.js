/**
 * Who is here, as the server said last. It outlives the visits of this document, so that marks do not blink between
 * pages. `known` maps the names of the page's streams to ids of people; null where nobody knows.
 */
class Company extends EventTarget {
  known = null
  told = false

  tell(known) {
    this.known = known
    this.told = true
    this.dispatchEvent(new Event("change"))
  }

  /**
   * Whether this person is here, according to `stream`, or else to any stream. Undefined where the server has not said.
   */
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
